/**
 * Finds the files of one source, and afterwards follows single changes: a walk of its own rather than a glob library,
 * because it must honour nested `.gitignore` files, survive loops of symbolic links, keep a fixed order and report
 * what it could not read. Hidden files and folders and `node_modules` are passed over, unless a pattern names them. A run walks once; the index
 * keeps the walk and asks it again for each path that changed, so both know the same files.
 */
import type { Stats } from 'node:fs';
import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { InputError, systemErrorCode } from '../../common/errors.ts';
import { throwIfStopped } from '../../common/interruption.ts';
import { slashed } from '../../common/slashes.ts';
import { type FileFormat, fileFormat } from '../reading/file-types.ts';
import { isPointerLink } from '../reading/pointers.ts';
import { type FoundFile, type NotRead, stampOf } from './found-file.ts';
import {
  foldersAbove,
  type IgnoreFile,
  ignoreFileName,
  ignoreFileOf,
  isIgnored,
  outerIgnoreFiles,
} from './ignore-files.ts';
import { OUTPUT_MARKER, ownOutputIn, tellsOfOutput } from './own-output.ts';
import { SourcePatterns } from './source-patterns.ts';
import type { CorpusSource } from './specification.ts';
import { WalkedTree } from './walked-tree.ts';

export interface WalkOptions {
  readonly signal?: AbortSignal;
  /** Called with every folder before its entries are read, and with those above whose changes matter to the walk. */
  readonly onFolder?: (folder: string) => void;
  /** A real path: links that lead out of this folder are not followed. */
  readonly within?: string;
  /** The walk ends in the folder in which this many files have been found. */
  readonly limit?: number;
}

/** What a directory entry and `lstat` both tell. */
interface Kind {
  isDirectory(): boolean;
  isFile(): boolean;
  isSymbolicLink(): boolean;
}

/** Files of a folder that are looked at side by side. */
const concurrentFiles = 64;

export class SourceWalk {
  readonly #index: number;
  readonly #source: CorpusSource;
  readonly #options: WalkOptions;
  readonly #patterns: SourcePatterns;
  readonly #tree = new WalkedTree();
  #above: readonly string[] = [];
  #realSource = '';

  constructor(index: number, source: CorpusSource, options: WalkOptions = {}) {
    this.#index = index;
    this.#source = source;
    this.#options = options;
    this.#patterns = new SourcePatterns(source);
  }

  /** By absolute path. */
  get files(): ReadonlyMap<string, FoundFile> {
    return this.#tree.files;
  }

  get notRead(): ReadonlyMap<string, NotRead> {
    return this.#tree.notRead;
  }

  /** Links that were not followed because they lead out of `within`. */
  get outside(): ReadonlySet<string> {
    return this.#tree.outside;
  }

  /** Whether links to files were met, which change without a notice in their folder. */
  get hasLinkedFiles(): boolean {
    return this.#tree.hasLinkedFiles;
  }

