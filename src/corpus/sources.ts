/**
 * Finds the files of a corpus: a walk of its own rather than a glob library, because it must honour nested
 * `.gitignore` files, survive loops of symbolic links, keep a fixed order and report what it could not read.
 * Hidden files and folders and `node_modules` are passed over.
 */
import type { Dirent, Stats } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { InputError, systemErrorCode } from '../common/errors.ts';
import { readTextIfThere } from '../common/files.ts';
import { type FileFormat, fileFormat } from './file-types.ts';
import { pathMatcher } from './globs.ts';
import { throwIfStopped } from './interruption.ts';
import type { SkipReason } from './report.ts';
import type { CorpusSource } from './specification.ts';

export interface FoundFile {
  /** Index of the source in the specification. */
  readonly source: number;
  /** Relative to the source, with forward slashes; the file's name when the source is one file. */
  readonly path: string;
  readonly absolute: string;
  readonly format: FileFormat;
  readonly size: number;
  readonly mtimeMs: number;
}

export interface NotRead {
  readonly path: string;
  readonly reason: SkipReason;
}

export interface FileList {
  /** By source, then by path in code-unit order. */
  readonly files: readonly FoundFile[];
  readonly notRead: readonly NotRead[];
}

/**
 * Lists the files of all sources; of each source no more than `limit`. A source that does not exist is an `InputError`.
 */
export async function listFiles(
  sources: readonly CorpusSource[],
  signal?: AbortSignal,
  limit = Number.POSITIVE_INFINITY,
): Promise<FileList> {
  const files: FoundFile[] = [];
  const notRead: NotRead[] = [];
  for (const [index, source] of sources.entries()) {
    const found = new Walk(index, source, signal, limit);
    await found.start();
    for (const file of found.files.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0)))
      files.push(file);
    notRead.push(...found.notRead.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0)));
  }
  return { files, notRead };
}

/** The rules of one `.gitignore`, for paths below its folder. */
interface IgnoreFile {
  readonly folder: string;
  readonly rules: Ignore;
}

class Walk {
  readonly files: FoundFile[] = [];
  readonly notRead: NotRead[] = [];
  readonly #index: number;
  readonly #source: CorpusSource;
  readonly #signal: AbortSignal | undefined;
  readonly #limit: number;
  readonly #included: ((path: string) => boolean) | undefined;
  readonly #excluded: (path: string) => boolean;
  /** Real paths of the folders seen, so that a loop of links ends. */
  readonly #seen = new Set<string>();

  constructor(index: number, source: CorpusSource, signal: AbortSignal | undefined, limit: number) {
    this.#index = index;
    this.#source = source;
    this.#signal = signal;
    this.#limit = limit;
    this.#included = source.include === undefined ? undefined : pathMatcher(source.include);
    this.#excluded = pathMatcher(source.exclude ?? []);
  }

  async start(): Promise<void> {
    const { path } = this.#source;
    const stats = await stat(path).catch((error: unknown) => {
      throw new InputError(
        `The corpus source ${path} cannot be read (${systemErrorCode(error) ?? 'unknown error'}).`,
        'Check the path in the experiment file, and that you may read it.',
        error,
      );
    });
    if (stats.isDirectory()) await this.#folder(path, await outerIgnoreFiles(path));
    else this.#add(basename(path), path, stats, true);
  }

