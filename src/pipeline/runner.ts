/**
 * Runs a stage and what it needs. A finished artifact is used without a look at its inputs; otherwise the inputs come
 * first, then the lock of this fingerprint is taken, and the store is asked again: whoever waited for another process
 * finds that one's artifact. A stage that fails or is stopped keeps its work folder, and the next attempt resumes.
 */
import type { Cost } from '../budget/ledger.ts';
import { CorruptionError, GraphError, InterruptedError, ParlanceError } from '../common/errors.ts';
import { explainWriteError } from '../common/files.ts';
import { acquireLock, type Lock, lostLock } from './lock.ts';
import type { StageDescription } from './manifest.ts';
import { fingerprint, type Stage, type StageContext } from './stage.ts';
import type { StageEvent } from './stage-event.ts';
import type { Artifact, ArtifactStore } from './store.ts';
import { WorkFolder } from './work.ts';

export interface RunOptions {
  readonly store: ArtifactStore;
  readonly signal: AbortSignal;
  readonly onEvent: (event: StageEvent) => void;
}

/** The artifact of a stage, from the store or computed now, its inputs before it. */
export async function runStage(stage: Stage, options: RunOptions): Promise<Artifact> {
  return new Run(options).resolve(stage);
}

/** What a stage is, without its code. */
export function describe(stage: Stage): StageDescription {
  const { kind, label, subject, version, parameters, places, booking } = stage;
  const inputs: Record<string, string> = {};
  for (const [role, input] of Object.entries(stage.inputs)) inputs[role] = fingerprint(input);
  const id = fingerprint(stage);
  return { fingerprint: id, kind, label, subject, version, parameters, places, inputs, booking };
}

type Inputs = Readonly<Record<string, Artifact>>;
type Named = Pick<StageDescription, 'fingerprint' | 'kind' | 'label'>;
type News = StageEvent extends infer E
  ? E extends StageEvent
    ? Omit<E, 'fingerprint' | 'kind' | 'label'>
    : never
  : never;

/** Where a stage is computed, and what keeps others from computing it. */
interface HeldWork {
  readonly work: WorkFolder;
  readonly lock: Lock;
}

/** One call of `runStage`: what it has resolved already is not looked up again. */
class Run {
  readonly #options: RunOptions;
  readonly #resolved = new Map<string, Artifact>();

  constructor(options: RunOptions) {
    this.#options = options;
  }

  async resolve(stage: Stage): Promise<Artifact> {
    const what = describe(stage);
    const known = this.#resolved.get(what.fingerprint);
    if (known !== undefined) return known;
    const artifact = await this.#findOrCompute(stage, what);
    this.#resolved.set(what.fingerprint, artifact);
    return artifact;
  }

