/**
 * `parlance stage`: computes stages of a plan that is written in the storage, as a job of a cluster does. What it did goes
 * to standard output, and with `--events` to a file that whoever planned the run reads.
 */
import { join, resolve } from 'node:path';
import { jobEventWriter } from '../cluster/slurm/job-events.ts';
import { JobProgress } from '../cluster/slurm/job-progress.ts';
import { leaveWhenTimeIsOver } from '../cluster/slurm/time-over.ts';
import { InterruptedError } from '../common/errors.ts';
import type { Engine } from '../engines/engine.ts';
import { ENGINE_NAMES, type EngineName, type LoadedEngine, loadEngine } from '../engines/names.ts';
import { type ThreadsOption, threadsOf } from '../experiments/config/settings.ts';
import { describedStage } from '../methods/stage-kinds.ts';
import type { StageServices } from '../methods/stages/services.ts';
import type { StageDescription } from '../pipeline/manifest.ts';
import { runStage } from '../pipeline/runner.ts';
import type { StageEvent } from '../pipeline/stage-event.ts';
import { readStagePlans } from '../pipeline/stage-plans.ts';
import { ArtifactStore } from '../pipeline/store.ts';
import { stopOnSignals } from './interruption.ts';

export interface StageOptions extends ThreadsOption {
  readonly storage: string;
  readonly events?: string;
}

export async function stage(ids: readonly string[], options: StageOptions): Promise<void> {
  const storage = resolve(options.storage);
  const stopping = stopOnSignals(() => console.error('Stopping after this step; what it has is saved.'));
  const timeOver = leaveWhenTimeIsOver();
  const signal = AbortSignal.any([stopping.signal, timeOver.signal]);
  const tell = options.events === undefined ? undefined : jobEventWriter(resolve(options.events));
  const progress = new JobProgress(new ArtifactStore(storage));
  const onEvent = (event: StageEvent): void => {
    progress.onEvent(event);
    tell?.(event);
    if (event.state !== 'progress') console.log(`${new Date().toISOString()} ${event.state}: ${event.label}`);
  };
  const engines = new JobEngines(threadsOf(options));
  try {
    for (const id of ids) await computeOne(id, { storage, engines, signal, onEvent });
  } catch (error) {
    if (!(error instanceof InterruptedError) || !timeOver.signal.aborted) throw error;
    await timeOver.leave(error, progress.isFruitless);
  } finally {
    stopping.release();
    timeOver.release();
    await engines.dispose();
  }
}

/** The engines of a job, each loaded once, for the first stage that needs it: a Python holds memory of its device. */
class JobEngines {
  readonly threads: number;
  readonly #loaded = new Map<EngineName, LoadedEngine>();

  constructor(threads: number) {
    this.threads = threads;
  }

  async engine(name: EngineName): Promise<Engine> {
    const loaded = this.#loaded.get(name) ?? (await loadEngine(name, this.threads));
    this.#loaded.set(name, loaded);
    return loaded.engine();
  }

  async dispose(): Promise<void> {
    for (const loaded of this.#loaded.values()) await loaded.dispose();
  }
}

interface Computing {
  readonly storage: string;
  readonly engines: JobEngines;
  readonly signal: AbortSignal;
  onEvent(event: StageEvent): void;
}

async function computeOne(id: string, { storage, engines, signal, onEvent }: Computing): Promise<void> {
  const descriptions = await readStagePlans(storage, id);
  const store = new ArtifactStore(storage);
  const what = descriptions.get(id);
  if (what !== undefined && (await store.has(id))) {
    return onEvent({ fingerprint: id, kind: what.kind, label: what.label, state: 'reused' });
  }
  const engineName = engineOf(descriptions);
  const engine = await engines.engine(engineName);
  const services: StageServices = {
    store,
    threads: engines.threads,
    cacheFile: join(storage, 'cache', 'files.json'),
    engineName,
    engine: () => engine,
  };
  await runStage(describedStage(id, descriptions, services), { store, signal, onEvent });
}

/** That which the stage was planned for; stages that need none do not name one. */
function engineOf(descriptions: ReadonlyMap<string, StageDescription>): EngineName {
  for (const { parameters } of descriptions.values()) {
    const named = parameters !== null && typeof parameters === 'object' && 'engine' in parameters;
    const found = ENGINE_NAMES.find((one) => named && one === parameters.engine);
    if (found !== undefined) return found;
  }
  return 'onnxruntime:cpu';
}
