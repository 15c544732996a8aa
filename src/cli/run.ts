/** `parlance run`: runs an experiment, shows how it goes, and says at the end what was found. */
import { join, resolve } from 'node:path';
import type { ClusterRun } from '../cluster/slurm/start.ts';
import { InterruptedError } from '../common/errors.ts';
import { formatBytes, formatPlural } from '../common/format.ts';
import { isStop } from '../common/interruption.ts';
import { version } from '../common/version.ts';
import { readExperiment } from '../experiments/config/configuration.ts';
import type { Experiment } from '../experiments/config/experiment.ts';
import type { PresetName } from '../experiments/config/presets.ts';
import { runCommand } from '../experiments/config/run-command.ts';
import {
  type EngineOption,
  type JsonOption,
  type PythonOption,
  type StorageOption,
  storageOf,
  type ThreadsOption,
  threadsOf,
} from '../experiments/config/settings.ts';
import { runExperiment } from '../experiments/execution/execute.ts';
import { prepareExperiment } from '../experiments/execution/prepare.ts';
import type {
  ExperimentEnvironment,
  ExperimentObserver,
  ExperimentOutcome,
  PreparedExperiment,
} from '../experiments/execution/prepared.ts';
import { answersOf } from '../experiments/results/answer.ts';
import { answerJson } from '../experiments/results/answer-json.ts';
import type { RunDisplay } from './display/display.ts';
import { jsonDisplay, writeJson } from './display/json.ts';
import { plainDisplay } from './display/plain.ts';
import { columnsOf, textWidth } from './display/width.ts';
import { stopOnSignals } from './interruption.ts';
import { resultText } from './result-text.ts';

export interface RunOptions extends StorageOption, ThreadsOption, EngineOption, PythonOption, JsonOption {
  readonly preset?: PresetName;
  readonly ignoreLostLabels?: boolean;
  readonly on?: 'slurm';
}

export async function run(path: string, options: RunOptions): Promise<void> {
  const experiment = await readExperiment(path, options.preset);
  let display: RunDisplay | undefined;
  const stopping = stopOnSignals(() => display?.note('Stopping after this step; Ctrl-C again ends at once.'));
  const environment: ExperimentEnvironment = {
    storage: storageOf(path, options),
    threads: threadsOf(options),
    ...(options.engine && { engine: options.engine }),
    ...(options.ignoreLostLabels && { ignoreLostLabels: true }),
    ...(options.on && {
      on: options.on,
      ...(await onCluster({
        storage: storageOf(path, options),
        program: resolve(process.argv[1]),
        signal: stopping.signal,
        takesBack: stopping.isCtrlC,
        onNote: (text) => display?.note(text),
        // The notes have said so.
        onStandstill: () => undefined,
      })),
    }),
    version,
    command: runCommand(experiment.file, options),
    signal: stopping.signal,
  };
  const prepared = await prepareExperiment(experiment, environment);
  try {
    // An engine that cannot be used is told before any work.
    if (options.on === undefined) prepared.services.engine();
    if (!options.json) process.stdout.write(`${deviceText(prepared, options)}\n`);
    display = await displayFor(experiment, options);
    const outcome = await runExperiment(prepared, environment, observe(display));
    await display.close();
    conclude(outcome, prepared.peakBytes(), options);
  } catch (error) {
    await display?.close();
    throw isStop(error, stopping.signal) ? interrupted(environment.command, error) : error;
  } finally {
    stopping.release();
    await prepared.dispose();
  }
}

async function onCluster(run: ClusterRun): Promise<Pick<ExperimentEnvironment, 'executor' | 'threads'>> {
  const { onSlurm } = await import('../cluster/slurm/start.ts');
  return onSlurm(run);
}

async function displayFor({ name }: Experiment, { json }: RunOptions): Promise<RunDisplay> {
  if (json) return jsonDisplay();
  if (!process.stdout.isTTY || columnsOf(process.stdout) === undefined)
    return plainDisplay((line) => process.stdout.write(`${line}\n`));
  const { liveDisplay } = await import('./display/live.ts');
  return liveDisplay(name);
}

function observe(display: RunDisplay): ExperimentObserver {
  return {
    onPlan(planned) {
      const cached = planned.filter((one) => one.cached).length;
      display.note(`${formatPlural(planned.length - cached, 'stage')} to compute, ${cached} reused.`);
    },
    onNotes(notes) {
      for (const { text } of notes) display.note(text);
    },
    onStage: (event, progress) => display.onStage(event, progress),
    onMeasurement: (measurement) => display.onMeasurement(measurement),
  };
}

function conclude(
  { results, reportDirectory }: ExperimentOutcome,
  peakBytes: number,
  { json }: RunOptions,
): void {
  const report = join(reportDirectory, 'report.html');
  if (json) {
    const answers = answersOf(results, results.measurements).map(answerJson);
    writeJson({ type: 'result', answers, report, peakBytes, results });
    return;
  }
  const parts = [
    resultText(results, textWidth()),
    `Peak memory: ${formatBytes(peakBytes)}\nReport: ${report}`,
  ];
  process.stdout.write(`\n${parts.join('\n\n')}\n`);
}

function deviceText({ engine: { name, reason }, services }: PreparedExperiment, { on }: RunOptions): string {
  if (on !== undefined) return `Stages are jobs of Slurm, with the engine ${name}, because ${reason}.`;
  const device =
    name === 'onnxruntime:cpu'
      ? `CPU with ${formatPlural(services.threads, 'thread')}`
      : services.engine().device.device;
  return `Device: ${device}, engine ${name}, because ${reason}.`;
}

function interrupted(command: string, cause: unknown): InterruptedError {
  return new InterruptedError(
    'Stopped; everything so far is kept.',
    `Run the same command again to go on: ${command}`,
    cause,
  );
}
