/**
 * What an experiment is extended by, as a change of its file's text: a further point of the grid, an entry of `"points"`, or a
 * further seed, an entry of `"seeds"`; the rest is left as it is written. Pure; the editor makes it an edit that can be undone.
 */
import * as z from 'zod';
import { pointEntry } from '../../budget/planner/planner-words.ts';
import type { GridPlace } from '../../budget/prediction/estimate.ts';

export interface TextInsertion {
  readonly offset: number;
  readonly text: string;
}

const fileSchema = z.object({
  points: z
    .array(z.object({ pretraining: z.number(), domainTokens: z.union([z.number(), z.literal('all')]) }))
    .optional(),
  seeds: z.array(z.number()).optional(),
});

/** `undefined` when the point is there. Throws where the text is not an experiment that can be read. */
export function insertPoint(text: string, place: GridPlace): TextInsertion | undefined {
  const { points = [] } = fileSchema.parse(JSON.parse(text));
  const isThere = points.some(
    ({ pretraining, domainTokens }) =>
      pretraining === place.pretraining && domainTokens === place.domainTokens,
  );
  return isThere ? undefined : insertEntries(text, 'points', [pointEntry(place)]);
}

/**
 * `known` are the experiment's seeds, which the file need not list: its preset may. `undefined` when the seed is there.
 * Throws where the text is not an experiment that can be read.
 */
export function insertSeed(text: string, seed: number, known: readonly number[]): TextInsertion | undefined {
  const { seeds } = fileSchema.parse(JSON.parse(text));
  if ((seeds ?? known).includes(seed)) return undefined;
  return insertEntries(text, 'seeds', (seeds === undefined ? [...known, seed] : [seed]).map(String));
}

/** At the end of a list of the file, which is made as its last setting where there is none. */
function insertEntries(text: string, name: string, entries: readonly string[]): TextInsertion {
  const layout = layoutOf(text, name);
  const lineEnd = text.includes('\r\n') ? '\r\n' : '\n';
  const joined = entries.join(', ');
  if (layout.list === undefined) {
    const { lastEnd, isEmpty, indent } = layout.root;
    const start = indent === undefined ? ' ' : `${lineEnd}${indent}`;
    return { offset: lastEnd, text: `${isEmpty ? '' : ','}${start}"${name}": [${joined}]` };
  }
  const { lastEnd, isEmpty, indent } = layout.list;
  if (isEmpty) return { offset: lastEnd, text: joined };
  return { offset: lastEnd, text: indent === undefined ? `, ${joined}` : `,${lineEnd}${indent}${joined}` };
}

/** Of an object or a list: where its last part ends, and what its parts are indented by, where each has its line. */
interface Members {
  readonly lastEnd: number;
  readonly isEmpty: boolean;
  readonly indent: string | undefined;
}

/** Of well-formed JSON whose root is an object, and of the list that has this name in it. */
function layoutOf(
  text: string,
  name: string,
): { readonly root: Members; readonly list: Members | undefined } {
  const open: number[] = [];
  let list: Members | undefined;
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
      else if (open.length === 1 && keyOfList === name) list = members;
    }
  }
  return { root: root ?? membersBetween(text, 0, text.length), list };
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
