/** Measurements by hand, for lines of held-out perplexity. */
import type { Measurement, UntrainedMeasurement } from '../../../src/budget/measurement.ts';
import { tokens } from '../../../src/common/units.ts';
import { syntheticResults } from '../../fixtures/results.ts';

export const BATCH = 1024;
const [made] = syntheticResults({ methods: ['slm'], domains: ['letters'], seeds: [1] }).measurements;
export interface Row {
  readonly method?: string;
  readonly seed?: number;
  readonly budget?: number;
  /** Absent before fine-tuning, unless the set chose generic text. */
  readonly size?: number | 'all';
  readonly isBefore?: boolean;
  readonly perplexity: number;
  readonly validation?: number;
  readonly bestStep?: number;
}

export function measured({
  method = 'slm',
  seed = 1,
  budget = 0,
  size,
  isBefore = false,
  ...rest
}: Row): Measurement {
  const { perplexity, validation = perplexity, bestStep = 0 } = rest;
  const { requestedDomainTokens: _, stopping: __, ...base } = made;
  return {
    ...base,
    method,
    seed,
    pretrainingTokens: tokens(budget),
    domainTokens: tokens(isBefore ? 0 : 5000),
    ...(size !== undefined && { requestedDomainTokens: size }),
    phase: isBefore ? 'before fine-tuning' : 'after fine-tuning',
    perplexity,
    validationPerplexity: validation,
    bestStep,
    fingerprint: `${method} ${seed} ${budget} ${size} ${isBefore}`,
  };
}

export const untrained = (
  seed: number,
  perplexity: number,
  model: 'small' | 'large' = 'small',
): UntrainedMeasurement => ({
  domain: 'letters',
  model,
  seed,
  perplexity,
  bitsPerByte: 3,
  validationPerplexity: perplexity,
  evaluatedTokens: tokens(100),
  fingerprint: `untrained ${model} ${seed}`,
});
