/**
 * `parlance plan`: what a run would compute and reuse, and its time and memory, predicted from a few measured steps.
 * With budgets it recommends a method instead (recommend.ts).
 */

import { totalmem } from 'node:os';
import type { Table } from '../charts/table.ts';
import {
  formatBytes,
  formatCompact,
  formatCount,
  formatEstimate,
  formatFlops,
  formatPlural,
  formatSpeed,
} from '../common/format.ts';
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
import {
  ASSUMPTION,
  type DeviceForecast,
  LEAST_DEVICE_WIDTH,
} from '../experiments/estimation/device-forecast.ts';
import { type Prediction, predictRun, totalSeconds } from '../experiments/estimation/prediction.ts';
import type { MethodPretrainings } from '../experiments/execution/domain-pretrainings.ts';
import type { DomainSize } from '../experiments/execution/domain-tokens.ts';
import { prepareExperiment } from '../experiments/execution/prepare.ts';
import { lookAtText, type TextFindings } from '../experiments/execution/text-findings.ts';
import { writeJson } from './display/json.ts';
import { stopOnSignals } from './interruption.ts';
import { newestMeasuredRun } from './newest-run.ts';
import { asksForRecommendation, type BudgetOptions, recommend } from './recommend.ts';
import { formatTable } from './text-table.ts';

export interface PlanOptions
  extends StorageOption,
    ThreadsOption,
    EngineOption,
    PythonOption,
    JsonOption,
    BudgetOptions {
  readonly preset?: PresetName;
  /** False with `--no-measure`: no step is trained, the time comes from what was measured earlier or is not told. */
  readonly measure?: boolean;
  /** Operations a second of a graphics processor. */
  readonly deviceRate?: number;
}

export async function plan(path: string, options: PlanOptions): Promise<void> {
  if (asksForRecommendation(options)) return planForBudgets(path, options);
  const experiment = await readExperiment(path, options.preset);
  const stopping = stopOnSignals(() => undefined);
  const { signal } = stopping;
  const environment = {
    storage: storageOf(path, options),
    threads: threadsOf(options),
    ...(options.engine && { engine: options.engine }),
    version,
    command: runCommand(experiment.file, options),
    signal,
  };
  const prepared = await prepareExperiment(experiment, environment);
  try {
    const source = options.measure === false ? 'recorded' : 'measure';
    const prediction = await predictRun(await prepared.estimated(), {
      residentBytes: process.memoryUsage.rss(),
      source,
      deviceFlopsPerSecond: options.deviceRate,
    });
    const text = await lookAtText(prepared, environment);
    if (options.json) {
      writePrediction(prediction);
      writeJson({ type: 'text', ...text });
    } else {
      process.stdout.write(predictionText(experiment, prediction) + textWords(text));
    }
  } finally {
    stopping.release();
    await prepared.dispose();
  }
}

/** From what was measured, with the preset and the engine of the run that measured it unless others are asked for. */
async function planForBudgets(path: string, options: PlanOptions): Promise<void> {
  const newest = await newestMeasuredRun(path, options);
  const stopping = stopOnSignals(() => undefined);
  const environment = { ...newest.environment, signal: stopping.signal };
  const prepared = await prepareExperiment(newest.experiment, environment);
  try {
    await recommend(prepared, environment, newest.record, options);
  } finally {
    stopping.release();
    await prepared.dispose();
  }
}

function writePrediction({
  stages,
  speeds,
  generic,
  domains,
  domainPretrainings,
  flops,
  seconds,
  peakBytes,
  deviceBytes,
  devices,
}: Prediction): void {
  for (const { stage, fingerprint, state, seconds } of stages) {
    const { kind, label, booking } = stage;
    writeJson({ type: 'stage', fingerprint, kind, label, booking, state, seconds });
  }
  const time =
    seconds === undefined ? {} : { expectedSeconds: seconds.expected, maximumSeconds: seconds.maximum };
  writeJson({
    type: 'plan',
    ...time,
    calibrations: speeds,
    generic,
    domains,
    domainPretrainings,
    flops,
    peakBytes,
    deviceBytes,
    devices,
  });
}

