/**
 * Texts of a Parquet file. Row groups are read one after another and decoded a slice of rows at a time: writers
 * such as pandas put a whole data set into one row group, whose text would not fit in memory as strings.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { type AsyncBuffer, type FileMetaData, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { systemErrorCode } from '../common/errors.ts';
import type { Limits } from './cleaning.ts';
import type { RecordText } from './extraction.ts';
import type { FoundFile } from './sources.ts';

export async function* parquetTexts(
  file: FoundFile,
  textField: string,
  limits: Limits,
): AsyncGenerator<RecordText> {
  const handle = await open(file.absolute);
  let row = 0;
  try {
    const buffer = bufferOf(handle, (await handle.stat()).size);
    const metadata = await parquetMetadataAsync(buffer);
    for (const slice of slices(metadata, textField, limits)) {
      row = slice.start;
      if (slice.reason !== undefined) {
        yield { kind: 'skipped', reason: slice.reason, line: row };
        continue;
      }
      const range = { rowStart: slice.start, rowEnd: slice.end };
      const rows = await parquetReadObjects({
        file: buffer,
        metadata,
        columns: [textField],
        compressors,
        ...range,
      });
      for (const value of rows) {
        const text: unknown = value[textField];
        if (typeof text === 'string') yield { record: row, text };
        else yield { kind: 'skipped', reason: 'missing-field', line: row };
        row++;
      }
    }
  } catch (error) {
    if (systemErrorCode(error) !== undefined) throw error;
    yield { kind: 'skipped', reason: 'bad-parquet', line: row };
  } finally {
    await handle.close();
  }
}

interface Slice {
  readonly start: number;
  readonly end: number;
  readonly reason?: 'missing-field' | 'too-large';
}

function* slices(metadata: FileMetaData, textField: string, limits: Limits): Generator<Slice> {
  let groupStart = 0;
  for (const group of metadata.row_groups) {
    const groupEnd = groupStart + Number(group.num_rows);
    const column = group.columns.find(
      ({ meta_data: meta }) => meta?.path_in_schema.join('.') === textField,
    )?.meta_data;
    if (column === undefined) {
      yield { start: groupStart, end: groupEnd, reason: 'missing-field' };
      return;
    }
    if (Number(column.total_compressed_size) > limits.columnChunkBytes) {
      yield { start: groupStart, end: groupEnd, reason: 'too-large' };
    } else {
      const count = Math.max(1, Math.ceil(Number(column.total_uncompressed_size) / limits.decodedBytes));
      const step = Math.max(1, Math.ceil((groupEnd - groupStart) / count));
      for (let start = groupStart; start < groupEnd; start += step) {
        yield { start, end: Math.min(groupEnd, start + step) };
      }
    }
    groupStart = groupEnd;
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
