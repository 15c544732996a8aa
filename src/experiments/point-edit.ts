/**
 * A further point of the grid as a change of the experiment file's text: an entry of `"points"`, the rest left as it is
 * written. Pure; the editor makes it an edit that can be undone.
 */
import * as z from 'zod';
import type { GridPlace } from '../budget/estimate.ts';
import { pointEntry } from '../budget/planner-words.ts';

export interface TextInsertion {
  readonly offset: number;
  readonly text: string;
}

const fileSchema = z.object({
  points: z
    .array(z.object({ pretraining: z.number(), domainTokens: z.union([z.number(), z.literal('all')]) }))
    .optional(),
});

/** `undefined` when the point is there. Throws where the text is not an experiment that can be read. */
export function insertPoint(text: string, place: GridPlace): TextInsertion | undefined {
  const { points = [] } = fileSchema.parse(JSON.parse(text));
  const isThere = points.some(
    ({ pretraining, domainTokens }) =>
      pretraining === place.pretraining && domainTokens === place.domainTokens,
  );
  if (isThere) return undefined;
  const layout = layoutOf(text);
  const lineEnd = text.includes('\r\n') ? '\r\n' : '\n';
  const entry = pointEntry(place);
  if (layout.points === undefined) {
    const { lastEnd, isEmpty, indent } = layout.root;
    const start = indent === undefined ? ' ' : `${lineEnd}${indent}`;
    return { offset: lastEnd, text: `${isEmpty ? '' : ','}${start}"points": [${entry}]` };
  }
  const { lastEnd, isEmpty, indent } = layout.points;
  if (isEmpty) return { offset: lastEnd, text: entry };
  return { offset: lastEnd, text: indent === undefined ? `, ${entry}` : `,${lineEnd}${indent}${entry}` };
}

/** Of an object or a list: where its last part ends, and what its parts are indented by, where each has its line. */
interface Members {
  readonly lastEnd: number;
  readonly isEmpty: boolean;
  readonly indent: string | undefined;
}

/** Of well-formed JSON whose root is an object. */
function layoutOf(text: string): { readonly root: Members; readonly points: Members | undefined } {
  const open: number[] = [];
  let points: Members | undefined;
  let root: Members | undefined;
  let key = '';
  let keyOfList = '';
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === '"') {
      const end = endOfString(text, i);
      if (open.length === 1) key = text.slice(i + 1, end);
      i = end;
    } else if (character === '{' || character === '[') {
      if (open.length === 1) keyOfList = key;
      open.push(i);
    } else if (character === '}' || character === ']') {
      const members = membersBetween(text, open.pop() ?? 0, i);
      if (open.length === 0) root = members;
      else if (open.length === 1 && keyOfList === 'points') points = members;
    }
  }
  return { root: root ?? membersBetween(text, 0, text.length), points };
}

function membersBetween(text: string, open: number, close: number): Members {
  const inner = text.slice(open + 1, close);
  const isEmpty = inner.trim() === '';
  const lastEnd = open + 1 + (isEmpty ? 0 : inner.trimEnd().length);
  return { lastEnd, isEmpty, indent: /^[ \t]*\r?\n([ \t]*)\S/.exec(inner)?.[1] };
}

function endOfString(text: string, start: number): number {
  let i = start + 1;
  while (i < text.length && text[i] !== '"') i += text[i] === '\\' ? 2 : 1;
  return i;
}
