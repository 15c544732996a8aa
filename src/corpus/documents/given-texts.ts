/**
 * The texts of files and folders that a user names: listed, read, cleaned and cut as those of a corpus are. No labels hold
 * here, nothing is set aside, and a text that stands twice comes twice.
 */
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { InputError, systemErrorCode } from '../../common/errors.ts';
import { throwIfStopped } from '../../common/interruption.ts';
import { limits } from '../reading/cleaning.ts';
import { extractFile } from '../reading/extraction.ts';
import type { FoundFile } from '../sources/found-file.ts';
import { listFiles } from '../sources/sources.ts';
import { type SkippedKind, SkipTally } from './report.ts';

export interface GivenText {
  /** Of its file, as the user would name it. */
  readonly source: string;
  /** Line (from 1) of a JSONL file, row (from 0) of a Parquet file, else the how-manieth of its file (from 0). */
  readonly record: number;
  /** `notes.md`, `notes.md, part 2`, `all.jsonl:17`. */
  readonly name: string;
  readonly text: string;
  /** UTF-8. */
  readonly bytes: number;
}

export interface GivenPath {
  readonly path: string;
  /** As texts below it are called. */
  readonly name: string;
}

const textField = 'text';

export class GivenTexts {
  /** Of all files together, as they lie on the disk. */
  readonly fileBytes: number;
  readonly #paths: readonly GivenPath[];
  readonly #files: readonly FoundFile[];
  readonly #skips: SkipTally;

  private constructor(paths: readonly GivenPath[], files: readonly FoundFile[], skips: SkipTally) {
    this.#paths = paths;
    this.#files = files;
    this.#skips = skips;
    this.fileBytes = files.reduce((sum, { size }) => sum + size, 0);
  }

  /** Throws InputError for a path that leads nowhere. */
  static async list(paths: readonly GivenPath[], signal?: AbortSignal): Promise<GivenTexts> {
    for (const { path } of paths) await requireThere(path);
    const sources = paths.map(({ path }) => ({ path: resolve(path) }));
    const { files, notRead } = await listFiles(sources, signal);
    const skips = new SkipTally();
    for (const { path, reason } of notRead) skips.add(reason, path, [], 1);
    return new GivenTexts(paths, files, skips);
  }

  /** What was left out of the files that were read so far, and the files that were not read, with the reasons. */
  get leftOut(): readonly SkippedKind[] {
    return this.#skips.list();
  }

  async *texts(signal?: AbortSignal): AsyncGenerator<GivenText> {
    for (const file of this.#files) {
      throwIfStopped(signal);
      const settings = { textField, passages: [], standing: 'member', limits } as const;
      for await (const item of extractFile(file, settings)) {
        if (item.kind === 'document') yield this.#given(file, item);
        if (item.kind !== 'skipped') continue;
        const { reason, line, count = 1 } = item;
        this.#skips.add(reason, file.path, line === undefined ? [] : [line], count);
      }
    }
  }

  #given(file: FoundFile, { record, bytes }: { readonly record: number; readonly bytes: Buffer }): GivenText {
    const { path, name } = this.#paths[file.source];
    const source = resolve(path) === file.absolute ? name : join(name, file.path);
    const isRecord = /jsonl|parquet/.test(file.format);
    const part = isRecord ? `:${record}` : record === 0 ? '' : `, part ${record + 1}`;
    return { source, record, name: `${source}${part}`, text: bytes.toString(), bytes: bytes.length };
  }
}

async function requireThere(path: string): Promise<void> {
  try {
    await stat(path);
  } catch (error) {
    throw new InputError(
      `${path} cannot be read (${systemErrorCode(error) ?? 'unknown error'}).`,
      'Give a file or a folder with text, or - for standard input.',
      error,
    );
  }
}
