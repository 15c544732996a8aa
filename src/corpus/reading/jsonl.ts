/** Texts of a JSONL file, plain or gzipped, in UTF-8 or marked UTF-16: streamed, a line longer than the limit is passed over. */
import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import type { SkipReason } from '../documents/report.ts';
import type { FoundFile } from '../sources/found-file.ts';
import type { Limits } from './cleaning.ts';
import type { RecordText, SkippedText } from './extracted.ts';
import { GzipFault, gunzipped } from './gunzip.ts';
import { type Line, LineSplitter } from './lines.ts';
import { fieldValue } from './record-fields.ts';

/** One item a line that is not blank. A damaged gzip file ends in a `damaged` item at the line where it broke. */
export async function* jsonlTexts(
  file: Pick<FoundFile, 'absolute' | 'format'>,
  textField: string,
  limits: Limits,
): AsyncGenerator<RecordText> {
  for await (const item of jsonlRecords(file, limits)) {
    if ('kind' in item) {
      yield item;
      continue;
    }
    const text = fieldValue(item.value, textField);
    if (typeof text === 'string') yield { record: item.record, text };
    else yield { kind: 'skipped', reason: 'missing-field', line: item.record };
  }
}

export interface JsonlRecord {
  /** Its line, from 1. */
  readonly record: number;
  readonly value: unknown;
}

/** The values of the lines; see `jsonlTexts`. */
export async function* jsonlRecords(
  { absolute, format }: Pick<FoundFile, 'absolute' | 'format'>,
  limits: Pick<Limits, 'recordBytes'>,
): AsyncGenerator<JsonlRecord | SkippedText> {
  const chunks: AsyncIterable<Buffer> =
    format === 'jsonl.gz' ? gunzipped(absolute) : createReadStream(absolute, { highWaterMark: 1 << 20 });
  const splitter = new LineSplitter(limits.recordBytes);
  try {
    for await (const chunk of chunks) {
      for (const line of splitter.push(chunk)) yield* lineItems(line, splitter.encoding);
    }
  } catch (error) {
    if (!(error instanceof GzipFault)) throw error;
    yield { kind: 'skipped', reason: error.kind, line: splitter.number };
    // The line that a damaged file ends in is cut; that before trailing bytes is whole.
    if (error.kind === 'damaged') return;
  }
  for (const line of splitter.end()) yield* lineItems(line, splitter.encoding);
}

function* lineItems(
  { number, bytes }: Line,
  encoding: LineSplitter['encoding'],
): Generator<JsonlRecord | SkippedText> {
  const skipped = (reason: SkipReason): SkippedText => ({ kind: 'skipped', reason, line: number });
  if (bytes === undefined) {
    yield skipped('too-large');
    return;
  }
  const text = decodeLine(bytes, encoding);
  // Blank, or nothing but a byte-order mark.
  if (text?.trim() === '') return;
  const parsed = text === undefined ? undefined : parse(text);
  if (parsed !== undefined) yield { record: number, value: parsed.json };
  else yield skipped(text === undefined ? 'undecodable' : 'bad-json');
}

function decodeLine(bytes: Buffer, encoding: LineSplitter['encoding']): string | undefined {
  if (encoding === 'utf-8') return isUtf8(bytes) ? bytes.toString().replace(/^\uFEFF/, '') : undefined;
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function parse(text: string): { readonly json: unknown } | undefined {
  try {
    return { json: JSON.parse(text) };
  } catch {
    return undefined;
  }
}
