/**
 * The Models tree as rows: what came out, by experiment and domain, one row a method. First stands the method that the
 * answer names (experiments/results/answer.ts), then what ties with it, then the others by validation. Seeds of one point are one
 * row with their mean; a method's point that the answer rests on is its row, and its other budgets and sizes are folded
 * below. Pure.
 */

import type { Measurement } from '../../budget/measurement.ts';
import {
  formatBits,
  formatBytes,
  formatCompact,
  formatPerplexity,
  formatRange,
} from '../../common/format.ts';
import { mean } from '../../common/means.ts';
import { BITS_PER_BYTE_EXPLAINED, PERPLEXITY_EXPLAINED } from '../../common/measures.ts';
import type { Translate } from '../../common/translate.ts';
import type { StoppedEarly } from '../../experiments/execution/stopped-early.ts';
import type { Answer } from '../../experiments/results/answer.ts';
import type { MeasuredModel, ModelsOfExperiment } from '../../experiments/results/experiment-models.ts';
import {
  byPoint,
  meanOf,
  meanValidation,
  pointKey,
  standingOf,
} from '../../experiments/results/model-points.ts';
import type { KeptModel } from '../../experiments/results/models.ts';
import { methodInWords, methodTitle } from '../../methods/titles.ts';
import { childrenOf, shortName, type TreeNode } from './nodes.ts';

export interface ExperimentModels extends ModelsOfExperiment {
  readonly file: string;
  readonly name: string;
  /** Runs go on, so that the answers are those so far. */
  readonly isGoingOn?: boolean;
}

/** The roots; none when there is no model, so that the welcome shows. */
export function modelRows(experiments: readonly ExperimentModels[], t: Translate): readonly TreeNode[] {
  const filled = experiments.filter(({ measured, kept }) => measured.length + kept.length > 0);
  const [only, ...more] = filled;
  if (only === undefined) return [];
  if (more.length === 0) return rowsOfExperiment(only, t);
  return filled.map((experiment) => ({
    id: `experiment:${experiment.file}`,
    label: experiment.name,
    tooltip: experiment.file,
    icon: { name: 'beaker' },
    spoken: t('Experiment {0}', experiment.name),
    isOpen: true,
    children: rowsOfExperiment(experiment, t),
  }));
}

function rowsOfExperiment(experiment: ExperimentModels, t: Translate): readonly TreeNode[] {
  const { file, measured, kept } = experiment;
  const domains = [...new Set(measured.map(({ measurement }) => measurement.domain))].sort();
  const rows = domains.map((domain) => domainRow(experiment, domain, t));
  return kept.length === 0 ? rows : [...rows, keptRow(file, kept, t)];
}

function domainRow(
  { file, measured, answers, isGoingOn }: ExperimentModels,
  domain: string,
  t: Translate,
): TreeNode {
  const id = `domain:${file}:${domain}`;
  const answer = answers.find(({ view }) => view.kind === 'domain' && view.title === domain);
  const own = measured.filter(({ measurement }) => measurement.domain === domain);
  const points = byPoint(own, answer);
  const methods = [...new Set(points.map(([{ measurement }]) => measurement.method))];
  const children = methods.map((method) =>
    methodRow(
      id,
      points.filter(([{ measurement }]) => measurement.method === method),
      { mark: markOf(method, answer, t), icon: iconOf(method, answer) },
      t,
    ),
  );
  const chosen = answer?.choice?.chosen.method.id;
  const count = children.length === 1 ? t('1 method') : t('{0} methods', children.length);
  const description = [
    ...(answer?.verdict === undefined ? [] : [answer.verdict]),
    ...(chosen === undefined
      ? []
      : [
          isGoingOn
            ? t('so far use {0}', methodTitle(chosen, chosen))
            : t('use {0}', methodTitle(chosen, chosen)),
        ]),
    count,
  ].join(' · ');
  return {
    id,
    label: shortName(domain),
    description,
    tooltip: [domain, ...(answer === undefined ? [] : [answer.paragraph])].join('\n'),
    icon: { name: 'book' },
    spoken: t('Domain {0}: {1}', domain, answer?.headline ?? description),
    isOpen: true,
    children,
  };
}

