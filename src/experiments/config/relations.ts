/**
 * What a schema cannot say of an experiment: relations between its values. Only what the chosen methods read is judged: a
 * setting of a method that is not asked for harms nobody.
 */
import { type LabelEntry, readLabels } from '../../corpus/labels/labels.ts';
import type { CorpusSpecification } from '../../corpus/sources/specification.ts';
import type { ExperimentPlan } from '../../methods/experiment-plan.ts';
import { type Method, needsGeneric } from '../../methods/method.ts';
import { methods as allMethods } from '../../methods/registry.ts';
import { batchRows } from '../../methods/stages/training.ts';
import type { Experiment, ExperimentProblem } from './experiment.ts';

type Chosen = Pick<Experiment, 'plan' | 'methods'>;

/** Follows from the values alone. */
export function relationProblems({ plan, methods }: Chosen): readonly ExperimentProblem[] {
  const chosen = allMethods.filter(({ id }) => methods.includes(id));
  return [
    ...genericProblems(plan, methods, chosen),
    ...modelProblems(plan, chosen),
    ...pretrainingProblems(plan, chosen),
    ...fineTuningProblems(plan),
    ...domainProblems(plan),
  ];
}

/** What cannot be done without generic text. */
function genericProblems(
  plan: ExperimentPlan,
  ids: readonly string[],
  chosen: readonly Method[],
): ExperimentProblem[] {
  const { generic, mixing, fineTuning } = plan;
  if (generic !== undefined) return [];
  const needs = (method: Method) => needsGeneric(method, plan);
  const without = allMethods.filter((method) => !needs(method)).map(({ id }) => id);
  const problems = chosen.filter(needs).map(
    ({ id }): ExperimentProblem => ({
      path: ['methods', ids.indexOf(id)],
      message: `${id} pretrains on generic text, and "generic" names none; without it there is ${without.join(', ')}`,
    }),
  );
  for (const key of ['domainShare', 'replay'] as const) {
    if (mixing[key] === 0) continue;
    problems.push({ path: ['mixing', key], message: 'must be 0 without generic text' });
  }
  if (fineTuning.search?.replay?.some((share) => share > 0)) {
    const path = ['specialization', 'search', 'replay'];
    problems.push({ path, message: 'must be 0 without generic text' });
  }
  return problems;
}

function modelProblems(plan: ExperimentPlan, chosen: readonly Method[]): ExperimentProblem[] {
  const trained = new Set(chosen.flatMap(({ trains }) => trains));
  return (['small', 'large'] as const)
    .filter((name) => trained.has(name))
    .flatMap((name) => {
      const { width, heads, variant } = plan.models[name];
      if (variant !== undefined) return contextProblems(plan.context, variant.positions);
      if (width % heads === 0 && (width / heads) % 2 === 0) return [];
      const message = `width ${width} over ${heads} heads must be a whole, even number`;
      return [{ path: ['models', name, 'width'], message }];
    });
}

function contextProblems(context: number, positions: number): ExperimentProblem[] {
  if (context <= positions) return [];
  return [{ path: ['context'], message: `must be at most ${positions}, for which the given model was made` }];
}

function pretrainingProblems(plan: ExperimentPlan, chosen: readonly Method[]): ExperimentProblem[] {
  if (!chosen.some((method) => needsGeneric(method, plan))) return [];
  const problems = batchProblems('pretraining', plan.pretraining.batchTokens, plan);
  if (!isRising(plan.pretraining.budgets))
    problems.push({ path: ['pretraining', 'tokens'], message: 'must rise' });
  if (problems.length === 0) problems.push(...budgetProblems(plan));
  const { groups } = plan.projection;
  if (problems.length > 0 || chosen.every(({ trains }) => !trains.includes('projected'))) return problems;
  const { rows, microBatches } = batchRows(plan.pretraining.batchTokens, plan);
  if (groupsFit(groups, plan.pretraining.batchTokens, plan)) return problems;
  const message = `${groups} groups do not go evenly into the ${rows} rows (${microBatches} parts) of a batch`;
  return [...problems, { path: ['projection', 'groups'], message }];
}

/** Budgets that could not be told from others: a pretraining has two batches at least, and whole ones. */
function budgetProblems(plan: ExperimentPlan): ExperimentProblem[] {
  const { budgets, batchTokens } = plan.pretraining;
  const batches = (tokens: number) => Math.round(tokens / batchTokens);
  const tooFew = (tokens: number) =>
    batches(tokens) < 2 ? [`${tokens} tokens are not two batches of ${batchTokens}`] : [];
  const alike = (tokens: number, i: number) =>
    i > 0 && batches(tokens) === batches(budgets[i - 1])
      ? [
          `${budgets[i - 1]} and ${tokens} tokens are as many batches of ${batchTokens}, and so the same pretraining`,
        ]
      : [];
  const [first] = [...budgets.flatMap(tooFew), ...budgets.flatMap(alike)];
  return [
    ...(first === undefined ? [] : [{ path: ['pretraining', 'tokens'], message: first }]),
    ...plan.points.flatMap(({ pretraining }, i) =>
      tooFew(pretraining).map((message) => ({ path: ['points', i, 'pretraining'], message })),
    ),
  ];
}

