/** Points of made methods, and plans made from them: pretraining costs 1 TFLOP a million tokens, fine-tuning 1 TFLOP. */
import assert from 'node:assert/strict';
import type { MeasuredPoint, SeedOutcome } from '../../../../src/budget/measured-point.ts';
import { planFor } from '../../../../src/budget/planner/planner.ts';
import type {
  Budgets,
  PlannedMethod,
  PlannerAnswer,
  PlannerRequest,
} from '../../../../src/budget/planner/planner-types.ts';
import { madeResampling } from '../../../fixtures/resampling.ts';

export const TERA = 1e12;
export const METHODS: readonly PlannedMethod[] = [
  method('slm', 1e6),
  method('slm-is', 1e6),
  method('slm-pn', 1e6),
  method('llm', 6e6),
];

function method(id: string, parameters: number): PlannedMethod {
  return {
    id,
    title: `the ${id}`,
    parameters,
    inferenceFlopsPerToken: 2 * parameters,
    readsGenericForDomain: id === 'slm-is',
  };
}

/** A point whose pretraining costs 1 TFLOP a million tokens and whose fine-tuning costs 1 TFLOP. */
export function point(
  id: string,
  millions: number,
  domainTokens: number,
  perplexity: number,
  range = 0,
): MeasuredPoint {
  const generic = id === 'slm-is' ? 0 : millions * TERA;
  const specialization = (domainTokens > 0 ? TERA : 0) + (id === 'slm-is' ? millions * TERA : 0);
  const spread = {
    mean: perplexity,
    min: perplexity * (1 - range),
    max: perplexity * (1 + range),
    n: range > 0 ? 3 : 1,
  };
  return {
    method: id,
    pretrainingTokens: millions * 1e6,
    domainTokens,
    ...(domainTokens > 0 && { requestedDomainTokens: domainTokens }),
    perplexity: spread,
    validation: spread,
    seeds: madeSeeds(perplexity, range),
    genericFlops: generic,
    genericSeconds: generic / TERA,
    specializationFlops: specialization,
    specializationSeconds: specialization / TERA,
  };
}

function madeSeeds(perplexity: number, range: number): readonly SeedOutcome[] {
  const factors = range > 0 ? [1 - range, 1, 1 + range] : [1];
  return factors.map((factor, seed) => ({
    seed,
    nats: Math.log(perplexity * factor),
    resampling: madeResampling(perplexity * factor),
  }));
}

/** Two budgets at 1,000 tokens and the larger one at 8,000: the crossing grid. */
export const POINTS = [
  ...grid('slm', [24, 20, 16]),
  ...grid('slm-is', [22, 18, 15]),
  ...grid('slm-pn', [23, 19, 16.5]),
  ...grid('llm', [20, 14, 11]),
];

function grid(id: string, [small, large, more]: readonly number[]): readonly MeasuredPoint[] {
  return [
    point(id, 4, 1000, small, 0.01),
    point(id, 16, 1000, large, 0.01),
    point(id, 16, 8000, more, 0.01),
    point(id, 16, 0, small + 6, 0.01),
  ];
}

export function plan(
  budgets: Partial<Budgets>,
  points: readonly MeasuredPoint[] = POINTS,
  kind?: PlannerRequest['kind'],
): PlannerAnswer {
  return planFor({
    budgets: {
      domains: 1,
      genericCorpusAtHand: true,
      inference: { unit: 'parameters', value: 1e6 },
      ...budgets,
    },
    methods: METHODS,
    points,
    kind,
  });
}

export const flopsOf = (tera: number) => ({ unit: 'FLOPs' as const, value: tera * TERA });

export function candidate(answer: PlannerAnswer, id: string) {
  const found = answer.candidates.find((one) => one.method === id);
  assert.ok(found !== undefined, `${id} is no candidate`);
  return found;
}

export function reasons(answer: PlannerAnswer, id: string): readonly string[] {
  return answer.excluded.find((one) => one.method === id)?.reasons ?? [];
}

/** Points of a law on the axes of the crossing grid, C in millions and D in thousands. */
export const LAWFUL = ['slm', 'slm-pn'].flatMap((id, index) =>
  [
    [2, 1],
    [4, 1],
    [8, 1],
    [16, 1],
    [16, 4],
    [16, 16],
  ].map(([budget, size]) => point(id, budget, size * 1000, lawful(budget, size) * (1 + 0.05 * index), 0.001)),
);

/** Pretraining is worth less where there is more in-domain text. */
export function lawful(budget: number, size: number): number {
  const most = 16 ** -0.4;
  const fading = (text: number): number => 1 + (0.66 * (text / 16)) ** 2;
  const worth = fading(1) / fading(size);
  return Math.exp(2 + 0.9 * (most + (budget ** -0.4 - most) * worth) + 0.8 * size ** -0.3);
}