interface Place {
  /** What the answer says of the method; empty for most. */
  readonly mark: string;
  readonly icon: string;
}

/** The point of a method that the answer rests on, the first one; under it its seeds and the other points. */
function methodRow(
  parent: string,
  [first, ...others]: readonly (readonly MeasuredModel[])[],
  { mark, icon }: Place,
  t: Translate,
): TreeNode {
  const { method } = first[0].measurement;
  const plain = pointRow(parent, first, t, mark);
  const row = {
    ...plain,
    // Named by the method alone, so that it stays open and selected when another point stands first.
    id: `${parent}/${method}`,
    icon: { name: icon },
  };
  if (others.length === 0) return row;
  const label = t('Other budgets and sizes');
  const folded: TreeNode = {
    id: `${row.id}/others`,
    label,
    description: String(others.length),
    icon: { name: 'layers' },
    spoken: t('{0} of {1}: {2}', label, methodInWords(method), others.length),
    children: others.map((models) => pointRow(`${row.id}/others`, models, t)),
  };
  return { ...row, children: [...childrenOf(row), folded] };
}

/** `use this, clear`, `tie`: only of those that no measurement sets apart from the lowest. */
function markOf(method: string, answer: Answer | undefined, t: Translate): string {
  const standing = standingOf(method, answer);
  if (standing !== 'chosen') return standing ?? '';
  return [t('use this'), ...(answer?.verdict === undefined ? [] : [answer.verdict])].join(', ');
}

/** A full star for the one to use, half of one for what ties with it: seen where the row's end is cut off. */
function iconOf(method: string, answer: Answer | undefined): string {
  const standing = standingOf(method, answer);
  return standing === undefined ? 'package' : standing === 'chosen' ? 'star-full' : 'star-half';
}

function pointRow(parent: string, models: readonly MeasuredModel[], t: Translate, mark = ''): TreeNode {
  const [first] = models;
  const { measurement, model, isCurrent } = first;
  const id = `${parent}/${pointKey(measurement, isCurrent)}`;
  const name = methodInWords(measurement.method);
  const title = `${name} · ${budgetWords(measurement, t)}`;
  const perplexity = formatPerplexity(meanOf(models, (one) => one.perplexity));
  const isOne = models.length === 1;
  const said = isOne
    ? t('held-out perplexity {0}', perplexity)
    : t('mean held-out perplexity {0}', perplexity);
  const chosenBy = t('validation {0}', formatPerplexity(meanValidation(models)));
  const seeds = isOne ? t('seed {0}', measurement.seed) : t('{0} seeds', models.length);
  const older = isCurrent ? [] : [t('of another configuration or other text')];
  const words = [mark, chosenBy, budgetWords(measurement, t), seeds, sizeWords(model, t), ...older];
  const row = {
    id,
    // A narrow view shows the beginning: the figure, then what it is of.
    label: `${perplexity} · ${name}`,
    description: words.filter((word) => word !== '').join(' · '),
    tooltip: [
      title,
      measurement.phase,
      `${said}${rangeWords(models)}, ${chosenBy}, ${seeds}`,
      t('{0} bits per byte', formatBits(meanBits(models))),
      sizeWords(model, t),
      ...older,
      t(PERPLEXITY_EXPLAINED),
      t(BITS_PER_BYTE_EXPLAINED),
    ].join('\n'),
    icon: { name: 'package' },
    spoken: `${title}: ${[said, chosenBy, seeds, sizeWords(model, t), ...older, mark].filter((word) => word !== '').join(' · ')}`,
  };
  if (models.length === 1) return { ...row, ...modelActions(model, measurement, t) };
  return { ...row, children: models.map((one) => seedRow(id, one, t)) };
}

function seedRow(parent: string, { measurement, model }: MeasuredModel, t: Translate): TreeNode {
  const label = `${formatPerplexity(measurement.perplexity)} · ${t('seed {0}', measurement.seed)}`;
  const description = 'folder' in model ? formatBytes(model.bytes) : t('weights not here');
  return {
    id: `${parent}/${measurement.seed}`,
    label,
    description,
    icon: { name: 'package' },
    spoken: t(
      '{0}, seed {1}: held-out perplexity {2}, {3}',
      methodInWords(measurement.method),
      measurement.seed,
      formatPerplexity(measurement.perplexity),
      description,
    ),
    ...modelActions(model, measurement, t),
  };
}

