/**
 * The labels of one workspace folder, as `.parlance/labels.json` has them now, whoever wrote it. A change shows at once and is
 * written behind; a write that fails is taken back and told. Writes wait for each other, and each is worked out on what
 * the file says then. A file with a mistake is never written to.
 */
import { join, relative, sep } from 'node:path';
import { type Disposable, EventEmitter, RelativePattern, Uri, type WorkspaceFolder, workspace } from 'vscode';
import { InputError, ParlanceError } from '../../../common/errors.ts';
import { FilePoll } from '../../../common/file-poll.ts';
import { readUserTextIfThere } from '../../../common/user-text.ts';
import { type LabelChange, moveAnchors } from '../../../corpus/labels/label-edits.ts';
import { followRenames, type Rename } from '../../../corpus/labels/label-renames.ts';
import { formatEntry, type LabelEntry, parseLabels, updateLabels } from '../../../corpus/labels/labels.ts';
import type { AnchorMove } from '../passage-tracker.ts';
import { changedPaths, LabelIndex } from './label-index.ts';
import { UndoList } from './undo-list.ts';

export interface LabelsChange {
  readonly store: LabelStore;
  /** The files whose own entries differ; `undefined` when it may be any file. */
  readonly paths: ReadonlySet<string> | undefined;
}

export class LabelStore implements Disposable {
  readonly folder: WorkspaceFolder;
  readonly file: Uri;
  readonly #changed = new EventEmitter<LabelsChange>();
  readonly onDidChange = this.#changed.event;
  readonly #watcher: Disposable[];
  readonly #poll: FilePoll;
  readonly #undo = new UndoList();
  #index = new LabelIndex([]);
  /** What the file said when it could last be read; shown again when a write fails. */
  #written: readonly LabelEntry[] = [];
  #text: string | undefined = '';
  #problem: ParlanceError | undefined;
  #queue: Promise<unknown>;

  constructor(folder: WorkspaceFolder) {
    this.folder = folder;
    this.file = Uri.joinPath(folder.uri, '.parlance', 'labels.json');
    const watcher = workspace.createFileSystemWatcher(new RelativePattern(folder, '.parlance/labels.json'));
    const again = () => this.#enqueue(() => this.#read());
    this.#poll = new FilePoll(() => [this.file.fsPath], again);
    this.#watcher = [
      this.#poll,
      watcher,
      watcher.onDidCreate(again),
      watcher.onDidChange(again),
      watcher.onDidDelete(again),
      this.#changed,
    ];
    this.#queue = this.#read();
  }

  /** When its last label that can be undone was set, as `UndoList` counts; 0 when there is none. */
  get lastChange(): number {
    return this.#undo.last;
  }

  get index(): LabelIndex {
    return this.#index;
  }

  /** Why the file cannot be used. */
  get problem(): ParlanceError | undefined {
    return this.#problem;
  }

  /** The text of the file as it was last read; empty when it cannot be used. */
  get text(): string {
    return this.#text ?? '';
  }

  /** Done when the file was read, and all writes so far are on disk. */
  async settled(): Promise<void> {
    await this.#queue;
  }

  /** The path of a file of the folder as entries name it. */
  pathOf(uri: Uri): string {
    return relative(this.folder.uri.fsPath, uri.fsPath).split(sep).join('/');
  }

  uriOf(path: string): Uri {
    return Uri.file(join(this.folder.uri.fsPath, path));
  }

  /** Makes a change and writes it; it can be undone. Throws `ParlanceError`, and then nothing is different. */
  async change(make: (entries: readonly LabelEntry[]) => LabelChange): Promise<LabelChange> {
    await this.settled();
    this.#show(make(this.#usable()).entries);
    let change: LabelChange | undefined;
    await this.#write((entries) => {
      change = make(entries);
      return change.entries;
    });
    if (change === undefined) throw new InputError('The label was not written.', 'Try it again.');
    this.#undo.add(change);
    return change;
  }

  /**
   * Undoes the last change that is not undone yet. Throws `InputError` when there is none or it no longer applies; when
   * it cannot be written it is still to be undone.
   */
  async undo(): Promise<LabelChange> {
    await this.settled();
    const entries = this.#usable();
    return this.#undo.undoLast(async (undo) => {
      this.#show(undo(entries));
      await this.#write(undo);
    });
  }

  /** Brings anchors up to date. This changes no label, so there is nothing to undo. */
  async moveAnchors(moves: readonly AnchorMove[]): Promise<void> {
    await this.settled();
    if (this.#problem !== undefined || moves.length === 0) return;
    this.#show(moveAnchors(this.#usable(), moves));
    await this.#write((entries) => moveAnchors(entries, moves));
  }

  /**
   * Lets labels follow renames; returns how many entries are other ones now. Taking the rename back takes them back too.
   */
  async followRenames(renames: readonly Rename[]): Promise<number> {
    await this.settled();
    const before = new Set(this.#usable().map(formatEntry));
    const after = followRenames(this.#usable(), renames);
    const count = after.filter((entry) => !before.has(formatEntry(entry))).length;
    if (count === 0) return 0;
    this.#show(after);
    await this.#write((entries) => followRenames(entries, renames));
    return count;
  }

  dispose(): void {
    for (const one of this.#watcher) one.dispose();
  }

  #usable(): readonly LabelEntry[] {
    if (this.#problem !== undefined) throw this.#problem;
    return this.#index.entries;
  }

  async #write(change: (entries: readonly LabelEntry[]) => readonly LabelEntry[]): Promise<void> {
    try {
      await this.#enqueue(() => updateLabels(this.file.fsPath, change));
    } catch (error) {
      this.#text = undefined;
      throw error;
    } finally {
      await this.#enqueue(() => this.#read());
    }
  }

  #enqueue<Value>(work: () => Promise<Value>): Promise<Value> {
    const result = this.#queue.then(work, work);
    this.#queue = result.catch(() => undefined);
    return result;
  }

  async #read(): Promise<void> {
    await this.#poll.note();
    try {
      const read = await readUserTextIfThere(this.file.fsPath);
      const entries = read === undefined ? [] : parseLabels(read, this.pathOf(this.file));
      const text = read ?? '';
      const hadProblem = this.#problem !== undefined;
      const isNew = text !== this.#text;
      this.#problem = undefined;
      this.#text = text;
      this.#written = entries;
      if (isNew || hadProblem) this.#show(entries, hadProblem);
    } catch (error) {
      this.#problem =
        error instanceof ParlanceError
          ? error
          : new InputError(`${this.file.fsPath} could not be read.`, 'Check that you may read it.', error);
      this.#text = undefined;
      this.#show(this.#written, true);
    }
  }

  #show(entries: readonly LabelEntry[], all = false): void {
    const paths = changedPaths(this.#index.entries, entries);
    this.#index = new LabelIndex(entries);
    this.#changed.fire({ store: this, paths: all ? undefined : paths });
  }
}