  /** Walks everything, whatever was known before. Throws `InputError` when the source cannot be read. */
  async start(): Promise<void> {
    const { path } = this.#source;
    this.#tree.clear();
    // Its parent tells when the source itself comes or goes.
    this.#options.onFolder?.(dirname(path));
    const stats = await stat(path).catch((error: unknown) => {
      throw new InputError(
        `The corpus source ${path} cannot be read (${systemErrorCode(error) ?? 'unknown error'}).`,
        'Check the path in the experiment file, and that you may read it.',
        error,
      );
    });
    this.#realSource = await realpath(path).catch(() => path);
    if (!stats.isDirectory()) {
      const kind = await lstat(path).catch(() => stats);
      if (kind.isSymbolicLink()) this.#tree.hasLinkedFiles = true;
      this.#add(basename(path), path, stats, true, this.#realSource);
      return;
    }
    this.#above = await foldersAbove(path);
    for (const folder of this.#above) this.#options.onFolder?.(folder);
    await this.#folder(path, await outerIgnoreFiles(path, this.#above));
  }

  /** Looks again at one path that may have come, changed or gone. Throws as `start` does. */
  async visit(absolute: string): Promise<void> {
    const { path } = this.#source;
    const folder = dirname(absolute);
    const name = basename(absolute);
    if (absolute === path || (name === ignoreFileName && this.#above.includes(folder))) return this.start();
    const parent = this.#tree.folder(folder);
    if (parent === undefined || !this.concerns(absolute)) return;
    if (name === ignoreFileName || tellsOfOutput(name)) return this.#again(folder, parent.outer);
    const isFolder = this.#tree.folder(absolute) !== undefined;
    const kind = await lstat(absolute).catch(() => undefined);
    if (this.#tree.hasLinkedFolders && (isFolder || kind?.isDirectory() || kind?.isSymbolicLink()))
      return this.start();
    this.#tree.forget(absolute);
    parent.files.delete(absolute);
    parent.folders.delete(absolute);
    if (kind !== undefined) await this.#entry(folder, name, kind, parent.ignoreFiles);
  }

  /** Whether `visit` would do anything for a path. */
  concerns(absolute: string): boolean {
    const folder = dirname(absolute);
    const name = basename(absolute);
    if (absolute === this.#source.path) return true;
    if (name === ignoreFileName && this.#above.includes(folder)) return true;
    const decides = name === ignoreFileName || name === OUTPUT_MARKER;
    return this.#tree.folder(folder) !== undefined && (decides || !this.#isPassedOver(absolute));
  }

  /** The files to look at since the last call: those found, and those that are gone. */
  takeTouched(): ReadonlySet<string> {
    return this.#tree.takeTouched();
  }

  async #again(folder: string, outer: readonly IgnoreFile[]): Promise<void> {
    if (this.#tree.hasLinkedFolders) return this.start();
    this.#tree.forget(folder);
    await this.#folder(folder, outer);
  }

  async #folder(folder: string, outer: readonly IgnoreFile[]): Promise<void> {
    throwIfStopped(this.#options.signal);
    if (this.#isEnough()) return;
    this.#options.onFolder?.(folder);
    const entries = await this.#entries(folder, outer);
    if (entries === undefined) return;
    const { walked } = entries;
    if (entries.names.some(({ name }) => name === ignoreFileName))
      walked.ignoreFiles = [...outer, ...(await ignoreFileOf(folder))];
    const wanted = entries.names.filter(({ name }) => !this.#isPassedOver(join(folder, name)));
    const files = wanted.filter((entry) => entry.isFile());
    for (let i = 0; i < files.length && !this.#isEnough(); i += concurrentFiles) {
      const some = files.slice(i, i + concurrentFiles);
      await Promise.all(some.map((entry) => this.#entry(folder, entry.name, entry, walked.ignoreFiles)));
    }
    // Real folders before links: a folder that is also linked to keeps its own path.
    for (const isLink of [false, true]) {
      const some = wanted.filter((entry) => !entry.isFile() && entry.isSymbolicLink() === isLink);
      for (const entry of some) await this.#entry(folder, entry.name, entry, walked.ignoreFiles);
    }
  }

  /** The entries of a folder by name; `undefined` when it was seen before or cannot be read. */
  async #entries(folder: string, outer: readonly IgnoreFile[]) {
    try {
      const real = await realpath(folder);
      if (this.#tree.hasSeen(real)) return undefined;
      if (this.#realSource !== real && isBelow(this.#realSource, real)) {
        this.#skip(folder, 'link-above');
        return undefined;
      }
      const walked = this.#tree.addFolder(folder, real, outer);
      const names = await readdir(folder, { withFileTypes: true });
      const own = await ownOutputIn(folder, new Set(names.map(({ name }) => name)));
      if (own === 'all') {
        this.#skip(folder, 'own-output');
        return undefined;
      }
      walked.own = own;
      return { walked, names: names.sort((a, b) => (a.name < b.name ? -1 : 1)) };
    } catch {
      this.#skip(folder, 'unreadable');
      return undefined;
    }
  }

  async #entry(folder: string, name: string, kind: Kind, ignoreFiles: readonly IgnoreFile[]): Promise<void> {
    const absolute = join(folder, name);
    const path = this.#relative(absolute);
    if (this.#tree.folder(folder)?.own.has(name)) return this.#skip(absolute, 'own-output');
    if (kind.isDirectory()) {
      if (!this.#patterns.excludes(`${path}/`)) await this.#inner(absolute, path, ignoreFiles);
      return;
    }
    if (!kind.isFile() && !kind.isSymbolicLink()) return;
    if (this.#patterns.excludes(path)) return;
    if (kind.isSymbolicLink() && !(await this.#isWithin(absolute))) {
      this.#tree.leaveOut(absolute);
      return;
    }
    const asked = kind.isFile() ? this.#patterns.includes(path) : undefined;
    if (asked === false) return;
    const stats = await stat(absolute).catch(() => undefined);
    if (stats?.isDirectory()) {
      this.#tree.hasLinkedFolders = true;
      await this.#inner(absolute, path, ignoreFiles);
      return;
    }
    const wanted = asked ?? this.#patterns.includes(path);
    if (wanted === false) return;
    if (isIgnored(absolute, false, ignoreFiles) && !this.#patterns.names(path)) {
      if (this.#formatOf(path, wanted === true) !== undefined) this.#skip(absolute, 'ignored', path);
      return;
    }
    if (kind.isSymbolicLink()) this.#tree.hasLinkedFiles = true;
    if (stats === undefined)
      this.#skip(absolute, (await isPointerLink(absolute)) ? 'pointer' : 'unreadable', path);
    else {
      const inFolder = join(this.#tree.folder(folder)?.real ?? folder, name);
      const real = kind.isSymbolicLink() ? await realpath(absolute).catch(() => absolute) : inFolder;
      this.#add(path, absolute, stats, wanted === true, real);
    }
  }

  /** A folder in one that was read. What is ignored is not walked: it may be huge, and is no text of anybody's. */
  async #inner(absolute: string, path: string, ignoreFiles: readonly IgnoreFile[]): Promise<void> {
    if (!isIgnored(absolute, true, ignoreFiles)) await this.#folder(absolute, ignoreFiles);
    // As of an ignored source: whoever names the folder wants what is in it.
    else if (this.#patterns.names(path)) await this.#folder(absolute, []);
    else if (this.#patterns.mayHold(path)) this.#skip(absolute, 'ignored-folder', `${path}/`);
  }

  #add(path: string, absolute: string, stats: Stats, asked: boolean, real = absolute): void {
    const format = this.#formatOf(path, asked);
    if (format === undefined) this.#skip(absolute, 'unsupported', path);
    else if (!stats.isFile()) this.#skip(absolute, 'unreadable', path);
    else {
      const elsewhere = real === absolute ? {} : { real };
      this.#tree.addFile({ source: this.#index, path, absolute, ...elsewhere, format, ...stampOf(stats) });
    }
  }

  #formatOf(path: string, asked: boolean): FileFormat | undefined {
    const forced = this.#source.format === 'folder' ? undefined : this.#source.format;
    return fileFormat(basename(path), forced, asked);
  }

  #skip(absolute: string, reason: NotRead['reason'], path = this.#relative(absolute)): void {
    this.#tree.skip(absolute, { path, reason });
  }

  async #isWithin(absolute: string): Promise<boolean> {
    const { within } = this.#options;
    if (within === undefined) return true;
    const real = await realpath(absolute).catch(() => undefined);
    return real === undefined || isBelow(real, within);
  }

  #isEnough(): boolean {
    return this.files.size >= (this.#options.limit ?? Number.POSITIVE_INFINITY);
  }

  #isPassedOver(absolute: string): boolean {
    const name = basename(absolute);
    if (!name.startsWith('.') && name !== 'node_modules') return false;
    return !this.#patterns.names(this.#relative(absolute));
  }

  #relative(absolute: string): string {
    return slashed(relative(this.#source.path, absolute));
  }
}

/** Whether a real path is a folder or lies below it. */
function isBelow(real: string, folder: string): boolean {
  return real === folder || real.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`);
}
