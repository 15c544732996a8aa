/**
 * Passages of a file that carry a label of their own. A passage is anchored by its text and its position:
 * after edits elsewhere it is found again, nearest to where it was; after an edit inside it, it is reported
 * as lost. It is never guessed by likeness: a held-out passage put in the wrong place would let the right
 * one into training.
 */
import { sha256 } from '../common/hash.ts';
import type { PassageAnchor } from './labels.ts';

/** Passages up to this many UTF-16 code units are quoted whole; longer ones by head, length and hash. */
const quoteLimit = 400;
const headLength = 64;
const contextLength = 32;

/** The text that offsets count in: without byte-order mark, with LF line ends. */
export function normalizeText(text: string): string {
  return text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
}

/** The anchor of `text.slice(start, end)`; `text` is normalized, offsets are UTF-16 code units. */
export function anchorPassage(text: string, start: number, end: number): PassageAnchor {
  const passage = text.slice(start, end);
  const around = {
    prefix: text.slice(Math.max(0, start - contextLength), start),
    suffix: text.slice(end, end + contextLength),
    offset: start,
  };
  if (passage.length <= quoteLimit) return { quote: passage, ...around };
  return { head: passage.slice(0, headLength), length: passage.length, sha256: sha256(passage), ...around };
}

export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Where a passage is now, or `undefined` when its text is no longer there. */
export function placePassage(text: string, anchor: PassageAnchor): Span | undefined {
  let best: Span | undefined;
  let bestScore: readonly [contexts: number, distance: number] = [-1, 0];
  for (const span of occurrences(text, anchor)) {
    const contexts =
      Number(text.slice(Math.max(0, span.start - anchor.prefix.length), span.start) === anchor.prefix) +
      Number(text.slice(span.end, span.end + anchor.suffix.length) === anchor.suffix);
    const distance = Math.abs(span.start - anchor.offset);
    if (contexts > bestScore[0] || (contexts === bestScore[0] && distance < bestScore[1])) {
      best = span;
      bestScore = [contexts, distance];
    }
  }
  return best;
}

function* occurrences(text: string, anchor: PassageAnchor): Generator<Span> {
  const needle = anchor.quote ?? anchor.head ?? '';
  const length = anchor.length ?? needle.length;
  for (let start = text.indexOf(needle); start >= 0; start = text.indexOf(needle, start + 1)) {
    const end = start + length;
    if (end > text.length) return;
    if (anchor.quote !== undefined || sha256(text.slice(start, end)) === anchor.sha256) yield { start, end };
  }
}

export interface LabelledSpan<Value> extends Span {
  readonly value: Value;
}

/**
 * Cuts a text of a length into spans that carry one value each. Where painted spans overlap, the one with
 * the higher rank holds.
 */
export function paintSpans<Value>(
  length: number,
  base: Value,
  painted: readonly LabelledSpan<Value>[],
  rank: (value: Value) => number,
): readonly LabelledSpan<Value>[] {
  const edges = new Set([0, length, ...painted.flatMap((span) => [span.start, span.end])]);
  const cuts = [...edges].sort((a, b) => a - b);
  const result: LabelledSpan<Value>[] = [];
  for (let i = 0; i + 1 < cuts.length; i++) {
    const [start, end] = [cuts[i], cuts[i + 1]];
    const over = painted.filter((span) => span.start <= start && span.end >= end);
    const top = over.reduce<LabelledSpan<Value> | undefined>(
      (best, span) => (best === undefined || rank(span.value) > rank(best.value) ? span : best),
      undefined,
    );
    const value = top === undefined ? base : top.value;
    const last = result.at(-1);
    if (last !== undefined && last.value === value) result[result.length - 1] = { ...last, end };
    else result.push({ start, end, value });
  }
  return result;
}
