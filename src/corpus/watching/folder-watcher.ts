/**
 * Watches folders for changes of their entries. One watch a folder, none a file: chokidar's own mode, a watch on every
 * file, needs 100,000 of the system's watches (the usual limit of Linux is 65,536 or less for all programs together)
 * and far longer to begin. So chokidar is given each folder of the walk without its files, and its raw events say
 * which entry changed; the walk decides what that means, by the same rules as a run. Ignored folders are never walked,
 * so they are never watched.
 */
import { join, normalize, sep } from 'node:path';
import { FSWatcher } from 'chokidar';
import { systemErrorCode } from '../../common/errors.ts';

export interface FolderWatcherEvents {
  /** An entry of a watched folder came, changed or went. */
  onChange(path: string): void;
  /** The system gives no more watches: folders are missing from now on. */
  onLimit(): void;
}

const limitCodes = new Set(['ENOSPC', 'EMFILE', 'ENFILE']);

export class FolderWatcher {
  readonly #watcher: FSWatcher;
  readonly #folders = new Set<string>();
  readonly #events: FolderWatcherEvents;
  #isLimited = false;
  #isPartial = false;

  constructor(events: FolderWatcherEvents) {
    this.#events = events;
    this.#watcher = new FSWatcher({
      depth: 0,
      ignoreInitial: true,
      followSymlinks: true,
      // Entries are the walk's business; only the folders themselves are watched. chokidar asks with forward slashes.
      ignored: (path) => !this.#folders.has(normalize(path)),
      // Else folders that are called like an editor's temporary files (`drafts~`) are passed over.
      atomic: false,
    });
    this.#watcher.on('raw', (_event, name, details) => this.#raw(name, details));
    this.#watcher.on('error', (error) => this.#failed(error));
  }

  /** Watches a folder, without those inside it; nothing when it is watched already. */
  add(folder: string): void {
    if (this.#folders.has(folder) || this.#isLimited) return;
    if (sep === '/' && folder.includes('\\')) this.#isPartial = true;
    this.#folders.add(folder);
    this.#watcher.add(folder);
  }

  /** Whether chokidar cannot watch a folder: to it a backslash is a slash, also where it is a sign like any other. */
  get isPartial(): boolean {
    return this.#isPartial;
  }

  get count(): number {
    return this.#folders.size;
  }

  async close(): Promise<void> {
    await this.#watcher.close();
  }

  #raw(name: string | null, details: unknown): void {
    const folder = watchedPath(details);
    if (folder === undefined) return;
    const path = name === null ? folder : join(folder, name);
    // It came, went or was replaced: its old watch, if it had one, sees nothing of what is there now.
    if (path !== folder && this.#folders.has(path)) this.#forget(path);
    this.#events.onChange(path);
  }

  /** Lets a folder and all inside it be added anew. */
  #forget(folder: string): void {
    const gone = [...this.#folders].filter((one) => one === folder || one.startsWith(`${folder}${sep}`));
    for (const one of gone) this.#folders.delete(one);
    this.#watcher.unwatch(gone);
  }

  #failed(error: unknown): void {
    const code = systemErrorCode(error);
    // A folder that went while it was being added is no fault: its parent's event tells.
    if (code === undefined || !limitCodes.has(code) || this.#isLimited) return;
    this.#isLimited = true;
    this.#events.onLimit();
  }
}

function watchedPath(details: unknown): string | undefined {
  if (typeof details !== 'object' || details === null || !('watchedPath' in details)) return undefined;
  return typeof details.watchedPath === 'string' ? normalize(details.watchedPath) : undefined;
}
