/**
 * The frames between us and Python (engine.py has the other side): the length of a header in four bytes, little endian, the
 * header as JSON, and as many bytes as its `bytes` says.
 */
import type { Readable } from 'node:stream';
import * as z from 'zod';

export interface Answer {
  readonly header: Readonly<Record<string, unknown>>;
  /** A copy of its own. */
  readonly payload: Uint8Array<ArrayBuffer>;
}

const LENGTH_BYTES = 4;
const LONGEST_HEADER = 2 ** 24;
const bytesSchema = z.number().int().nonnegative();

/** A frame in parts. */
export function frame(
  header: Readonly<Record<string, unknown>>,
  payload: readonly (Float32Array | Int32Array)[],
): readonly Buffer[] {
  const parts = payload.map(({ buffer, byteOffset, byteLength }) =>
    Buffer.from(buffer, byteOffset, byteLength),
  );
  const bytes = parts.reduce((sum, { length }) => sum + length, 0);
  const text = Buffer.from(JSON.stringify({ ...header, bytes }));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32LE(text.length);
  return [length, text, ...parts];
}

/** Calls `found` with each frame of a stream, and once `broken`, with the reason, when something else comes. */
export function readFrames(
  stream: Readable,
  found: (answer: Answer) => void,
  broken: (reason: string) => void,
): void {
  const reader = new FrameReader(found);
  const take = (chunk: Buffer): void => {
    try {
      reader.take(chunk);
    } catch {
      stream.off('data', take).resume();
      const text = JSON.stringify(chunk.subarray(0, 40).toString());
      broken(`wrote something that is no answer (${text}); is it a script that greets?`);
    }
  };
  stream.on('data', take);
}

class FrameReader {
  readonly #found: (answer: Answer) => void;
  #part: 'length' | 'header' | 'payload' = 'length';
  #header: Readonly<Record<string, unknown>> = {};
  #buffer = new Uint8Array(LENGTH_BYTES);
  #filled = 0;

  constructor(found: (answer: Answer) => void) {
    this.#found = found;
  }

  /** Throws when what comes is no frame. */
  take(chunk: Buffer): void {
    let start = 0;
    while (start < chunk.length) {
      const end = Math.min(chunk.length, start + this.#buffer.length - this.#filled);
      this.#buffer.set(chunk.subarray(start, end), this.#filled);
      this.#filled += end - start;
      start = end;
      // A payload may have no bytes.
      while (this.#filled === this.#buffer.length) this.#finish();
    }
  }

  #finish(): void {
    if (this.#part === 'length') {
      const length = new DataView(this.#buffer.buffer).getUint32(0, true);
      if (length > LONGEST_HEADER) throw new RangeError('no header is that long');
      this.#begin('header', length);
    } else if (this.#part === 'header') {
      this.#header = JSON.parse(Buffer.from(this.#buffer).toString());
      this.#begin('payload', bytesSchema.parse(this.#header.bytes));
    } else {
      const answer = { header: this.#header, payload: this.#buffer };
      this.#begin('length', LENGTH_BYTES);
      this.#found(answer);
    }
  }

  #begin(part: 'length' | 'header' | 'payload', bytes: number): void {
    this.#part = part;
    this.#buffer = new Uint8Array(bytes);
    this.#filled = 0;
  }
}
