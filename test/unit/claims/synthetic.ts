/** Findings of a domain that follow a rule, for tests of verdicts only: no number here was measured. */
import { flops, seconds, tokens } from '../../../src/common/units.ts';
import type { ExperimentName } from '../../claims/experiments.ts';
import type { ClaimMeasurement, DomainFindings } from '../../claims/findings.ts';
import { madeEvaluation } from '../../fixtures/resampling.ts';

const BUDGETS = [1e6, 2e6, 4e6];
const SIZES = [1000, 8000, 64_000];
const SEEDS = [1, 2, 3];

export interface MadePoint {
  readonly experiment: ExperimentName;
  readonly method: string;
  readonly seed: number;
  /** Number of the budget and of the in-domain size; size −1 is before fine-tuning. */
  readonly budget: number;
  readonly size: number;
}

/** A factor on perplexity, on which the verdicts hang. */
export type Bend = (point: MadePoint) => number;

/** Levels at which every claim holds. */
const LEVELS: Readonly<Record<string, number>> = {
  slm: 20,
  'slm-is': 16,
  'slm-is-cont': 17,
  'slm-pn': 17.5,
  llm: 16,
  'slm-d': 19,
};

function perplexity(point: MadePoint): number {
  const { experiment, method, budget, size } = point;
  if (method === 'slm-nopt') return [230, 45, 17.6][size];
  const base = method === 'slm-mix' ? 20 * [1.03, 0.99, 0.96][budget] : LEVELS[method];
  const pretrained = base * 0.9 ** budget;
  // Before fine-tuning slm-pn is the worst, afterwards better than slm: ranks change.
  if (size < 0) return pretrained * (method === 'slm-pn' ? 2.4 : 1.8);
  const clusters = experiment.startsWith('clusters') ? Number(experiment.slice(10)) : 0;
  const factor = clusters === 1 ? 20 / 16 : clusters >= 512 ? 1.1 : 1;
  const choice = experiment === 'choice: best fine-tuned' ? 0.985 : 1;
  // Of slm-pn the advantage melts with more text; with the largest budget slm-mix is as good as it then.
  const melting = 1 + 0.03 * size;
  const more = { 'slm-pn': melting, 'slm-mix': size === 0 ? 1 : (17.5 / 19.2) * melting }[method] ?? 1;
  return pretrained * factor * choice * more * 0.8 ** size;
}

function measurement(point: MadePoint, bend: Bend): ClaimMeasurement {
  const made = perplexity(point) * bend(point) * (1 + 0.001 * point.seed);
  const { method, seed, budget, size, experiment } = point;
  const scratch = method === 'slm-nopt';
  const pretraining = scratch ? 0 : BUDGETS[budget] * 1e6 * (method === 'slm-pn' ? 1.6 : 1);
  const large = method === 'llm' || method === 'slm-d' ? 6 : 1;
  /** The part of pretraining that is paid for each domain. */
  const specific = method === 'slm-is' ? 1 : method === 'slm-is-cont' ? 0.4 : 0;
  const tuning = 1e10 * (size + 1);
  return {
    domain: 'letters',
    experiment,
    method,
    seed,
    pretrainingTokens: tokens(scratch ? 0 : BUDGETS[budget]),
    domainTokens: tokens(size < 0 ? 0 : SIZES[size]),
    phase: size < 0 ? 'before fine-tuning' : 'after fine-tuning',
    ...(size >= 0 && { requestedDomainTokens: size === 2 ? ('all' as const) : SIZES[size] }),
    ...madeEvaluation(made),
    bitsPerByte: Math.log2(made) / 4,
    evaluatedTokens: tokens(1000),
    inferenceTokensPerSecond: 1000,
    bestStep: 10 * (size + 1),
    steps: 10 * (size + 2),
    genericFlops: flops((1 - specific) * pretraining * large),
    genericSeconds: seconds(1),
    specializationFlops: flops(tuning + specific * pretraining),
    specializationSeconds: seconds(1),
    fingerprint: 'f',
  };
}

function madePoints(): MadePoint[] {
  const points: MadePoint[] = [];
  const add = (
    experiment: ExperimentName,
    method: string,
    places: readonly (readonly [number, number])[],
  ) => {
    for (const seed of SEEDS)
      for (const [budget, size] of places) points.push({ experiment, method, seed, budget, size });
  };
  const axes = [
    [2, 0],
    [2, 1],
    [2, 2],
    [1, 0],
    [0, 0],
    [2, -1],
    [1, -1],
    [0, -1],
  ] as const;
  for (const method of ['slm', 'slm-is', 'slm-mix', 'slm-pn']) add('core', method, axes);
  add('core', 'slm-nopt', [
    [2, 0],
    [2, 1],
    [2, 2],
  ]);
  for (const method of ['llm', 'slm-d'])
    add('large', method, [
      [0, 0],
      [0, 1],
    ]);
  for (const count of [1, 16, 64, 512, 4096]) add(`clusters: ${count}`, 'slm-is', [[0, 0]]);
  add('fitted projection', 'slm-pn', axes);
  add('branching experts', 'slm-mix', axes);
  for (const method of ['slm-is', 'slm-is-cont']) add('in-domain decay', method, axes);
  const everywhere = [0, 1, 2].map((budget) => [budget, 2] as const);
  add('all the text', 'slm', everywhere);
  add('all the text', 'slm-nopt', everywhere.slice(2));
  for (const choice of ['lowest loss', 'best fine-tuned'] as const)
    add(`choice: ${choice}`, 'slm-mix', [[2, 0]]);
  return points;
}

/** Findings at which every claim holds, but for what `bend` does to them. */
export function findings(
  bend: Bend = () => 1,
  curve: readonly number[] = [4, 3.6, 3.5, 4.2],
  domain = 'letters',
): DomainFindings {
  return {
    domain,
    seeds: SEEDS,
    measurements: madePoints().map((point) => ({ ...measurement(point, bend), domain })),
    overfitting: SEEDS.map((seed) => ({
      seed,
      curve: curve.map((loss, i) => ({ step: i * 10, tokens: i * 100, loss })),
    })),
    circumstances: [{ date: '2026-03-01', commit: 'abc1234', processor: 'a processor' }],
    processorTime: { seconds: seconds(60), counted: 3, runs: 3 },
  };
}
