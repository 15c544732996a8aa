/** Splits a stream into lines, as bytes: a line longer than a limit is passed over, not held. */
import { markedEncoding } from './encodings.ts';

export interface Line {
  /** From 1, as an editor counts: LF, CRLF and CR alone end a line. */
  readonly number: number;
  /** Without its end; absent for a line that is too long. */
  readonly bytes?: Buffer;
}

const lineFeed = 10;
const carriageReturn = 13;

export class LineSplitter {
  readonly #limitBytes: number;
  #encoding: ReturnType<typeof markedEncoding> | undefined;
  #parts: Buffer[] = [];
  #length = 0;
  /** Half a UTF-16 unit at the end of a chunk. */
  #half: Buffer = Buffer.alloc(0);
  /** Whether the chunk before ended in a CR, so that an LF now ends the same line. */
  #endedInReturn = false;
  /** The line that is being read. */
  number = 1;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** What the byte-order mark of the stream says; lines are in this encoding. */
  get encoding(): ReturnType<typeof markedEncoding> {
    return this.#encoding ?? 'utf-8';
  }

  *push(chunk: Buffer): Generator<Line> {
    this.#encoding ??= markedEncoding(chunk);
    const bytes = this.#wholeUnits(chunk);
    const width = this.#encoding === 'utf-8' ? 1 : 2;
    let start = 0;
    let feed = this.#find(bytes, lineFeed, 0);
    let back = this.#find(bytes, carriageReturn, 0);
    if (this.#endedInReturn && bytes.length > 0) {
      this.#endedInReturn = false;
      if (feed === 0) start = width;
    }
    for (;;) {
      if (feed >= 0 && feed < start) feed = this.#find(bytes, lineFeed, start);
      if (back >= 0 && back < start) back = this.#find(bytes, carriageReturn, start);
      const end = feed < 0 || (back >= 0 && back < feed) ? back : feed;
      if (end < 0) break;
      this.#hold(bytes.subarray(start, end));
      yield this.#take();
      start = end + width;
      if (end !== back) continue;
      if (start === bytes.length) this.#endedInReturn = true;
      else if (feed === start) start += width;
    }
    this.#hold(bytes.subarray(start));
  }

  *end(): Generator<Line> {
    this.#hold(this.#half);
    if (this.#length > 0) yield this.#take();
  }

  #wholeUnits(chunk: Buffer): Buffer {
    if (this.#encoding === 'utf-8') return chunk;
    const bytes = Buffer.concat([this.#half, chunk]);
    const end = bytes.length - (bytes.length % 2);
    this.#half = bytes.subarray(end);
    return bytes.subarray(0, end);
  }

  /** Where an ASCII character stands at or after a place; -1 when it does not. */
  #find(bytes: Buffer, code: number, from: number): number {
    let at = bytes.indexOf(code, from);
    if (this.#encoding === 'utf-8') return at;
    const low = this.#encoding === 'utf-16le' ? 0 : 1;
    while (at >= 0 && !(at % 2 === low && bytes[low === 0 ? at + 1 : at - 1] === 0))
      at = bytes.indexOf(code, at + 1);
    return at < 0 ? at : at - low;
  }

  #hold(part: Buffer): void {
    this.#length += part.length;
    if (this.#length > this.#limitBytes) this.#parts = [];
    else if (part.length > 0) this.#parts.push(part);
  }

  #take(): Line {
    const number = this.number++;
    const line =
      this.#length > this.#limitBytes
        ? { number }
        : { number, bytes: this.#parts.length === 1 ? this.#parts[0] : Buffer.concat(this.#parts) };
    this.#parts = [];
    this.#length = 0;
    return line;
  }
}
