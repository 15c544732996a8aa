/** Texts of a JSONL file, plain or gzipped, streamed: a line longer than the limit is passed over, not held. */
import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { systemErrorCode } from '../common/errors.ts';
import type { Limits } from './cleaning.ts';
import type { RecordText } from './extraction.ts';
import type { FoundFile } from './sources.ts';

/** One item a line that is not blank. A damaged gzip ends in an `unreadable` item at the line where it broke. */
export async function* jsonlTexts(
  file: FoundFile,
  textField: string,
  limits: Limits,
): AsyncGenerator<RecordText> {
  const raw = createReadStream(file.absolute, { highWaterMark: 1 << 20 });
  const stream = file.format === 'jsonl.gz' ? raw.pipe(createGunzip({ chunkSize: 1 << 20 })) : raw;
  raw.on('error', (error) => stream.destroy(error));
  const splitter = new LineSplitter(limits.recordBytes);
  try {
    for await (const chunk of stream) {
      for (const line of splitter.push(chunk)) yield* lineText(line, textField);
    }
    for (const line of splitter.end()) yield* lineText(line, textField);
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
    yield { kind: 'skipped', reason: 'unreadable', line: splitter.number };
  } finally {
    raw.destroy();
  }
}

interface Line {
  readonly number: number;
  /** Absent for a line that is too long. */
  readonly bytes?: Buffer;
}

/** Splits a stream into lines. */
export class LineSplitter {
  readonly #limitBytes: number;
  #parts: Buffer[] = [];
  #length = 0;
  /** The line (from 1) that is being read. */
  number = 1;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  *push(chunk: Buffer): Generator<Line> {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      this.#hold(chunk.subarray(start, end));
      yield this.#take();
      start = end + 1;
    }
    this.#hold(chunk.subarray(start));
  }

  *end(): Generator<Line> {
    if (this.#length > 0) yield this.#take();
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

function* lineText({ number, bytes }: Line, textField: string): Generator<RecordText> {
  if (bytes === undefined) {
    yield { kind: 'skipped', reason: 'too-large', line: number };
    return;
  }
  if (!bytes.some((byte) => byte > 32)) return;
  if (!isUtf8(bytes)) {
    yield { kind: 'skipped', reason: 'undecodable', line: number };
    return;
  }
  const value = parse(bytes.toString().replace(/^\uFEFF/, ''));
  if (value === undefined) yield { kind: 'skipped', reason: 'bad-json', line: number };
  else {
    const text = fieldOf(value.json, textField);
    if (typeof text === 'string') yield { record: number, text };
    else yield { kind: 'skipped', reason: 'missing-field', line: number };
  }
}

function parse(text: string): { readonly json: unknown } | undefined {
  try {
    return { json: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

function fieldOf(value: unknown, field: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.getOwnPropertyDescriptor(value, field)?.value
    : undefined;
}
