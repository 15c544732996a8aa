/**
 * `parlance plan`: what a run would compute and reuse, and its time and memory, predicted from a few measured steps.
 * With budgets it recommends a method instead (recommend.ts).
 */

import type { Table } from '../charts/table.ts';
import {
  formatBytes,
  formatCompact,
  formatCount,
  formatEstimate,
  formatFlops,
  formatPlural,
} from '../common/format.ts';
import { version } from '../common/version.ts';
import { readExperiment } from '../experiments/config/configuration.ts';
import type { PresetName } from '../experiments/config/presets.ts';
import { runCommand } from '../experiments/config/run-command.ts';
import {
  type EngineOption,
  type JsonOption,
  type StorageOption,
  storageOf,
  type ThreadsOption,
  threadsOf,
} from '../experiments/config/settings.ts';
import { type Prediction, predictRun, totalSeconds } from '../experiments/estimation/prediction.ts';
import type { MethodPretrainings } from '../experiments/execution/domain-pretrainings.ts';
import { prepareExperiment } from '../experiments/execution/prepare.ts';
import { lookAtText, type TextFindings } from '../experiments/execution/text-findings.ts';
import { writeJson } from './display/json.ts';
import { stopOnSignals } from './interruption.ts';
import { asksForRecommendation, type BudgetOptions, recommend } from './recommend.ts';
import { formatTable } from './text-table.ts';

export interface PlanOptions extends StorageOption, ThreadsOption, EngineOption, JsonOption, BudgetOptions {
  readonly preset?: PresetName;
  /** False with `--no-measure`: no step is trained, the time comes from what was measured earlier or is not told. */
  readonly measure?: boolean;
}

export async function plan(path: string, options: PlanOptions): Promise<void> {
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
    if (asksForRecommendation(options)) {
      await recommend(prepared, environment, options);
      return;
    }
    const source = options.measure === false ? 'recorded' : 'measure';
    const prediction = await predictRun(prepared, process.memoryUsage.rss(), source);
    const text = await lookAtText(prepared, environment);
    if (options.json) {
      writePrediction(prediction);
      writeJson({ type: 'text', ...text });
    } else {
      process.stdout.write(predictionText(experiment.name, prediction) + textWords(text));
    }
  } finally {
    stopping.release();
    await prepared.dispose();
  }
}

function writePrediction({
  stages,
  speeds,
  domains,
  domainPretrainings,
  flops,
  seconds,
  peakBytes,
  deviceBytes,
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
    domains,
    domainPretrainings,
    flops,
    peakBytes,
    deviceBytes,
  });
}

function predictionText(name: string, prediction: Prediction): string {
  const { stages, speeds, domains, domainPretrainings, flops, seconds, peakBytes, deviceBytes } = prediction;
  const lines = [`${name}: what a run would do`, '', formatTable(kindTable(stages), 100), ''];
  for (const { name: domain, train, source } of domains) {
    lines.push(`${domain}: ${formatCount(train)} tokens for training, ${source}.`);
  }
  lines.push(...domainPretrainings.map(pretrainingsInWords));
  for (const { model, trainingTokensPerSecond, steps } of speeds) {
    const speed = formatCount(trainingTokensPerSecond);
    const when =
      steps === undefined
        ? 'measured earlier on this machine'
        : `measured now on ${formatPlural(steps, 'step')}`;
    lines.push(`Training the ${model} model: ${speed} tokens a second, ${when}.`);
  }
  if (stages.every(({ state }) => state === 'cached')) {
    lines.push('Nothing is left to compute.');
  } else {
    lines.push(
      `Work: about ${formatFlops(flops.expected)}, at most ${formatFlops(flops.maximum)}.`,
      seconds === undefined
        ? 'Time: not known, as no speed was measured on this machine; without --no-measure it is.'
        : `Time: about ${formatEstimate(seconds.expected)}, at most ${formatEstimate(seconds.maximum)} if no fine-tuning stops early; predicted from these speeds, without the preparation of text.`,
      `Memory: about ${formatBytes(peakBytes)} at the peak, predicted from the graph of the training step and the text to prepare.`,
    );
    if (deviceBytes !== undefined) {
      lines.push(
        `Memory of the graphics processor: about ${formatBytes(deviceBytes)}, predicted from the graph.`,
      );
    }
  }
  return `${lines.join('\n')}\n`;
}

/** That a method pretrains again for every domain, and where: the largest part of what it costs. */
function pretrainingsInWords({ method, count, part, places }: MethodPretrainings): string {
  const where = places.map(({ budget, domainTokens }) => {
    const sizes = domainTokens.map((size) => (size === 'all' ? 'all' : formatCompact(size)));
    return `${formatCompact(budget)} tokens for ${sizes.join(', ')}`;
  });
  const amount = formatPlural(count, part === 'whole' ? 'pretraining' : 'pretraining decay');
  return `${method}: ${amount} paid for the domains, of ${where.join('; ')} in-domain tokens.`;
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
