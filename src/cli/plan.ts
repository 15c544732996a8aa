/**
 * `parlance plan`: what a run would compute and reuse, and its time and memory, predicted from a few measured steps.
 * With budgets it recommends a method instead (recommend.ts).
 */
import { formatBytes, formatCount, formatPlural, formatSeconds } from '../../webview/charts/format.ts';
import type { Table } from '../../webview/charts/table.ts';
import { version } from '../common/version.ts';
import { type Calibration, calibrate, predictTrainingPeakBytes } from '../experiments/calibration.ts';
import { readExperiment } from '../experiments/configuration.ts';
import { type DomainSize, experimentWork } from '../experiments/domain-tokens.ts';
import { forecastSeconds, type SecondsForecast } from '../experiments/forecast.ts';
import { experimentTargets } from '../experiments/grid.ts';
import type { PresetName } from '../experiments/presets.ts';
import {
  type PreparedExperiment,
  prepareExperiment,
  trainedNetworks,
  usedModels,
} from '../experiments/run.ts';
import {
  type JsonOption,
  type StorageOption,
  storageOf,
  type ThreadsOption,
  threadsOf,
} from '../experiments/settings.ts';
import { textMemory } from '../experiments/text-memory.ts';
import { type PlannedStage, plan as planStages } from '../pipeline/plan.ts';
import { writeJson } from './display/json.ts';
import { stopOnSignals } from './interruption.ts';
import { asksForRecommendation, type BudgetOptions, recommend } from './recommend.ts';
import { formatTable } from './text-table.ts';

export interface PlanOptions extends StorageOption, ThreadsOption, JsonOption, BudgetOptions {
  readonly preset?: PresetName;
}

interface Forecast {
  readonly stages: readonly (PlannedStage & { readonly seconds: SecondsForecast | undefined })[];
  readonly calibrations: readonly Calibration[];
  readonly domains: readonly (DomainSize & { readonly name: string })[];
  readonly peakBytes: number;
}

export async function plan(path: string, options: PlanOptions): Promise<void> {
  const experiment = await readExperiment(path, options.preset);
  const stopping = stopOnSignals(() => undefined);
  const { signal } = stopping;
  const environment = {
    storage: storageOf(path, options),
    threads: threadsOf(options),
    version,
    command: `parlance run ${experiment.file}`,
    signal,
  };
  const prepared = await prepareExperiment(experiment, environment);
  try {
    if (asksForRecommendation(options)) {
      await recommend(prepared, environment, options);
      return;
    }
    const forecast = await predict(prepared, process.memoryUsage.rss());
    if (options.json) writeForecast(forecast);
    else process.stdout.write(forecastText(experiment.name, forecast));
  } finally {
    stopping.release();
    await prepared.dispose();
  }
}

async function predict(prepared: PreparedExperiment, residentBytes: number): Promise<Forecast> {
  const { experiment, stages, services } = prepared;
  const planned = (await planStages(experimentTargets(stages), services.store)).filter(
    ({ state }) => state !== 'not needed',
  );
  const { works, sizes } = await experimentWork(prepared);
  const models = usedModels(experiment);
  const toCompute = new Set(planned.filter(({ state }) => state !== 'cached').map((one) => one.fingerprint));
  const text = await textMemory(prepared, toCompute);
  const calibrations: Calibration[] = [];
  if (toCompute.size > 0) {
    for (const model of models) calibrations.push(await calibrate(experiment.plan, model, services.engine()));
  }
  return {
    stages: planned.map((one) => ({
      ...one,
      seconds:
        one.state === 'cached'
          ? undefined
          : forecastSeconds(works.get(one.fingerprint), experiment.plan, calibrations),
    })),
    calibrations,
    domains: [...sizes.values()].map((size, i) => ({ ...size, name: experiment.plan.domains[i].name })),
    peakBytes: Math.max(
      residentBytes + text.peakBytes,
      predictTrainingPeakBytes(experiment.plan, trainedNetworks(experiment), residentBytes + text.leftBytes),
    ),
  };
}

function writeForecast({ stages, calibrations, domains, peakBytes }: Forecast): void {
  for (const { stage, fingerprint, state, seconds } of stages) {
    const { kind, label, booking } = stage;
    writeJson({ type: 'stage', fingerprint, kind, label, booking, state, seconds });
  }
  writeJson({ type: 'plan', ...totals(stages), calibrations, domains, peakBytes });
}

function totals(stages: Forecast['stages']): { expectedSeconds: number; maximumSeconds: number } {
  return {
    expectedSeconds: stages.reduce((sum, { seconds }) => sum + (seconds?.expected ?? 0), 0),
    maximumSeconds: stages.reduce((sum, { seconds }) => sum + (seconds?.maximum ?? 0), 0),
  };
}

function forecastText(name: string, forecast: Forecast): string {
  const { stages, calibrations, domains, peakBytes } = forecast;
  const { expectedSeconds, maximumSeconds } = totals(stages);
  const lines = [`${name}: what a run would do`, '', formatTable(kindTable(stages), 100), ''];
  for (const { name: domain, train, source } of domains) {
    lines.push(`${domain}: ${formatCount(train)} tokens for training, ${source}.`);
  }
  for (const { model, trainingTokensPerSecond, steps } of calibrations) {
    const speed = formatCount(trainingTokensPerSecond);
    lines.push(
      `Training the ${model} model: ${speed} tokens a second, measured now on ${formatPlural(steps, 'step')}.`,
    );
  }
  if (calibrations.length === 0) {
    lines.push('Nothing is left to compute.');
  } else {
    lines.push(
      `Time: about ${formatSeconds(expectedSeconds)}, at most ${formatSeconds(maximumSeconds)} if no fine-tuning stops early; predicted from these speeds, without the preparation of text.`,
      `Memory: about ${formatBytes(peakBytes)} at the peak, predicted from the graph of the training step and the text to prepare.`,
    );
  }
  return `${lines.join('\n')}\n`;
}

function kindTable(stages: Forecast['stages']): Table {
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
      const { expectedSeconds } = totals(own);
      return [
        { text: kind },
        { text: booking },
        { text: `${cached}` },
        { text: `${own.length - cached}${resumed > 0 ? ` (${resumed} begun)` : ''}` },
        { text: expectedSeconds > 0 ? formatSeconds(expectedSeconds) : '–' },
      ];
    }),
  };
}
