/**
 * The experiments of the open workspace: one a folder that has a parlance.json, or records of runs from when it had one.
 * Read when first asked for and again when a file changes, so that activation reads nothing.
 */
import { basename, join } from 'node:path';
import { type Disposable, EventEmitter, l10n, Uri, type WorkspaceFolder, window, workspace } from 'vscode';
import { InputError, ParlanceError } from '../common/errors.ts';
import { FilePoll } from '../common/file-poll.ts';
import type { Experiment } from '../experiments/config/experiment.ts';
import { storageOf } from '../experiments/config/settings.ts';

export const experimentFileName = 'parlance.json';

/** The experiment file is gone; its runs are not. */
export class MissingExperimentError extends InputError {
  constructor(file: string) {
    super(
      `${file} is not there any more.`,
      'Its runs stay and go on. Put the file back, or make a new one with "Parlance: Create Experiment…".',
    );
  }
}

export interface OpenExperiment {
  readonly folder: WorkspaceFolder;
  /** Absolute path of parlance.json. */
  readonly file: string;
  readonly storage: string;
  /** What the file says, or why it cannot be used. */
  readonly content: Experiment | ParlanceError;
}

export class Experiments implements Disposable {
  readonly #changed = new EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  readonly #disposables: Disposable[] = [this.#changed];
  #known: Promise<readonly OpenExperiment[]> | undefined;
  #poll: FilePoll | undefined;

  /** All of them, in the order of the folders. */
  all(): Promise<readonly OpenExperiment[]> {
    if (this.#known === undefined) {
      this.#watch();
      this.#known = this.#read();
    }
    return this.#known;
  }

  /** All of them as they are on disk now, for who cannot wait until the editor tells of a change. */
  again(): Promise<readonly OpenExperiment[]> {
    this.#known = this.#read();
    this.#changed.fire();
    return this.#known;
  }

  /** The experiment that a file of the workspace belongs to. */
  async of(path: Uri): Promise<OpenExperiment | undefined> {
    const folder = workspace.getWorkspaceFolder(path);
    return (await this.all()).find((one) => one.folder.uri.toString() === folder?.uri.toString());
  }

  /** The only one, or the one that the user picks; `undefined` when none is picked. Throws NextStepError when there is none. */
  async choose(): Promise<OpenExperiment | undefined> {
    const all = await this.all();
    if (all.length === 0) {
      const { noExperiment, noFolder } = await import('./missing.ts');
      throw workspace.workspaceFolders === undefined ? noFolder() : noExperiment();
    }
    if (all.length === 1) return all[0];
    const items = all.map((experiment) => ({
      label: experiment.folder.name,
      description: experiment.file,
      experiment,
    }));
    return (await window.showQuickPick(items))?.experiment;
  }

  dispose(): void {
    for (const one of this.#disposables.splice(0)) one.dispose();
  }

  async #read(): Promise<readonly OpenExperiment[]> {
    await this.#poll?.note();
    const found = localFolders().map(async (folder): Promise<OpenExperiment[]> => {
      const file = experimentFileOf(folder);
      const storage = storageOf(file, {});
      if (await exists(file)) return [{ folder, file, storage, content: await readOrError(file) }];
      const hasRuns = await exists(join(storage, 'runs'));
      return hasRuns ? [{ folder, file, storage, content: new MissingExperimentError(file) }] : [];
    });
    return (await Promise.all(found)).flat();
  }

  /** A label may be what an experiment lacked. */
  async #againIfFaulty(): Promise<void> {
    const all = await this.all();
    if (all.some(({ content }) => content instanceof ParlanceError)) await this.again();
  }

  #watch(): void {
    const again = () => void this.again();
    this.#poll = new FilePoll(() => localFolders().map(experimentFileOf), again);
    this.#disposables.push(workspace.onDidChangeWorkspaceFolders(again));
    const watcher = workspace.createFileSystemWatcher(`**/${experimentFileName}`);
    const labels = workspace.createFileSystemWatcher('**/.parlance/labels.json');
    const ifFaulty = () => void this.#againIfFaulty();
    this.#disposables.push(
      this.#poll,
      labels,
      labels.onDidCreate(ifFaulty),
      labels.onDidChange(ifFaulty),
      labels.onDidDelete(ifFaulty),
      watcher,
      watcher.onDidCreate(again),
      watcher.onDidChange(again),
      watcher.onDidDelete(again),
    );
  }
}

/** Whether a file is the experiment of its folder of the workspace, and not a parlance.json further down. */
export function isExperimentOfFolder(path: Uri): boolean {
  const folder = workspace.getWorkspaceFolder(path);
  return folder !== undefined && experimentFileOf(folder) === path.fsPath;
}

/** Throws `InputError` for a parlance.json that is not the experiment of a folder of the workspace: it would act on another. */
export function refuseNested(path: Uri): void {
  if (basename(path.fsPath) !== experimentFileName || isExperimentOfFolder(path)) return;
  throw new InputError(
    l10n.t('{0} is not the experiment of a folder of this workspace.', path.fsPath),
    l10n.t('Add its folder to the workspace (“Workspaces: Add Folder to Workspace…”), or open it.'),
  );
}

function localFolders(): readonly WorkspaceFolder[] {
  return (workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');
}

function experimentFileOf({ uri }: WorkspaceFolder): string {
  return join(uri.fsPath, experimentFileName);
}

async function exists(file: string): Promise<boolean> {
  return workspace.fs.stat(Uri.file(file)).then(
    () => true,
    () => false,
  );
}

async function readOrError(file: string): Promise<Experiment | ParlanceError> {
  try {
    // Loaded when first needed: it knows all methods, which takes longer than activation may.
    const { readExperiment } = await import('../experiments/config/configuration.ts');
    return await readExperiment(file);
  } catch (error) {
    if (error instanceof ParlanceError) return error;
    throw error;
  }
}