function fineTuningProblems(plan: ExperimentPlan): ExperimentProblem[] {
  const problems = batchProblems('specialization', plan.fineTuning.batchTokens, plan);
  const curve = plan.fineTuning.domainTokens.filter((size) => size !== 'all');
  if (isRising(curve)) return problems;
  return [...problems, { path: ['specialization', 'domainTokens'], message: 'must rise' }];
}

function batchProblems(
  part: 'pretraining' | 'specialization',
  batchTokens: number,
  { context }: Pick<ExperimentPlan, 'context'>,
): ExperimentProblem[] {
  if (batchTokens % context === 0) return [];
  const nearest = wholeContexts(batchTokens, context);
  const message = `must be a whole number of contexts of ${context} tokens, ${nearest} for example (got ${batchTokens})`;
  return [{ path: [part, 'batchTokens'], message }];
}

/** A batch of about so many tokens, as a whole number of contexts: one at least. */
export function wholeContexts(batchTokens: number, context: number): number {
  return context * Math.max(1, Math.round(batchTokens / context));
}

/** The most groups, up to a number, that go evenly into the rows of a batch and the parts that it is computed in. */
export function fittingGroups(
  most: number,
  batchTokens: number,
  plan: Pick<ExperimentPlan, 'context' | 'microBatchTokens'>,
): number {
  for (let groups = most; groups > 1; groups--) if (groupsFit(groups, batchTokens, plan)) return groups;
  return 1;
}

function groupsFit(
  groups: number,
  batchTokens: number,
  plan: Pick<ExperimentPlan, 'context' | 'microBatchTokens'>,
): boolean {
  const { rows, microBatches } = batchRows(batchTokens, plan);
  return rows % groups === 0 && (groups % microBatches === 0 || microBatches % groups === 0);
}

function domainProblems({ generic, domains }: ExperimentPlan): ExperimentProblem[] {
  const problems: ExperimentProblem[] = [];
  const names = domains.map(({ name }) => name);
  const twice = names.findIndex((name, i) => names.indexOf(name) < i);
  if (twice >= 0) {
    problems.push({ path: ['domains', twice, 'name'], message: 'another domain has the same name' });
  }
  const corpora = [
    ...(generic === undefined ? [] : [{ place: ['generic'], corpus: generic }]),
    ...domains.map((corpus, i) => ({ place: ['domains', i], corpus })),
  ];
  for (const { place, corpus } of corpora) {
    const { validation, heldout } = corpus.split;
    if (validation + heldout < 1) continue;
    const message = `validation ${validation} and heldout ${heldout} leave nothing to train on; they must add up to less than 1`;
    problems.push({ path: [...place, 'split'], message });
  }
  for (const [i, { split }] of domains.entries()) {
    if (split.validation > 0) continue;
    const message = 'must be above 0, for example 0.1: training stops by what the validation text says';
    problems.push({ path: ['domains', i, 'split', 'validation'], message });
  }
  return problems;
}

function isRising(values: readonly number[]): boolean {
  return values.every((value, i) => i === 0 || value > values[i - 1]);
}

/** What follows from the values and the labels: a domain without held-out text cannot be measured on. */
export async function heldOutProblems({ domains }: ExperimentPlan): Promise<readonly ExperimentProblem[]> {
  const problems: ExperimentProblem[] = [];
  for (const [i, domain] of domains.entries()) {
    if (domain.split.heldout > 0 || (await mayHoldOut(domain))) continue;
    const message =
      'must be above 0, for example 0.1, as no label holds text out: models are measured on held-out text';
    problems.push({ path: ['domains', i, 'split', 'heldout'], message });
  }
  return problems;
}

async function mayHoldOut({ name, sources, labelsFile }: CorpusSpecification): Promise<boolean> {
  if (sources.some(({ label }) => label === 'held-out')) return true;
  const holdsOut = ({ label, domain }: LabelEntry): boolean =>
    label === 'held-out' && (domain === undefined || domain === name);
  // Labels with a mistake are told of by whoever reads them next.
  const entries = labelsFile === undefined ? [] : await readLabels(labelsFile).catch(() => undefined);
  return entries === undefined || entries.some(holdsOut);
}
