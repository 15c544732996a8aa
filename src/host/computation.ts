/**
 * The process in which a run is computed, with the code of the command line. It tells its host all that happens and
 * writes nothing of the run's record itself. When the host asks it to stop it saves a checkpoint and ends.
 */
import { constants, setPriority } from 'node:os';
import { dirname, join } from 'node:path';
import type { ClusterRun } from '../cluster/slurm/start.ts';
import { InputError } from '../common/errors.ts';
import { ENDING_SIGNALS, isStop } from '../common/interruption.ts';
import { version } from '../common/version.ts';
import { readExperiment } from '../experiments/config/configuration.ts';
import { writableReportsFolder } from '../experiments/config/recorded-facts.ts';
import { runCommand } from '../experiments/config/run-command.ts';
import { corpusFingerprints, endOf, executeRun, type RunSink } from '../experiments/execution/execute.ts';
import { prepareExperiment } from '../experiments/execution/prepare.ts';
import type { ExperimentEnvironment } from '../experiments/execution/prepared.ts';
import { inspectText, requireSound } from '../experiments/execution/text-inspection.ts';
import { type RunRecord, readRunRecord, runFolder } from '../experiments/runs/runs.ts';
import { ArtifactStore } from '../pipeline/store.ts';
import { type ComputationEnd, type ComputationStart, stopSchema, tellParent } from './ipc-messages.ts';
import { keepBest } from './keep-best.ts';
import { corporaBefore, heldBefore, requireSame } from './same-run.ts';
import { startWatchdog } from './watchdog.ts';

/** Shortest distance between two reports of progress to the host. */
const PROGRESS_MS = 100;

export async function compute(start: ComputationStart, program: string): Promise<void> {
  startWatchdog(program, join(runFolder(start.storage, start.run), 'run.json'));
  makeRoomForOthers();
  const stopping = new AbortController();
  let isAsked = false;
  process.on('message', (message) => {
    if (!stopSchema.safeParse(message).success) return;
    isAsked = true;
    stopping.abort();
  });
  // At a logout the system ends this process as well as its host.
  for (const name of ENDING_SIGNALS) process.on(name, () => stopping.abort());
  const { signal } = stopping;
  const asked = { signal, takesBack: () => isAsked };
  await tellParent(await execute(start, program, asked).catch((error: unknown) => ended(error, signal)));
  process.exit();
}

/** `takesBack`: whether the host asked, rather than the system. */
type Stopping = Pick<ClusterRun, 'signal' | 'takesBack'>;

function ended(error: unknown, signal: AbortSignal): ComputationEnd {
  console.error(error);
  return { type: 'end', ...endOf(error), state: isStop(error, signal) ? 'interrupted' : 'failed' };
}

async function execute(
  start: ComputationStart,
  program: string,
  { signal, takesBack }: Stopping,
): Promise<ComputationEnd> {
  const { storage, run, threads } = start;
  const record = await readRunRecord(storage, run);
  const file = experimentFileOf(record);
  const { methods } = record;
  const environment: ExperimentEnvironment = {
    storage,
    threads,
    version,
    command: runCommand(file, {
      engine: record.engine === 'auto' ? undefined : record.engine,
      // On a cluster the user's settings say how many.
      threads: record.on === undefined ? threads : undefined,
      on: record.on,
      preset: record.preset,
      ignoreLostLabels: record.ignoreLostLabels,
    }),
    signal,
    engine: record.engine,
    methods,
    ...(record.ignoreLostLabels && { ignoreLostLabels: true }),
    ...(record.on && start.task === 'compute' && (await onCluster(storage, program, { signal, takesBack }))),
  };
  const before = corporaBefore(storage, record);
  // What the training at hand has read is in the store, whatever became of the files since.
  const keeps = start.task === 'keep-best' && before !== undefined;
  const prepared = await prepareExperiment(await readExperiment(file, record.preset), {
    ...environment,
    ...(keeps && { contents: await heldBefore(new ArtifactStore(storage), before) }),
  });
  try {
    const corpora = corpusFingerprints(prepared);
    requireSame(prepared.experiment, record, before, corpora);
    await writableReportsFolder(prepared.experiment, storage);
    if (start.task === 'keep-best')
      return { type: 'end', ...(await keepBest(prepared, record, environment)) };
    requireSound(await inspectText(prepared.experiment, signal), environment);
    // An engine that cannot be used is told before any work.
    if (environment.executor === undefined) prepared.services.engine();
    const sink = new HostSink();
    sink.append({ type: 'corpora', corpora });
    await executeRun(prepared, environment, { run: record, sink, observer: silent });
    const peakBytes = sink.isAllComputed ? prepared.peakBytes() : undefined;
    return { type: 'end', state: 'finished', message: '', hint: '', ...(peakBytes && { peakBytes }) };
  } finally {
    await prepared.dispose();
  }
}

/** The nodes start the command line that lies beside this program. */
async function onCluster(
  storage: string,
  program: string,
  stopping: Stopping,
): Promise<Pick<ExperimentEnvironment, 'executor' | 'threads'>> {
  const { onSlurm } = await import('../cluster/slurm/start.ts');
  const onNote = (text: string): void => void tellParent({ type: 'note', text });
  const onStandstill = (why?: string): void => void tellParent({ type: 'standstill', why });
  return onSlurm({ storage, program: join(dirname(program), 'cli.mjs'), ...stopping, onNote, onStandstill });
}

const silent = {
  onPlan: () => undefined,
  onStage: () => undefined,
  onNotes: () => undefined,
  onMeasurement: () => undefined,
};

class HostSink implements RunSink {
  /** Whether nothing was found made, so that the peak of memory is that of the whole work. */
  isAllComputed = true;
  #stageMs = 0;
  #overallMs = 0;

  append(event: Parameters<RunSink['append']>[0]): void {
    if (event.type === 'plan') this.isAllComputed &&= event.stages.every(({ cached }) => !cached);
    if (event.type === 'stage') {
      const { event: stage } = event;
      if (stage.state === 'started' && stage.resumed) this.isAllComputed = false;
      if (stage.state === 'progress' && stage.fraction < 1) {
        if (performance.now() - this.#stageMs < PROGRESS_MS) return;
        this.#stageMs = performance.now();
      } else {
        this.#stageMs = 0;
      }
    }
    void tellParent({ type: 'event', event });
  }

  progress(overall: Parameters<RunSink['progress']>[0]): void {
    if (performance.now() - this.#overallMs < PROGRESS_MS) return;
    this.#overallMs = performance.now();
    void tellParent({ type: 'progress', ...overall, residentBytes: process.memoryUsage.rss() });
  }
}

function experimentFileOf({ id, experimentFile }: RunRecord): string {
  if (experimentFile !== undefined) return experimentFile;
  throw new InputError(
    `The run ${id} came with the workspace: there is nothing to compute for it.`,
    'Start a new run: what came along is used again.',
  );
}

/** The editor and other programs go first. */
function makeRoomForOthers(): void {
  try {
    setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // Some systems refuse; then it runs as others do.
  }
}
