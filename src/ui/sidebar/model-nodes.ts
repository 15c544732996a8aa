/**
 * The Models tree as rows: what came out, by experiment and domain, one row a method, the lowest held-out perplexity
 * first. Seeds of one point are one row with their mean, the same one as in the trade-offs and the report; a method's
 * other budgets and sizes are folded below its best point. Pure.
 */
import { formatBytes, formatCompact, formatPerplexity } from '../../../webview/charts/format.ts';
import type { KeptModel, StoredModel } from '../../experiments/models.ts';
import type { Measurement } from '../../experiments/results.ts';
import type { StoppedEarly } from '../../experiments/stopped-early.ts';
import type { Translate } from '../translate.ts';
import { childrenOf, type TreeNode } from './nodes.ts';

export interface MeasuredModel {
  readonly measurement: Measurement;
  readonly model: StoredModel;
}

export interface ExperimentModels {
  readonly file: string;
  readonly name: string;
  readonly measured: readonly MeasuredModel[];
  /** Left by runs that were stopped. */
  readonly kept: readonly KeptModel[];
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

function rowsOfExperiment({ file, measured, kept }: ExperimentModels, t: Translate): readonly TreeNode[] {
  const domains = [...new Set(measured.map(({ measurement }) => measurement.domain))].sort();
  const rows = domains.map((domain) => domainRow(file, domain, measured, t));
  return kept.length === 0 ? rows : [...rows, keptRow(file, kept, t)];
}

function domainRow(file: string, domain: string, measured: readonly MeasuredModel[], t: Translate): TreeNode {
  const id = `domain:${file}:${domain}`;
  const points = byPoint(measured.filter(({ measurement }) => measurement.domain === domain));
  const methods = [...new Set(points.map(([{ measurement }]) => measurement.method))];
  const children = methods.map((method) =>
    methodRow(
      id,
      points.filter(([{ measurement }]) => measurement.method === method),
      t,
    ),
  );
  const description =
    children.length === 1 ? t('1 method') : t('{0} methods, the best first', children.length);
  return {
    id,
    label: domain,
    description,
    icon: { name: 'book' },
    spoken: t('Domain {0}: {1}', domain, description),
    isOpen: true,
    children,
  };
}

/** The best point of a method, the first one; under it its seeds and the other points. */
function methodRow(
  parent: string,
  [best, ...others]: readonly (readonly MeasuredModel[])[],
  t: Translate,
): TreeNode {
  const { method } = best[0].measurement;
  // Named by the method alone, so that it stays open and selected when another point becomes the best.
  const id = `${parent}/${method}`;
  const row = { ...pointRow(parent, best, t), id };
  if (others.length === 0) return row;
  const label = t('Other budgets and sizes');
  const folded: TreeNode = {
    id: `${id}/others`,
    label,
    description: String(others.length),
    icon: { name: 'layers' },
    spoken: t('{0} of {1}: {2}', label, method, others.length),
    children: others.map((models) => pointRow(`${id}/others`, models, t)),
  };
  return { ...row, children: [...childrenOf(row), folded] };
}

/** Measurements that differ in nothing but the seed, the lowest mean first; a model that several runs measured once. */
function byPoint(measured: readonly MeasuredModel[]): readonly (readonly MeasuredModel[])[] {
  const points = new Map<string, Map<number, MeasuredModel>>();
  for (const one of measured) {
    const key = pointKey(one.measurement);
    const seeds = points.get(key) ?? new Map<number, MeasuredModel>();
    points.set(key, seeds.set(one.measurement.seed, one));
  }
  const groups = [...points.values()].map((seeds) =>
    [...seeds.values()].sort((a, b) => a.measurement.seed - b.measurement.seed),
  );
  return groups.sort((a, b) => meanPerplexity(a) - meanPerplexity(b));
}

/** By the in-domain set as it was asked for: two seeds draw sets of nearly, not exactly, the same size. */
function pointKey({ method, phase, pretrainingTokens, requestedDomainTokens }: Measurement): string {
  return JSON.stringify([method, phase, pretrainingTokens, requestedDomainTokens]);
}

/** Geometric, as everywhere: `exp` of the mean of the log perplexities. */
function meanPerplexity(models: readonly MeasuredModel[]): number {
  const logs = models.map(({ measurement }) => Math.log(measurement.perplexity));
  return Math.exp(logs.reduce((sum, value) => sum + value, 0) / logs.length);
}

function pointRow(parent: string, models: readonly MeasuredModel[], t: Translate): TreeNode {
  const [{ measurement, model }] = models;
  const id = `${parent}/${pointKey(measurement)}`;
  const title = `${measurement.method} · ${budgetWords(measurement, t)}`;
  const perplexity = formatPerplexity(meanPerplexity(models));
  const isOne = models.length === 1;
  const said = isOne ? t('perplexity {0}', perplexity) : t('mean perplexity {0}', perplexity);
  const seeds = isOne ? t('seed {0}', measurement.seed) : t('{0} seeds', models.length);
  const row = {
    id,
    label: measurement.method,
    description: [said, budgetWords(measurement, t), seeds, sizeWords(model, t)].join(' · '),
    tooltip: [title, measurement.phase, t('held-out {0}, {1}', said, seeds), sizeWords(model, t)].join('\n'),
    icon: { name: 'package' },
    spoken: `${title}: ${[said, seeds, sizeWords(model, t)].join(' · ')}`,
  };
  if (models.length === 1) return { ...row, ...modelActions(model, measurement, t) };
  return { ...row, children: models.map((one) => seedRow(id, one, t)) };
}

function seedRow(parent: string, { measurement, model }: MeasuredModel, t: Translate): TreeNode {
  const label = t('Seed {0}', measurement.seed);
  const description = `${t('perplexity {0}', formatPerplexity(measurement.perplexity))} · ${formatBytes(model.bytes)}`;
  return {
    id: `${parent}/${measurement.seed}`,
    label,
    description,
    icon: { name: 'package' },
    spoken: `${measurement.method}, ${label}: ${description}`,
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
    heldOut === undefined
      ? t('not measured')
      : t('held-out perplexity {0} on {1}', formatPerplexity(heldOut.perplexity), heldOut.domain),
    ...(stopped === undefined ? [] : [stepWords(stopped, t)]),
    sizeWords(model, t),
  ].join(' · ');
  const label = stopped?.method ?? name;
  return {
    id: `kept:${folder}`,
    label,
    description,
    tooltip: [folder, description].join('\n'),
    icon: { name: 'package' },
    context: 'model',
    spoken: `${label}: ${description}`,
    subject: { kind: 'model', title: name, folder },
  };
}

function stepWords({ step, ofSteps }: StoppedEarly, t: Translate): string {
  return ofSteps === undefined ? t('step {0}', step) : t('step {0} of at most {1}', step, ofSteps);
}

/** The name under which a model is saved unless the user says otherwise: `slm-is-factbook-seed-1`. */
function modelActions(
  { folder }: StoredModel,
  { method, domain, seed }: Measurement,
  t: Translate,
): Pick<TreeNode, 'context' | 'subject'> {
  return {
    context: 'model',
    subject: { kind: 'model', title: t('{0}-{1}-seed-{2}', method, domain, seed), folder },
  };
}

function budgetWords({ phase, pretrainingTokens, domainTokens }: Measurement, t: Translate): string {
  const generic = pretrainingTokens === 0 ? [] : [t('{0} generic', formatCompact(pretrainingTokens))];
  const own =
    phase === 'before fine-tuning'
      ? t('not fine-tuned')
      : t('{0} in-domain tokens', formatCompact(domainTokens));
  return [...generic, own].join(' + ');
}

function sizeWords({ parameters, bytes }: StoredModel, t: Translate): string {
  return t('{0} parameters, {1}', formatCompact(parameters), formatBytes(bytes));
}
