/**
 * Texts of a Parquet file. Row groups are read one after another and decoded a slice of rows at a time: writers
 * such as pandas put a whole data set into one row group, whose text would not fit in memory as strings. A damaged
 * slice loses its own rows only.
 */
import { isUtf8 } from 'node:buffer';
import { type FileHandle, open } from 'node:fs/promises';
import {
  type AsyncBuffer,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
  type SchemaTree,
} from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { systemErrorCode } from '../../common/errors.ts';
import type { FoundFile } from '../sources/found-file.ts';
import type { Limits } from './cleaning.ts';
import type { RecordText, SkippedText } from './extracted.ts';
import { type FieldKind, fieldValue } from './record-fields.ts';

export async function* parquetTexts(
  file: FoundFile,
  textField: string,
  limits: Limits,
): AsyncGenerator<RecordText> {
  const handle = await open(file.absolute);
  try {
    const buffer = bufferOf(handle, (await handle.stat()).size);
    const metadata = await attempt(() => parquetMetadataAsync(buffer));
    if (metadata === undefined) {
      yield { kind: 'skipped', reason: 'bad-parquet' };
      return;
    }
    for (const slice of slices(metadata, textField, limits)) {
      if (slice.reason === undefined) yield* sliceTexts(buffer, metadata, textField, slice);
      else yield skippedRows(slice, slice.reason);
    }
  } finally {
    await handle.close();
  }
}

/** The columns of a file, those within structs by their path. Throws what the file's fault makes the reader throw. */
export async function parquetFields(path: string): Promise<readonly FieldKind[]> {
  const handle = await open(path);
  try {
    const buffer = bufferOf(handle, (await handle.stat()).size);
    return parquetSchema(await parquetMetadataAsync(buffer)).children.flatMap((child) =>
      columnKinds(child, ''),
    );
  } finally {
    await handle.close();
  }
}

function columnKinds({ element, children }: SchemaTree, prefix: string): readonly FieldKind[] {
  const name = prefix + element.name;
  const { converted_type: converted, repetition_type: repetition, type } = element;
  if (converted === 'LIST' || converted === 'MAP' || repetition === 'REPEATED')
    return [{ name, kind: 'a list' }];
  if (children.length > 0) return children.flatMap((child) => columnKinds(child, `${name}.`));
  return [{ name, kind: type === 'BYTE_ARRAY' ? 'text' : (type ?? 'unknown').toLowerCase() }];
}

interface Slice {
  readonly start: number;
  readonly end: number;
  readonly reason?: 'missing-field' | 'too-large';
}

function skippedRows({ start, end }: Slice, reason: SkippedText['reason']): SkippedText {
  return { kind: 'skipped', reason, line: start, count: end - start };
}

/** Bytes that are no UTF-8, in place of the string that they are not. */
const undecodable = Symbol('undecodable');

async function* sliceTexts(
  file: AsyncBuffer,
  metadata: FileMetaData,
  textField: string,
  slice: Slice,
): AsyncGenerator<RecordText> {
  const rows = await attempt(() =>
    parquetReadObjects({
      file,
      metadata,
      columns: [columnOf(metadata, textField)],
      compressors,
      parsers: { stringFromBytes: textOf },
      rowStart: slice.start,
      rowEnd: slice.end,
    }),
  );
  if (rows === undefined) {
    yield skippedRows(slice, 'bad-rows');
    return;
  }
  let record = slice.start;
  for (const row of rows) {
    const text = fieldValue(row, textField);
    if (typeof text === 'string') yield { record, text };
    else
      yield { kind: 'skipped', reason: text === undecodable ? 'undecodable' : 'missing-field', line: record };
    record++;
  }
}

function textOf(bytes: Uint8Array | undefined): string | typeof undecodable | undefined {
  if (bytes === undefined) return undefined;
  return isUtf8(bytes) ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString() : undecodable;
}

/** The top column that holds the field: itself, or the struct that it is in. */
function columnOf({ schema }: FileMetaData, textField: string): string {
  return schema.some(({ name }) => name === textField) ? textField : textField.split('.')[0];
}

/** `undefined` for what the reader cannot take apart; a system's error is thrown. */
async function attempt<Result>(read: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await read();
  } catch (error) {
    if (systemErrorCode(error) !== undefined) throw error;
    return undefined;
  }
}

function* slices(metadata: FileMetaData, textField: string, limits: Limits): Generator<Slice> {
  let start = 0;
  for (const group of metadata.row_groups) {
    const end = start + Number(group.num_rows);
    const column = group.columns.find(
      ({ meta_data: meta }) => meta?.path_in_schema.join('.') === textField,
    )?.meta_data;
    if (column === undefined) yield { start, end, reason: 'missing-field' };
    else if (Number(column.total_compressed_size) > limits.columnChunkBytes)
      yield { start, end, reason: 'too-large' };
    else {
      const count = Math.max(1, Math.ceil(Number(column.total_uncompressed_size) / limits.decodedBytes));
      const step = Math.max(1, Math.ceil((end - start) / count));
      for (let from = start; from < end; from += step) yield { start: from, end: Math.min(end, from + step) };
    }
    start = end;
  }
}

/** Reads ranges of a file; keeps the latest, which each slice of a row group asks for again. */
function bufferOf(handle: FileHandle, byteLength: number): AsyncBuffer {
  let latest: { readonly start: number; readonly end: number; readonly bytes: ArrayBuffer } | undefined;
  return {
    byteLength,
    async slice(start, end = byteLength) {
      const from = start < 0 ? byteLength + start : start;
      if (latest?.start === from && latest.end === end) return latest.bytes;
      const bytes = new Uint8Array(end - from);
      let filled = 0;
      while (filled < bytes.length) {
        const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, from + filled);
        if (bytesRead === 0) throw new Error(`The file ends at ${from + filled} of ${end} bytes.`);
        filled += bytesRead;
      }
      latest = { start: from, end, bytes: bytes.buffer };
      return bytes.buffer;
    },
  };
}
