/**
 * Places of a text as lines and characters, and how they move with edits. An editor counts so, whatever the line ends are;
 * labels count characters of the text with LF line ends.
 */
import type { Span } from '../../corpus/labels/passages.ts';

/** Both from 0; characters are UTF-16 code units. */
export interface Place {
  readonly line: number;
  readonly character: number;
}

export interface PlaceSpan {
  readonly start: Place;
  readonly end: Place;
}

/** The text between two places is replaced. */
export interface TextChange extends PlaceSpan {
  readonly text: string;
}

/** Where the lines of a text with LF line ends begin. */
export class Lines {
  readonly #starts: number[] = [0];

  constructor(text: string) {
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.#starts.push(at + 1);
  }

  placeAt(offset: number): Place {
    let low = 0;
    let high = this.#starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.#starts[middle] <= offset) low = middle;
      else high = middle;
    }
    return { line: low, character: offset - this.#starts[low] };
  }

  offsetAt({ line, character }: Place): number {
    const last = this.#starts.length - 1;
    return this.#starts[Math.min(line, last)] + character;
  }

  placesOf({ start, end }: Span): PlaceSpan {
    return { start: this.placeAt(start), end: this.placeAt(end) };
  }

  offsetsOf({ start, end }: PlaceSpan): Span {
    return { start: this.offsetAt(start), end: this.offsetAt(end) };
  }
}

/** Below 0 when `a` comes first, above when `b` does. */
export function comparePlaces(a: Place, b: Place): number {
  return a.line - b.line || a.character - b.character;
}

/** Whether the text of a span changed, or text was put into it. At its very edges it is not. */
export function touches(change: TextChange, span: PlaceSpan): boolean {
  return comparePlaces(change.start, span.end) < 0 && comparePlaces(change.end, span.start) > 0;
}

/** Whether a change replaces all of a span's text. */
export function covers(change: TextChange, span: PlaceSpan): boolean {
  return (
    touches(change, span) &&
    comparePlaces(change.start, span.start) <= 0 &&
    comparePlaces(change.end, span.end) >= 0
  );
}

/** Where a span is after a change. What is typed at its edges stays outside. */
export function moveSpan(span: PlaceSpan, change: TextChange): PlaceSpan {
  if (comparePlaces(change.start, span.end) >= 0) return span;
  const isBefore = comparePlaces(change.end, span.start) <= 0;
  const cutsStart = comparePlaces(change.start, span.start) < 0;
  const moved = {
    start: isBefore || cutsStart ? movePlace(span.start, change) : span.start,
    end: movePlace(span.end, change),
  };
  return comparePlaces(moved.start, moved.end) <= 0 ? moved : { start: moved.end, end: moved.end };
}

function movePlace(place: Place, { start, end, text }: TextChange): Place {
  const after = endOf(start, text);
  if (comparePlaces(place, end) <= 0) return after;
  return {
    line: place.line + after.line - end.line,
    character: place.line === end.line ? place.character + after.character - end.character : place.character,
  };
}

/** Where a text ends that begins at a place. */
function endOf(start: Place, text: string): Place {
  const lines = text.split(/\r\n|\r|\n/);
  const last = lines[lines.length - 1].length;
  const line = start.line + lines.length - 1;
  return { line, character: lines.length === 1 ? start.character + last : last };
}
