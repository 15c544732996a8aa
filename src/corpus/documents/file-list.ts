/** `files.jsonl` of a document store: one line a file, in the order of its documents. */
import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import * as z from 'zod';
import { CorruptionError } from '../../common/errors.ts';
import { explainWriteError } from '../../common/files.ts';
import { LineSplitter } from '../reading/lines.ts';
import { explainMissing } from './incomplete.ts';
import { lostPassageSchema, skipReasonSchema } from './report.ts';

const count = z.int().min(0);

const fileEntrySchema = z.object({
  /** Absolute path of the source, and the path of the file relative to it. */
  source: z.string(),
  path: z.string(),
  size: count,
  mtimeMs: z.number(),
  ctimeMs: z.number(),
  ino: z.number(),
  /** Hash of whatever else decides what is extracted: format, text field, passages, limits. */
  settings: z.string(),
  /** Documents extracted, dropped ones too. */
  rows: count,
  skipped: z.array(z.object({ reason: skipReasonSchema, count, lines: z.array(count) })),
  lost: z.array(lostPassageSchema),
});
export type FileEntry = z.infer<typeof fileEntrySchema>;

const bufferCharacters = 1 << 20;
const lineLimitBytes = 1 << 26;

export class FileListWriter {
  readonly #path: string;
  #file: FileHandle | undefined;
  #waiting = '';

  constructor(path: string) {
    this.#path = path;
  }

  async add(entry: FileEntry): Promise<void> {
    this.#waiting += `${JSON.stringify(entry)}\n`;
    if (this.#waiting.length >= bufferCharacters) await this.#flush();
  }

  async close(): Promise<void> {
    await this.#flush();
    await this.#file?.sync();
    await this.#file?.close();
    this.#file = undefined;
  }

  /** Closes without writing what waits, after an error. */
  async abandon(): Promise<void> {
    this.#waiting = '';
    await this.#file?.close();
    this.#file = undefined;
  }

  async #flush(): Promise<void> {
    try {
      this.#file ??= await open(this.#path, 'w');
      await this.#file.writeFile(this.#waiting);
    } catch (error) {
      throw explainWriteError(error, this.#path);
    }
    this.#waiting = '';
  }
}

/** Reads the entries one by one. Throws `CorruptionError`. */
export async function* readFileList(path: string): AsyncGenerator<FileEntry> {
  const splitter = new LineSplitter(lineLimitBytes);
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
      for (const line of splitter.push(chunk)) yield parseEntry(line.bytes, path);
    }
    for (const line of splitter.end()) yield parseEntry(line.bytes, path);
  } catch (error) {
    throw explainMissing(error, path);
  }
}

function parseEntry(line: Buffer | undefined, path: string): FileEntry {
  try {
    return fileEntrySchema.parse(JSON.parse(String(line)));
  } catch (error) {
    throw new CorruptionError(`${path} is damaged.`, 'Index the corpus again.', error);
  }
}
