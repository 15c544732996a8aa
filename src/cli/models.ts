/** `parlance models`: what an experiment left, the model to use first; as the Models view of the editor has it. */
import { selectionInWords } from '../budget/in-domain-size.ts';
import { formatBytes, formatCompact, formatPerplexity, formatPlural } from '../common/format.ts';
import { runCommand } from '../experiments/config/run-command.ts';
import { type JsonOption, type StorageOption, storageOf } from '../experiments/config/settings.ts';
import type { Answer } from '../experiments/results/answer.ts';
import {
  experimentModels,
  type MeasuredModel,
  type ModelsOfExperiment,
} from '../experiments/results/experiment-models.ts';
import { byPoint, standingOf } from '../experiments/results/model-points.ts';
import type { KeptModel } from '../experiments/results/models.ts';
import { storedRuns } from '../experiments/runs/stored-runs.ts';
import { methodInWords } from '../methods/titles.ts';
import { writeJson } from './display/json.ts';
import { textWidth } from './display/width.ts';
import { experimentAsMeasured } from './newest-run.ts';
import { wrap } from './text-table.ts';

export async function models(path: string, options: StorageOption & JsonOption): Promise<void> {
  const experiment = await experimentAsMeasured(path, options);
  const storage = storageOf(path, options);
  const { runs, damaged } = await storedRuns(storage);
  const found = await experimentModels({ file: experiment.file, storage, experiment }, runs);
  const domains = [...new Set(found.measured.map(({ measurement }) => measurement.domain))].sort();
  if (options.json) {
    for (const domain of domains) for (const one of rankedIn(found, domain).flat()) writeModel(found, one);
    for (const { folder, parameters, bytes, stopped } of found.kept)
      writeJson({ type: 'kept model', folder, parameters, bytes, ...(stopped && { stopped }) });
    for (const id of damaged) writeJson({ type: 'damaged run', id });
    return;
  }
  const blocks = [
    ...domains.flatMap((domain) => domainBlocks(found, domain)),
    ...(found.kept.length === 0 ? [] : ['Kept when runs were stopped:', ...found.kept.map(keptBlock)]),
    ...damaged.map((id) => `The log of run ${id} is damaged; what it measured is not listed.`),
  ];
  if (blocks.length === 0) blocks.push(`There is no model yet; run: ${runCommand(path, options)}`);
  process.stdout.write(`${blocks.join('\n\n')}\n`);
}

/** Models that differ in nothing but the seed together; first what the answer rests on. */
function rankedIn(found: ModelsOfExperiment, domain: string): readonly (readonly MeasuredModel[])[] {
  const own = found.measured.filter(({ measurement }) => measurement.domain === domain);
  return byPoint(own, answerFor(found, domain));
}

function answerFor({ answers }: ModelsOfExperiment, domain: string): Answer | undefined {
  return answers.find(({ view }) => view.kind === 'domain' && view.title === domain);
}

function writeModel(found: ModelsOfExperiment, { measurement, model, isCurrent }: MeasuredModel): void {
  const { domain, method, seed, phase, pretrainingTokens, domainTokens, requestedDomainTokens } = measurement;
  writeJson({
    type: 'model',
    domain,
    method,
    seed,
    phase,
    standing: standingOf(method, answerFor(found, domain)),
    perplexity: measurement.perplexity,
    validationPerplexity: measurement.validationPerplexity,
    bitsPerByte: measurement.bitsPerByte,
    pretrainingTokens,
    domainTokens,
    requestedDomainTokens,
    isCurrent,
    parameters: model.parameters,
    ...('folder' in model && { bytes: model.bytes, folder: model.folder }),
  });
}

/** Of each method the point that the answer rests on, its seeds one below the other. */
function domainBlocks(found: ModelsOfExperiment, domain: string): readonly string[] {
  const answer = answerFor(found, domain);
  const points = rankedIn(found, domain);
  const shown = points.filter(
    ([one], i) => points.findIndex(([first]) => first.measurement.method === one.measurement.method) === i,
  );
  const folded = points.flat().length - shown.flat().length;
  const more = `${formatPlural(folded, 'model')} of other budgets, sizes or settings: --json lists all.`;
  return [
    wrap(answer === undefined ? domain : `${domain}: ${answer.headline}`, textWidth()).join('\n'),
    ...shown.flat().map((one) => modelBlock(one, answer)),
    ...(folded === 0 ? [] : [more]),
  ];
}

/** Three lines: figure and method, what it was trained on, and the folder. */
export function modelBlock(
  { measurement, model, isCurrent }: MeasuredModel,
  answer: Answer | undefined,
): string {
  const { method, seed, perplexity, validationPerplexity } = measurement;
  const standing = standingOf(method, answer);
  const mark = standing === 'chosen' ? ['use this', answer?.verdict ?? ''] : [standing ?? ''];
  const size = `${formatCompact(model.parameters)} parameters`;
  return block(perplexity, [
    inRow([methodInWords(method), ...mark]),
    inRow([
      `seed ${seed}`,
      `validation ${formatPerplexity(validationPerplexity)}`,
      budgetWords(measurement),
      'folder' in model ? `${size}, ${formatBytes(model.bytes)}` : size,
      isCurrent ? '' : 'of another configuration or other text',
    ]),
    'folder' in model ? model.folder : 'weights not here: run it to make them',
  ]);
}

function budgetWords(measurement: MeasuredModel['measurement']): string {
  const { phase, pretrainingTokens, domainTokens, requestedDomainTokens } = measurement;
  const generic = pretrainingTokens === 0 ? [] : [`${formatCompact(pretrainingTokens)} generic`];
  const own =
    phase === 'before fine-tuning'
      ? `not fine-tuned${selectionInWords(requestedDomainTokens)}`
      : `${formatCompact(domainTokens)} in-domain tokens`;
  return [...generic, own].join(' + ');
}

function keptBlock({ folder, parameters, bytes, stopped }: KeptModel): string {
  return block(stopped?.heldOut?.perplexity, [
    inRow([
      stopped === undefined ? 'nothing is said of it' : methodInWords(stopped.method),
      stopped?.heldOut === undefined ? 'not measured' : `held-out text of ${stopped.heldOut.domain}`,
    ]),
    inRow([
      stopped === undefined ? '' : `step ${stopped.step}`,
      `${formatCompact(parameters)} parameters, ${formatBytes(bytes)}`,
    ]),
    folder,
  ]);
}

const FIGURE_WIDTH = 8;

/** The figure first, as in the view; a folder stands in a line of its own, whole, to be copied. */
function block(perplexity: number | undefined, lines: readonly string[]): string {
  const figure = perplexity === undefined ? '–' : formatPerplexity(perplexity);
  return lines.map((line, i) => `${(i === 0 ? figure : '').padStart(FIGURE_WIDTH)}  ${line}`).join('\n');
}

function inRow(words: readonly string[]): string {
  return words.filter((word) => word !== '').join(' · ');
}
