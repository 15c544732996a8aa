/** The label stores of the open folders, each made when it is first asked for, and read then. */
import { type Disposable, EventEmitter, type Uri, type WorkspaceFolder, workspace } from 'vscode';
import { InputError } from '../../../common/errors.ts';
import { LabelStore, type LabelsChange } from './label-store.ts';

export class LabelStores implements Disposable {
  readonly #changed = new EventEmitter<LabelsChange>();
  readonly onDidChange = this.#changed.event;
  readonly #added = new EventEmitter<LabelStore>();
  readonly onDidAdd = this.#added.event;
  readonly #stores = new Map<string, LabelStore>();
  readonly #folders: Disposable;

  constructor() {
    this.#folders = workspace.onDidChangeWorkspaceFolders(({ removed }) => {
      for (const { uri } of removed) {
        this.#stores.get(uri.toString())?.dispose();
        this.#stores.delete(uri.toString());
      }
    });
  }

  /** The store of the nearest folder that a file lies in; `undefined` outside all folders and for what is not on disk. */
  of(uri: Uri): LabelStore | undefined {
    const folder = uri.scheme === 'file' ? workspace.getWorkspaceFolder(uri) : undefined;
    return folder && this.ofFolder(folder);
  }

  ofFolder(folder: WorkspaceFolder): LabelStore {
    const key = folder.uri.toString();
    let store = this.#stores.get(key);
    if (store === undefined) {
      store = new LabelStore(folder);
      store.onDidChange((change) => this.#changed.fire(change));
      this.#stores.set(key, store);
      this.#added.fire(store);
    }
    return store;
  }

  /** As `of`, after the labels were read. Throws `InputError` for a file that cannot be labelled. */
  async required(uri: Uri): Promise<LabelStore> {
    const store = this.of(uri);
    if (store === undefined) {
      throw new InputError(
        `${uri.fsPath || uri.toString()} cannot be labelled: it lies outside the open folders.`,
        'Open the folder that holds it (File: Open Folder), or save the text there.',
      );
    }
    await store.settled();
    return store;
  }

  /** The store in which the last label was set that is not undone yet. */
  lastChanged(): LabelStore | undefined {
    const changed = this.all().filter(({ lastChange }) => lastChange > 0);
    return changed.sort((a, b) => b.lastChange - a.lastChange)[0];
  }

  all(): readonly LabelStore[] {
    return [...this.#stores.values()];
  }

  dispose(): void {
    this.#folders.dispose();
    for (const store of this.#stores.values()) store.dispose();
    this.#changed.dispose();
    this.#added.dispose();
  }
}
