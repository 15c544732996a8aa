/**
 * Passages of a file that carry a label of their own. A passage is anchored by its text and its position:
 * after edits elsewhere it is found again, nearest to where it was; after an edit inside it, it is reported
 * as lost. It is never guessed, by likeness or because the same words stand elsewhere too: a held-out passage put
 * in the wrong place would let the right one into training.
 */
import { sha256 } from '../../common/hash.ts';
import type { PassageAnchor } from './labels.ts';

/** Passages up to this many UTF-16 code units are quoted whole; longer ones by head, length and hash. */
const quoteLimit = 400;
const headLength = 64;
const contextLength = 32;
/** From this many UTF-16 code units on a text that stands once is known without its surroundings; a shorter one may be repeated. */
const tellingLength = 60;

/** Raised when the same anchor may be placed otherwise, so that texts cut by the old rules are not taken over. */
export const placingVersion = 2;

/** The text that offsets count in: without byte-order mark, with LF for each line end that an editor sees (CRLF, LF, CR). */
export function normalizeText(text: string): string {
  return text.replace(/^\uFEFF/, '').replaceAll(/\r\n?/g, '\n');
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

/** Half the text that is looked at first around the old place; it is doubled until the passage is found. */
const firstReach = 1024;

/**
 * Where a passage is now, or `undefined` when its text is no longer there, or stands only where nothing tells that it is the
 * same. The nearest place with the same surroundings wins over all others, so the text around the old place is looked at
 * first; the whole text only without such a place.
 */
export function placePassage(text: string, anchor: PassageAnchor): Span | undefined {
  const span = placeWithSurroundings(text, anchor) ?? placeAnywhere(text, anchor);
  return span !== undefined && isKnownAgain(text, anchor, span) ? span : undefined;
}

/**
 * Whether a place of the passage's text is more than some place where the same words stand: it never moved, it has one of its
 * surroundings, or its text is long and stands there alone. Blank surroundings tell nothing, but at an end of the text.
 */
function isKnownAgain(text: string, anchor: PassageAnchor, { start, end }: Span): boolean {
  const { prefix, suffix, offset } = anchor;
  const before = hasPrefix(text, anchor, start);
  const after = hasSuffix(text, anchor, start);
  if (before && (prefix.trim() !== '' || start === prefix.length)) return true;
  if (after && (suffix.trim() !== '' || end + suffix.length === text.length)) return true;
  if (before && after && start === offset) return true;
  return end - start >= tellingLength && findPassage(text, anchor, 2).length === 1;
}

/** All places of a passage's text, at most `limit` of them. */
export function findPassage(text: string, anchor: PassageAnchor, limit: number): readonly Span[] {
  const found: Span[] = [];
  for (const span of occurrences(text, anchor)) if (found.push(span) >= limit) break;
  return found;
}

/** Whether a passage's text stands at an offset. */
export function passageStandsAt(text: string, anchor: PassageAnchor, start: number): boolean {
  return text.startsWith(needleOf(anchor), start) && hasItsText(text, anchor, start);
}

function placeWithSurroundings(text: string, anchor: PassageAnchor): Span | undefined {
  const length = lengthOf(anchor);
  const fits = (start: number) =>
    contextsAround(text, anchor, start) === 2 && hasItsText(text, anchor, start)
      ? { start, end: start + length }
      : undefined;
  if (text.startsWith(needleOf(anchor), anchor.offset)) {
    const unmoved = fits(anchor.offset);
    if (unmoved !== undefined) return unmoved;
  }
  for (let reach = firstReach; ; reach *= 2) {
    const from = Math.max(0, anchor.offset - reach);
    const near = nearestFirst(
      startsWithin(text, needleOf(anchor), from, anchor.offset + reach),
      anchor.offset,
    );
    for (const start of near) {
      const span = fits(start);
      if (span !== undefined) return span;
    }
    if (from === 0 && anchor.offset + reach >= text.length) return undefined;
  }
}

/** Where `needle` begins from `from` up to and with `last`, in order. */
function startsWithin(text: string, needle: string, from: number, last: number): number[] {
  const part = text.slice(from, last + needle.length);
  const starts: number[] = [];
  for (let at = part.indexOf(needle); at >= 0; at = part.indexOf(needle, at + 1)) starts.push(from + at);
  return starts;
}

/** By distance; of two at the same distance the earlier first. `starts` rise. */
function* nearestFirst(starts: readonly number[], offset: number): Generator<number> {
  let right = starts.findIndex((start) => start > offset);
  if (right < 0) right = starts.length;
  let left = right - 1;
  while (left >= 0 || right < starts.length) {
    const goLeft = right >= starts.length || (left >= 0 && offset - starts[left] <= starts[right] - offset);
    yield starts[goLeft ? left-- : right++];
  }
}

function placeAnywhere(text: string, anchor: PassageAnchor): Span | undefined {
  let best: Span | undefined;
  let bestScore: readonly [contexts: number, distance: number] = [-1, 0];
  for (const span of occurrences(text, anchor)) {
    const contexts = contextsAround(text, anchor, span.start);
    const distance = Math.abs(span.start - anchor.offset);
    if (contexts > bestScore[0] || (contexts === bestScore[0] && distance < bestScore[1])) {
      best = span;
      bestScore = [contexts, distance];
    }
  }
  return best;
}

/** How many of the two surroundings are the old ones. */
function contextsAround(text: string, anchor: PassageAnchor, start: number): number {
  return Number(hasPrefix(text, anchor, start)) + Number(hasSuffix(text, anchor, start));
}

function hasPrefix(text: string, { prefix }: PassageAnchor, start: number): boolean {
  return text.slice(Math.max(0, start - prefix.length), start) === prefix;
}

function hasSuffix(text: string, anchor: PassageAnchor, start: number): boolean {
  return text.startsWith(anchor.suffix, start + lengthOf(anchor));
}

const needleOf = (anchor: PassageAnchor): string => anchor.quote ?? anchor.head ?? '';
const lengthOf = (anchor: PassageAnchor): number => anchor.length ?? needleOf(anchor).length;

/** Whether the passage goes on from its first characters, which stand there, as it did. */
function hasItsText(text: string, anchor: PassageAnchor, start: number): boolean {
  const end = start + lengthOf(anchor);
  if (end > text.length) return false;
  return anchor.quote !== undefined || sha256(text.slice(start, end)) === anchor.sha256;
}

function* occurrences(text: string, anchor: PassageAnchor): Generator<Span> {
  const needle = needleOf(anchor);
  const length = lengthOf(anchor);
  for (let start = text.indexOf(needle); start >= 0; start = text.indexOf(needle, start + 1)) {
    const end = start + length;
    if (end > text.length) return;
    if (hasItsText(text, anchor, start)) yield { start, end };
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