function predictionText({ name, plan: { pretraining, seeds } }: Experiment, prediction: Prediction): string {
  const { stages, speeds, generic, domains, domainPretrainings, flops, seconds, deviceBytes, devices } =
    prediction;
  const lines = [`${name}: what a run would do`, '', formatTable(kindTable(stages), 100), ''];
  if (generic !== undefined) lines.push(genericInWords(generic, pretraining.budgets));
  lines.push(...domains.map(domainInWords));
  lines.push(...domainPretrainings.map((one) => pretrainingsInWords(one, domains.length, seeds.length)));
  lines.push(...speeds.map(speedInWords));
  if (stages.every(({ state }) => state === 'cached')) {
    lines.push('Nothing is left to compute.');
  } else {
    lines.push(
      `Work: about ${formatFlops(flops.expected)}, at most ${formatFlops(flops.maximum)}.`,
      seconds === undefined
        ? 'Time: not known, as no speed was measured on this machine; without --no-measure it is.'
        : `Time: about ${formatEstimate(seconds.expected)}, at most ${formatEstimate(seconds.maximum)} if no fine-tuning stops early; predicted from these speeds, without preparing and clustering text.`,
      memoryInWords(prediction),
    );
    if (deviceBytes !== undefined) {
      lines.push(
        `Memory of the graphics processor: about ${formatBytes(deviceBytes)}, predicted from the graph.`,
      );
    }
    if (devices !== undefined) lines.push('', ...devicesInWords(devices));
  }
  return `${lines.join('\n')}\n`;
}

/** How often a budget reads text again is what makes it useless. */
function genericInWords({ train, source }: DomainSize, budgets: readonly number[]): string {
  const size = `Generic text: ${formatCount(train)} tokens for training, ${source}`;
  const largest = Math.max(...budgets);
  const times = largest / train;
  if (times < 2) return `${size}.`;
  return `${size}; the largest budget, ${formatCompact(largest)} tokens, reads them ${formatCompact(times)} times.`;
}

/** A run counts the text first: what was left out by an estimate may come back. */
function domainInWords({ name, train, source, leftOut }: Prediction['domains'][number]): string {
  const size = `${name}: ${formatCount(train)} tokens for training, ${source}`;
  if (leftOut.length === 0) return `${size}.`;
  const run = source === 'estimated' ? ' here, and by the run unless it counts more' : '';
  return `${size}; in-domain sizes of ${leftOut.map(formatCompact).join(', ')} tokens are left out${run}.`;
}

function speedInWords({
  model,
  trainingTokensPerSecond,
  flopsPerSecond,
  steps,
  standIn,
}: Prediction['speeds'][number]): string {
  const when =
    steps === undefined
      ? 'measured earlier on this machine'
      : `measured now on ${formatPlural(steps, 'step')}`;
  const speed = `Training the ${model} model: ${formatSpeed(trainingTokensPerSecond)} tokens a second`;
  if (standIn === undefined) return `${speed}, ${when}.`;
  return `${speed}, calculated from ${formatFlops(flopsPerSecond)} a second, which a model of ${formatCompact(standIn.parameterCount)} parameters reaches here, ${when}.`;
}

function memoryInWords({ peakBytes }: Prediction): string {
  const most = totalmem();
  const tooMuch = peakBytes > most ? `, more than the ${formatBytes(most)} that this machine has` : '';
  return `Memory: about ${formatBytes(peakBytes)} at the peak${tooMuch}; predicted from the graph of the training step and the text to prepare.`;
}