  async #folder(folder: string, outer: readonly IgnoreFile[]): Promise<void> {
    throwIfStopped(this.#signal);
    const entries = await this.#entries(folder);
    if (entries === undefined) return;
    const ignoreFiles = entries.some((entry) => entry.name === '.gitignore')
      ? [...outer, ...(await ignoreFileOf(folder))]
      : outer;
    for (const entry of entries) {
      if (this.files.length >= this.#limit) return;
      if (!entry.name.startsWith('.') && entry.name !== 'node_modules')
        await this.#entry(folder, entry, ignoreFiles);
    }
  }

  /** The entries of a folder; `undefined` when it was seen before or cannot be read. */
  async #entries(folder: string): Promise<readonly Dirent[] | undefined> {
    try {
      const real = await realpath(folder);
      if (this.#seen.has(real)) return undefined;
      this.#seen.add(real);
      const entries = await readdir(folder, { withFileTypes: true });
      // Real folders before links: a folder that is also linked to keeps its own path.
      return entries.sort(
        (a, b) => Number(a.isSymbolicLink()) - Number(b.isSymbolicLink()) || (a.name < b.name ? -1 : 1),
      );
    } catch {
      this.notRead.push({ path: this.#relative(folder), reason: 'unreadable' });
      return undefined;
    }
  }

  async #entry(folder: string, entry: Dirent, ignoreFiles: readonly IgnoreFile[]): Promise<void> {
    const absolute = join(folder, entry.name);
    const path = this.#relative(absolute);
    if (entry.isDirectory()) {
      if (!this.#excluded(`${path}/`) && !isIgnored(absolute, true, ignoreFiles))
        await this.#folder(absolute, ignoreFiles);
      return;
    }
    if (!entry.isFile() && !entry.isSymbolicLink()) return;
    if (this.#excluded(path)) return;
    const stats = await stat(absolute).catch(() => undefined);
    if (stats?.isDirectory()) {
      if (!isIgnored(absolute, true, ignoreFiles)) await this.#folder(absolute, ignoreFiles);
      return;
    }
    const asked = this.#included?.(path);
    if (asked === false || isIgnored(absolute, false, ignoreFiles)) return;
    if (stats === undefined) this.notRead.push({ path, reason: 'unreadable' });
    else this.#add(path, absolute, stats, asked === true);
  }

  #add(path: string, absolute: string, stats: Stats, asked: boolean): void {
    const forced = this.#source.format === 'folder' ? undefined : this.#source.format;
    const format = fileFormat(basename(path), forced, asked);
    if (format === undefined) this.notRead.push({ path, reason: 'unsupported' });
    else if (!stats.isFile()) this.notRead.push({ path, reason: 'unreadable' });
    else {
      const { size, mtimeMs } = stats;
      this.files.push({ source: this.#index, path, absolute, format, size, mtimeMs });
    }
  }

  #relative(absolute: string): string {
    return relative(this.#source.path, absolute).replaceAll('\\', '/');
  }
}

/** As git decides: the deepest `.gitignore` that says anything about the path holds. */
function isIgnored(absolute: string, isFolder: boolean, ignoreFiles: readonly IgnoreFile[]): boolean {
  for (let i = ignoreFiles.length - 1; i >= 0; i--) {
    const { folder, rules } = ignoreFiles[i];
    const path = relative(folder, absolute).replaceAll('\\', '/');
    const verdict = rules.test(isFolder ? `${path}/` : path);
    if (verdict.ignored) return true;
    if (verdict.unignored) return false;
  }
  return false;
}

async function ignoreFileOf(folder: string): Promise<readonly IgnoreFile[]> {
  const text = await readTextIfThere(join(folder, '.gitignore')).catch(() => undefined);
  return text === undefined ? [] : [{ folder, rules: ignore({ ignorecase: false }).add(text) }];
}

/**
 * The `.gitignore` files above a folder, up to the root of its git repository; none outside of one. When they ignore
 * the folder itself they do not count: whoever names an ignored folder wants what is in it.
 */
async function outerIgnoreFiles(folder: string): Promise<readonly IgnoreFile[]> {
  const above: IgnoreFile[] = [];
  let current = folder;
  for (;;) {
    if (await isThere(join(current, '.git'))) return isIgnored(folder, true, above) ? [] : above;
    const parent = dirname(current);
    if (parent === current) return [];
    above.unshift(...(await ignoreFileOf(parent)));
    current = parent;
  }
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
