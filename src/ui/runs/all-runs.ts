/**
 * The runs of all experiments of the workspace, for the trees, the status bar, the notifications and the commands.
 * Nothing is watched before the folder is trusted: its storage says where living processes are to be met.
 */
import { type Disposable, EventEmitter, workspace } from 'vscode';
import type { RunView } from '../../experiments/runs/run-view.ts';
import type { Subscription } from '../../host/hosts.ts';
import type { OpenExperiment } from '../experiments.ts';
import type { Services } from '../services.ts';

export interface ExperimentRuns {
  readonly experiment: OpenExperiment;
  /** The newest first; `undefined` until they are known, and in a folder that is not trusted. */
  readonly runs: readonly RunView[] | undefined;
}

/** Several reports within this time are told as one. */
const COALESCE_MS = 100;

export class AllRuns implements Disposable {
  readonly #services: Services;
  readonly #changed = new EventEmitter<readonly ExperimentRuns[]>();
  readonly onDidChange = this.#changed.event;
  readonly #cleaned = new EventEmitter<void>();
  /** After something was removed from a store: runs stay, models may be gone. */
  readonly onDidClean = this.#cleaned.event;
  readonly #watches = new Map<string, Subscription>();
  readonly #runs = new Map<string, readonly RunView[]>();
  readonly #disposables: Disposable[] = [this.#changed, this.#cleaned];
  #experiments: readonly OpenExperiment[] = [];
  #started: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(services: Services) {
    this.#services = services;
  }

  get known(): readonly ExperimentRuns[] {
    return this.#experiments.map((experiment) => ({ experiment, runs: this.#runs.get(experiment.storage) }));
  }

  /** All runs of the workspace, the newest first. */
  get all(): readonly RunView[] {
    return [...this.#runs.values()].flat().sort((a, b) => (a.created < b.created ? 1 : -1));
  }

  /** Begins to watch; again it only waits for the first. */
  start(): Promise<void> {
    if (this.#started === undefined) {
      this.#disposables.push(
        this.#services.experiments.onDidChange(() => void this.#follow()),
        workspace.onDidGrantWorkspaceTrust(() => void this.#follow()),
      );
      this.#started = this.#follow();
    }
    return this.#started;
  }

  /** Begins to watch, and waits until the runs of every experiment are known; in a folder that is not trusted none is. */
  async whenKnown(): Promise<readonly ExperimentRuns[]> {
    await this.start();
    const isKnown = () => !workspace.isTrusted || this.known.every(({ runs }) => runs !== undefined);
    if (isKnown()) return this.known;
    return new Promise((resolve) => {
      const waiting = this.onDidChange((known) => {
        if (!isKnown()) return;
        waiting.dispose();
        resolve(known);
      });
    });
  }

  tellOfCleaning(): void {
    this.#cleaned.fire();
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const watch of this.#watches.values()) watch.dispose();
    for (const one of this.#disposables) one.dispose();
  }

  async #follow(): Promise<void> {
    this.#experiments = await this.#services.experiments.all();
    const storages = new Set(workspace.isTrusted ? this.#experiments.map(({ storage }) => storage) : []);
    for (const [storage, watch] of this.#watches) {
      if (storages.has(storage)) continue;
      watch.dispose();
      this.#watches.delete(storage);
      this.#runs.delete(storage);
    }
    for (const storage of storages) {
      if (this.#watches.has(storage)) continue;
      const watch = this.#services.hosts.watch(storage, (runs) => {
        this.#runs.set(storage, runs);
        this.#tell();
      });
      this.#watches.set(storage, watch);
    }
    this.#tell();
  }

  #tell(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#changed.fire(this.known);
    }, COALESCE_MS);
  }
}