function keptRow(file: string, kept: readonly KeptModel[], t: Translate): TreeNode {
  const label = t('Kept when runs were stopped');
  return {
    id: `kept:${file}`,
    label,
    description: String(kept.length),
    icon: { name: 'archive' },
    spoken: t('{0}: {1} models', label, kept.length),
    children: kept.map((model) => keptModelRow(model, t)),
  };
}

function keptModelRow(model: KeptModel, t: Translate): TreeNode {
  const { folder, stopped } = model;
  const name = folder.replace(/^.*[\\/]/, '');
  const heldOut = stopped?.heldOut;
  const description = [
    heldOut === undefined ? t('not measured') : t('held-out text of {0}', heldOut.domain),
    ...(stopped === undefined ? [] : [stepWords(stopped, t)]),
    sizeWords(model, t),
  ].join(' · ');
  const what = stopped === undefined ? name : methodInWords(stopped.method);
  const label = heldOut === undefined ? what : `${formatPerplexity(heldOut.perplexity)} · ${what}`;
  return {
    id: `kept:${folder}`,
    label,
    description,
    tooltip: [folder, `${label} · ${description}`].join('\n'),
    icon: { name: 'package' },
    context: 'model',
    spoken: `${label}: ${description}`,
    subject: { kind: 'model', title: name, folder },
  };
}

/** ` (57.10 to 62.40)`; nothing of one seed. */
function rangeWords(models: readonly MeasuredModel[]): string {
  if (models.length === 1) return '';
  const values = models.map(({ measurement }) => measurement.perplexity);
  return ` (${formatRange(Math.min(...values), Math.max(...values))})`;
}

function meanBits(models: readonly MeasuredModel[]): number {
  return mean(models.map(({ measurement }) => measurement.bitsPerByte));
}

function stepWords({ step, ofSteps }: StoppedEarly, t: Translate): string {
  return ofSteps === undefined ? t('step {0}', step) : t('step {0} of at most {1}', step, ofSteps);
}

/** The name under which a model is saved unless the user says otherwise: `slm-is-factbook-seed-1`. */
function modelActions(
  model: MeasuredModel['model'],
  { method, domain, seed, fingerprint }: Measurement,
  t: Translate,
): Pick<TreeNode, 'context' | 'subject'> {
  const title = t('{0}-{1}-seed-{2}', method, domain, seed);
  const subject: TreeNode['subject'] =
    'folder' in model
      ? { kind: 'model', title, folder: model.folder }
      : { kind: 'absent-model', title, storage: model.storage, method, evaluation: fingerprint };
  return { context: 'model', subject };
}

function budgetWords(measurement: Measurement, t: Translate): string {
  const { phase, pretrainingTokens } = measurement;
  const generic = pretrainingTokens === 0 ? [] : [t('{0} generic', formatCompact(pretrainingTokens))];
  const own = phase === 'before fine-tuning' ? untunedWords(measurement, t) : tunedWords(measurement, t);
  return [...generic, own].join(' + ');
}

function tunedWords({ domainTokens, requestedDomainTokens }: Measurement, t: Translate): string {
  return requestedDomainTokens === 'all'
    ? t('all {0} in-domain tokens', formatCompact(domainTokens))
    : t('{0} in-domain tokens', formatCompact(domainTokens));
}

/** With the in-domain set that decided which model it is, where one did. */
function untunedWords({ requestedDomainTokens: set }: Measurement, t: Translate): string {
  if (set === undefined) return t('not fine-tuned');
  return set === 'all'
    ? t('not fine-tuned, selection by all in-domain text')
    : t('not fine-tuned, selection by {0} in-domain tokens', formatCompact(set));
}

function sizeWords(model: MeasuredModel['model'], t: Translate): string {
  const parameters = formatCompact(model.parameters);
  return 'folder' in model
    ? t('{0} parameters, {1}', parameters, formatBytes(model.bytes))
    : t('{0} parameters, weights not here: run it to make them', parameters);
}