function devicesInWords(forecast: DeviceForecast): readonly string[] {
  const { flopsPerSecond, rate, bytes, narrowModels, devices, oneSeconds, manySeconds } = forecast;
  const { chainSeconds, chainLabel } = forecast;
  const source =
    rate === 'stated'
      ? 'as you state it'
      : `which is an assumption and was not measured: ${ASSUMPTION}. --device-rate takes another`;
  return [
    `On graphics processors, predicted for ${formatFlops(flopsPerSecond)} a second each, ${source}${idleInWords(narrowModels)}:`,
    `One: about ${formatEstimate(oneSeconds)}, without the preparation of text; about ${formatBytes(bytes)} of its memory, predicted from the graph.`,
    `${devices} side by side: about ${formatEstimate(manySeconds)}. A stage has one device, and the longest chain of stages takes ${formatEstimate(chainSeconds)} on any number, most of it “${chainLabel}”.`,
  ];
}

function idleInWords(narrowModels: DeviceForecast['narrowModels']): string {
  if (narrowModels.length === 0) return '';
  const which = narrowModels.map((name) => `the ${name} model`).join(' and ');
  const are = narrowModels.length === 1 ? 'is' : 'are';
  return `; but ${which} ${are} narrower than ${LEAST_DEVICE_WIDTH} and would leave most of one idle: unless the rate was measured with such a model, these times are far too short`;
}

/** That a method pretrains again for every domain, and where: the largest part of what it costs. */
export function pretrainingsInWords(
  { method, count, part, places }: MethodPretrainings,
  domains: number,
  seeds: number,
): string {
  const where = places.map(({ budget, domainTokens }) => {
    const sizes = domainTokens.map((size) =>
      size === 'all' ? 'all of it' : `${formatCompact(size)} tokens`,
    );
    const sets = sizes.length === 1 ? 'one in-domain set' : `each of ${sizes.length} in-domain sets`;
    return `${formatCompact(budget)} tokens for ${sets} (${sizes.join(', ')})`;
  });
  const amount = formatPlural(count, part === 'whole' ? 'pretraining' : 'pretraining decay');
  const how =
    part === 'whole' ? 'pretrains for each domain' : 'pretrains for each domain, in the decay alone';
  const times = `${formatPlural(domains, 'domain')} and ${formatPlural(seeds, 'seed')}`;
  return `${method} ${how}: ${where.join('; ')}. For ${times} that is ${amount}.`;
}

function textWords({ notes, refusal, unread }: TextFindings): string {
  const lines = notes.map(({ text }) => text);
  if (unread.length > 0)
    lines.push(
      `Not read yet: ${unread.join(', ')}. "parlance corpus" reads the text and tells what it leaves out.`,
    );
  if (refusal !== undefined) lines.push(`A run would be refused: ${refusal.message}`, refusal.hint);
  return lines.length === 0 ? '' : `\n${lines.join('\n')}\n`;
}

function kindTable(stages: Prediction['stages']): Table {
  const kinds = [...new Set(stages.map(({ stage }) => `${stage.kind}\u0000${stage.booking}`))];
  return {
    caption: 'Stages',
    columns: [
      { title: 'Stages', align: 'text' },
      { title: 'Booked as', align: 'text' },
      { title: 'Made already', align: 'number' },
      { title: 'To compute', align: 'number' },
      { title: 'Time', align: 'number' },
    ],
    rows: kinds.map((key) => {
      const [kind, booking] = key.split('\u0000');
      const own = stages.filter(({ stage }) => stage.kind === kind && stage.booking === booking);
      const cached = own.filter(({ state }) => state === 'cached').length;
      const resumed = own.filter(({ state }) => state === 'to resume').length;
      const { expected } = totalSeconds(own);
      return [
        { text: kind },
        { text: booking },
        { text: `${cached}` },
        { text: `${own.length - cached}${resumed > 0 ? ` (${resumed} begun)` : ''}` },
        { text: expected > 0 ? formatEstimate(expected) : '–' },
      ];
    }),
  };
}
