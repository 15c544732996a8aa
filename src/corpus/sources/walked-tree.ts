/**
 * What a walk has met so far, by absolute path: folders, files, and what is not read. A file, or a folder with all below
 * it, can be forgotten, so that it is looked at anew.
 */
import { dirname } from 'node:path';
import type { FoundFile, NotRead } from './found-file.ts';
import type { IgnoreFile } from './ignore-files.ts';

/** What is known of a folder that was read. */
export interface WalkedFolder {
  readonly real: string;
  /** Those that hold in it, its own not included. */
  readonly outer: readonly IgnoreFile[];
  ignoreFiles: readonly IgnoreFile[];
  /** Names of entries that Parlance wrote. */
  own: ReadonlySet<string>;
  /** Its files, and what of its entries is not read. */
  readonly files: Set<string>;
  readonly folders: Set<string>;
}

export class WalkedTree {
  readonly #files = new Map<string, FoundFile>();
  readonly #notRead = new Map<string, NotRead>();
  readonly #outside = new Set<string>();
  /** Whether a link to a folder was met: then which path a folder counts under depends on the others. */
  hasLinkedFolders = false;
  /** Whether a link to a file was met: nothing in its folder tells when the file behind it changes. */
  hasLinkedFiles = false;
  readonly #folders = new Map<string, WalkedFolder>();
  /** Real paths of the folders seen, so that a loop of links ends. */
  readonly #seen = new Set<string>();
  /** Paths of files that may have come, changed or gone since `takeTouched`. */
  #touched = new Set<string>();

  get files(): ReadonlyMap<string, FoundFile> {
    return this.#files;
  }

  get notRead(): ReadonlyMap<string, NotRead> {
    return this.#notRead;
  }

  /** Links that were not followed because they lead out of where the walk may go. */
  get outside(): ReadonlySet<string> {
    return this.#outside;
  }

  /** A folder that was read, or whose reading failed. */
  folder(absolute: string): WalkedFolder | undefined {
    return this.#folders.get(absolute);
  }

  hasSeen(real: string): boolean {
    return this.#seen.has(real);
  }

  addFolder(absolute: string, real: string, outer: readonly IgnoreFile[]): WalkedFolder {
    this.#seen.add(real);
    const walked: WalkedFolder = {
      real,
      outer,
      ignoreFiles: outer,
      own: new Set(),
      files: new Set(),
      folders: new Set(),
    };
    this.#folders.set(absolute, walked);
    this.#folders.get(dirname(absolute))?.folders.add(absolute);
    return walked;
  }

  addFile(file: FoundFile): void {
    this.#files.set(file.absolute, file);
    this.#touched.add(file.absolute);
    this.#met(file.absolute);
  }

  /** A file or folder that is not read. */
  skip(absolute: string, skipped: NotRead): void {
    this.#notRead.set(absolute, skipped);
    this.#met(absolute);
  }

  /** A link that leads out of where the walk may go. */
  leaveOut(link: string): void {
    this.#outside.add(link);
    this.#met(link);
  }

  /** Drops what is known of a file, or of a folder and all below it. */
  forget(absolute: string): void {
    if (this.#files.delete(absolute)) this.#touched.add(absolute);
    this.#notRead.delete(absolute);
    this.#outside.delete(absolute);
    const walked = this.#folders.get(absolute);
    if (walked === undefined) return;
    this.#folders.delete(absolute);
    this.#seen.delete(walked.real);
    for (const file of walked.files) this.forget(file);
    for (const folder of walked.folders) this.forget(folder);
  }

  clear(): void {
    for (const absolute of this.#files.keys()) this.#touched.add(absolute);
    this.#files.clear();
    this.#notRead.clear();
    this.#outside.clear();
    this.#folders.clear();
    this.#seen.clear();
    this.hasLinkedFolders = false;
    this.hasLinkedFiles = false;
  }

  takeTouched(): ReadonlySet<string> {
    const touched = this.#touched;
    this.#touched = new Set();
    return touched;
  }

  /** So that it is forgotten with its folder. */
  #met(absolute: string): void {
    this.#folders.get(dirname(absolute))?.files.add(absolute);
  }
}