  async #findOrCompute(stage: Stage, what: StageDescription): Promise<Artifact> {
    const found = await this.#usable(what.fingerprint);
    if (found !== undefined) {
      this.#tell(what, { state: 'reused' });
      return found;
    }
    for (;;) {
      const inputs: Record<string, Artifact> = {};
      for (const [role, input] of Object.entries(stage.inputs)) inputs[role] = await this.resolve(input);
      const artifact = await this.#underLock(stage, what, inputs);
      if (artifact !== undefined) return artifact;
    }
  }

  /** `undefined` when it must be tried again: an input was cleaned away meanwhile, or something damaged was moved aside. */
  async #underLock(stage: Stage, what: StageDescription, inputs: Inputs): Promise<Artifact | undefined> {
    const { store, signal } = this.#options;
    const lock = await acquireLock(store.lockFolder(what.fingerprint), {
      signal,
      onWaiting: ({ pid, host }) => this.#tell(what, { state: 'waiting', pid, host }),
    });
    try {
      const found = await this.#openOrMoveAside(what);
      if (found !== undefined) {
        this.#tell(what, { state: 'reused' });
        return found;
      }
      const work = await this.#openWork(what);
      if (await this.#forgetLostInputs(inputs)) return undefined;
      try {
        return await this.#computeOrMend(stage, what, inputs, { work, lock });
      } catch (error) {
        throw this.#tellEnd(what, work, error);
      }
    } finally {
      lock.release();
    }
  }

  /** `undefined` when it met damage that is moved aside now: it is tried again, so nothing has failed. */
  async #computeOrMend(
    stage: Stage,
    what: StageDescription,
    inputs: Inputs,
    { work, lock }: HeldWork,
  ): Promise<Artifact | undefined> {
    try {
      return await this.#compute(stage, what, inputs, { work, lock });
    } catch (error) {
      if (!(error instanceof CorruptionError)) throw error;
      if (!(await this.#removeDamage(what, inputs, work, error))) throw error;
      return undefined;
    }
  }

  async #compute(
    stage: Stage,
    what: StageDescription,
    inputs: Inputs,
    { work, lock }: HeldWork,
  ): Promise<Artifact> {
    this.#tell(what, { state: 'started', resumed: work.resumed });
    this.#options.signal.throwIfAborted();
    await stage.run(this.#context(what, inputs, work, lock));
    if (!lock.isHeld()) throw lostLock(what.label);
    const upstream = upstreamCosts(inputs);
    const { places: _, ...made } = what;
    const artifact = await this.#options.store.publish(work.artifact, { ...made, cost: work.cost, upstream });
    await work.remove();
    this.#tell(what, { state: 'finished', cost: artifact.manifest.cost });
    return artifact;
  }

  /**
   * After a stage met damage: moves aside the inputs that are damaged, which only reading them whole shows, else the
   * unfinished work that it had taken up. False when neither is to blame.
   */
  async #removeDamage(
    what: StageDescription,
    inputs: Inputs,
    work: WorkFolder,
    cause: CorruptionError,
  ): Promise<boolean> {
    let found = false;
    for (const input of Object.values(inputs)) {
      if (await this.#isWhole(input)) continue;
      this.#resolved.delete(input.fingerprint);
      found = true;
    }
    if (!found && work.resumed) await this.#moveAside(what, work.path, cause);
    return found || work.resumed;
  }

  async #isWhole({ fingerprint: id, directory, manifest }: Artifact): Promise<boolean> {
    const { store, signal } = this.#options;
    const lock = await acquireLock(store.lockFolder(id), { signal, onWaiting: () => undefined });
    try {
      return (await store.verify(id)) !== undefined;
    } catch (error) {
      if (!(error instanceof CorruptionError)) throw error;
      await this.#moveAside(manifest, directory, error);
      return false;
    } finally {
      lock.release();
    }
  }

  #context(what: StageDescription, inputs: Inputs, work: WorkFolder, lock: Lock): StageContext {
    return {
      directory: work.artifact,
      scratch: work.scratch,
      signal: this.#options.signal,
      input: (role) => inputDirectory(what, inputs, role),
      progress: ({ fraction, message, metrics }) => {
        lock.touch();
        this.#tell(what, { state: 'progress', fraction, message, metrics: metrics && { ...metrics } });
      },
      book: (cost) => {
        lock.touch();
        work.book(cost);
      },
      bookTotal: (cost) => {
        lock.touch();
        work.bookTotal(cost);
      },
    };
  }

  /** Reports how an attempt ended, and returns the error to throw. */
  #tellEnd(what: StageDescription, work: WorkFolder, thrown: unknown): unknown {
    const explained = explainWriteError(thrown, work.path);
    const stopped = this.#options.signal.aborted && !(explained instanceof ParlanceError);
    const error = stopped ? interrupted(what, thrown) : explained;
    if (error instanceof InterruptedError) {
      this.#tell(what, { state: 'interrupted' });
    } else {
      const message = error instanceof Error ? error.message : String(error);
      this.#tell(what, { state: 'failed', message, hint: error instanceof ParlanceError ? error.hint : '' });
    }
    return error;
  }

  /** An artifact that is there and whole; a damaged one counts as missing and is dealt with under the lock. */
  async #usable(id: string): Promise<Artifact | undefined> {
    try {
      return await this.#options.store.open(id);
    } catch (error) {
      if (error instanceof CorruptionError) return undefined;
      throw error;
    }
  }

  async #openOrMoveAside(what: StageDescription): Promise<Artifact | undefined> {
    const { store } = this.#options;
    try {
      return await store.open(what.fingerprint);
    } catch (error) {
      if (!(error instanceof CorruptionError)) throw error;
      await this.#moveAside(what, store.artifactFolder(what.fingerprint), error);
      return undefined;
    }
  }

  async #openWork(what: StageDescription): Promise<WorkFolder> {
    const path = this.#options.store.workFolder(what.fingerprint);
    try {
      return await WorkFolder.open(path, what);
    } catch (error) {
      if (!(error instanceof CorruptionError)) throw error;
      await this.#moveAside(what, path, error);
      return WorkFolder.open(path, what);
    }
  }

  async #moveAside(what: Named, folder: string, error: CorruptionError): Promise<void> {
    const movedTo = await this.#options.store.moveAside(folder, what.fingerprint);
    this.#tell(what, { state: 'quarantined', message: error.message, movedTo });
  }

  async #forgetLostInputs(inputs: Inputs): Promise<boolean> {
    let lost = false;
    for (const { fingerprint: id } of Object.values(inputs)) {
      if (await this.#isKept(id)) continue;
      this.#resolved.delete(id);
      lost = true;
    }
    return lost;
  }

  /**
   * Looks under the input's own lock: `clean` holds it while it removes, and leaves what a running stage reads, which
   * the caller is by now.
   */
  async #isKept(id: string): Promise<boolean> {
    const { store, signal } = this.#options;
    const lock = await acquireLock(store.lockFolder(id), { signal, onWaiting: () => undefined });
    try {
      return (await this.#usable(id)) !== undefined;
    } finally {
      lock.release();
    }
  }

  #tell({ fingerprint: id, kind, label }: Named, news: News): void {
    this.#options.onEvent({ fingerprint: id, kind, label, ...news });
  }
}

function inputDirectory(what: StageDescription, inputs: Inputs, role: string): string {
  if (inputs[role] === undefined) {
    throw new GraphError(
      `The stage "${what.label}" asked for the input "${role}" and has ${Object.keys(inputs).join(', ') || 'none'}.`,
      'Name the input in the stage.',
    );
  }
  return inputs[role].directory;
}

function upstreamCosts(inputs: Inputs): Record<string, Cost> {
  const costs: Record<string, Cost> = {};
  for (const { fingerprint: id, manifest } of Object.values(inputs)) {
    Object.assign(costs, manifest.upstream);
    costs[id] = manifest.cost;
  }
  return costs;
}

function interrupted(what: StageDescription, cause: unknown): InterruptedError {
  return new InterruptedError(`Stopped: ${what.label}.`, 'Run the same command again; it resumes.', cause);
}
