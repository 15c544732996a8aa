/**
 * Which labelled passages can no longer be found. Open texts know it themselves; others are read when labels or files
 * change, one after the other, so that the editor stays free.
 */
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { type Disposable, EventEmitter, RelativePattern, type Uri, workspace } from 'vscode';
import { systemErrorCode } from '../../common/errors.ts';
import type { LabelEntry } from '../../corpus/labels/labels.ts';
import { placePassage } from '../../corpus/labels/passages.ts';
import { limits } from '../../corpus/reading/cleaning.ts';
import { decodeBytes } from '../../corpus/reading/decoding.ts';
import { UndecodableError } from '../../corpus/reading/encodings.ts';
import { fileFormat } from '../../corpus/reading/file-types.ts';
import type { OpenDocuments } from './open-documents.ts';
import type { LabelStore } from './store/label-store.ts';

export interface LostPassage {
  readonly entry: LabelEntry;
  readonly why: 'edited' | 'no file' | 'no text';
}

/** Looks for the passages of one store. */
export class LostPassages implements Disposable {
  readonly store: LabelStore;
  readonly #documents: OpenDocuments;
  readonly #lost = new Map<string, readonly LostPassage[]>();
  readonly #waiting = new Set<string>();
  readonly #changed = new EventEmitter<LabelStore>();
  readonly onDidChange = this.#changed.event;
  #watcher: Disposable[] = [];
  #busy = false;

  constructor(store: LabelStore, documents: OpenDocuments) {
    this.store = store;
    this.#documents = documents;
  }

  /** By the path of their file. */
  get lost(): ReadonlyMap<string, readonly LostPassage[]> {
    return this.#lost;
  }

  /** Looks again for the passages of some files; of all when no paths are given. */
  look(paths?: Iterable<string>): void {
    const known = this.store.index.filesWithPassages();
    if (known.length > 0) this.#watch();
    for (const path of paths ?? [...known, ...this.#lost.keys()]) this.#waiting.add(path);
    if (!this.#busy) void this.#work();
  }

  dispose(): void {
    for (const one of this.#watcher) one.dispose();
    this.#waiting.clear();
    this.#changed.dispose();
  }

  async #work(): Promise<void> {
    this.#busy = true;
    try {
      for (const path of this.#waiting) {
        this.#waiting.delete(path);
        const lost = await this.#lookIn(path);
        if (lost.length > 0) this.#lost.set(path, lost);
        else this.#lost.delete(path);
      }
    } finally {
      this.#busy = false;
    }
    this.#changed.fire(this.store);
  }

  async #lookIn(path: string): Promise<readonly LostPassage[]> {
    const entries = this.store.index.passages(path);
    if (entries.length === 0) return [];
    const open = this.#documents.all().find((one) => one.store === this.store && one.path === path);
    if (open !== undefined) {
      const passages = this.#documents.passages(open.document);
      return passages.flatMap(({ span, entry }) => (span === undefined ? [{ entry, why: 'edited' }] : []));
    }
    const text = await readText(this.store.uriOf(path));
    if (text === 'no file' || text === 'no text') return entries.map((entry) => ({ entry, why: text }));
    return entries.flatMap((entry) =>
      entry.passage !== undefined && placePassage(text.content, entry.passage) === undefined
        ? [{ entry, why: 'edited' }]
        : [],
    );
  }

  #watch(): void {
    if (this.#watcher.length > 0) return;
    const watcher = workspace.createFileSystemWatcher(new RelativePattern(this.store.folder, '**/*'));
    const again = (uri: Uri) => {
      const path = this.store.pathOf(uri);
      if (this.store.index.passages(path).length > 0) this.look([path]);
    };
    this.#watcher = [
      watcher,
      watcher.onDidCreate(again),
      watcher.onDidChange(again),
      watcher.onDidDelete(again),
    ];
  }
}

async function readText(uri: Uri): Promise<{ readonly content: string } | 'no file' | 'no text'> {
  try {
    if ((await stat(uri.fsPath)).size > limits.passageFileBytes) return 'no text';
    const isPage = fileFormat(basename(uri.fsPath), undefined, true) === 'html';
    return { content: decodeBytes(await readFile(uri.fsPath), isPage).toString() };
  } catch (error) {
    if (error instanceof UndecodableError) return 'no text';
    if (systemErrorCode(error) === undefined) throw error;
    return 'no file';
  }
}
