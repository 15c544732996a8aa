/**
 * A text in pieces that are scored one after the other, so that a score can be given up between two, what is in sight
 * comes first, and an edit leaves most pieces as they were: where a piece ends depends on the lines near its end, not on
 * how many came before. Pure.
 */

/** UTF-16 units of the whole text. */
export interface Piece {
  readonly start: number;
  readonly end: number;
  /** The text from here to `start` is scored with it, so that its first words are not surprising for want of a context. */
  readonly from: number;
}

/** A piece is at least 2 and at most 6 times its lead-in: a third of the work at most is for what is thrown away. */
const least = 2;
const most = 6;
/** One line in so many may end a piece that is long enough. */
const boundaryEvery = 8;

/** Pieces that together are the text, each at most six times `leadIn` long. Only a longer line is cut in the middle. */
export function piecesOf(text: string, leadIn: number): readonly Piece[] {
  const pieces: Piece[] = [];
  for (let start = 0; start < text.length; ) {
    const end = endOfPiece(text, start, leadIn);
    pieces.push({ start, end, from: beginningOf(text, start, leadIn) });
    start = end;
  }
  return pieces;
}

/** The pieces in the order in which they are wanted: the one at an offset, those after it, then those before it. */
export function inOrderFrom(pieces: readonly Piece[], offset: number): readonly Piece[] {
  const first = pieces.findIndex(({ end }) => end > offset);
  return first < 0 ? pieces : [...pieces.slice(first), ...pieces.slice(0, first)];
}

function endOfPiece(text: string, start: number, leadIn: number): number {
  for (let line = start; ; ) {
    const newline = text.indexOf('\n', line);
    const end = newline < 0 ? text.length : newline + 1;
    if (end - start > most * leadIn) return line > start ? line : cutWithin(text, start, most * leadIn);
    if (end === text.length) return end;
    if (end - start >= least * leadIn && mayEnd(text, line, end)) return end;
    line = end;
  }
}

/** Behind the last white space of the second half of what fits, or else where a character ends. */
function cutWithin(text: string, start: number, length: number): number {
  for (let at = start + length; at > start + length / 2; at--) if (isSpace(text, at - 1)) return at;
  return isInsideCharacter(text, start + length) ? start + length - 1 : start + length;
}

function beginningOf(text: string, start: number, leadIn: number): number {
  const earliest = start - leadIn;
  if (earliest <= 0) return 0;
  for (let at = earliest; at < start; at++) if (isSpace(text, at - 1)) return at;
  return isInsideCharacter(text, earliest) ? earliest + 1 : earliest;
}

/** Drawn from the line's own text (FNV-1a), so that the same line ends a piece wherever it stands. */
function mayEnd(text: string, start: number, end: number): boolean {
  let hash = 0x811c9dc5;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return (hash >>> 0) % boundaryEvery === 0;
}

const isSpace = (text: string, at: number): boolean => /\s/.test(text.charAt(at));

/** Between the two halves of a character outside of the basic plane. */
function isInsideCharacter(text: string, at: number): boolean {
  return /^[\uD800-\uDBFF][\uDC00-\uDFFF]$/.test(text.slice(at - 1, at + 1));
}
