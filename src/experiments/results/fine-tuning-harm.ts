/**
 * Whether fine-tuning made models worse: it trains until the validation loss no longer falls, so that a model that is worse
 * on held-out text afterwards tells of validation text that could not judge. A pure function of measurements.
 */

import type { Measurement } from '../../budget/measurement.ts';
import { formatCount, formatPerplexity } from '../../common/format.ts';
import type { CorpusFacts } from './results.ts';

/** A model that is worse after fine-tuning than before, on the same held-out text. */
export interface FineTuningHarm {
  readonly domain: string;
  readonly method: string;
  readonly seed: number;
  readonly domainTokens: number;
  /** Held-out perplexity of the same model before and after. */
  readonly before: number;
  readonly after: number;
}

/** Less is no difference that a reader would act on. */
const worseBy = 1.01;
/** Validation text of fewer tokens is called little. */
const littleValidation = 4096;

/** All models that are worse by one per cent or more, the worst first. */
export function fineTuningHarm(measurements: readonly Measurement[]): readonly FineTuningHarm[] {
  const keyOf = ({ domain, method, seed, pretrainingTokens }: Measurement) =>
    JSON.stringify([domain, method, seed, pretrainingTokens]);
  const before = new Map<string, number>();
  for (const one of measurements)
    if (one.phase === 'before fine-tuning') before.set(keyOf(one), one.perplexity);
  return measurements
    .flatMap((one): FineTuningHarm[] => {
      const { domain, method, seed, domainTokens, perplexity, phase } = one;
      const start = before.get(keyOf(one));
      if (phase !== 'after fine-tuning' || start === undefined || perplexity < worseBy * start) return [];
      return [{ domain, method, seed, domainTokens, before: start, after: perplexity }];
    })
    .sort((a, b) => b.after / b.before - a.after / a.before);
}

/** One sentence or two for each domain and method that has one, on its worst model. */
export function harmInWords(
  harms: readonly FineTuningHarm[],
  corpora: readonly Pick<CorpusFacts, 'name' | 'tokens'>[],
): readonly string[] {
  const seen = new Set<string>();
  return harms.flatMap(({ domain, method, seed, domainTokens, before, after }) => {
    const key = JSON.stringify([domain, method]);
    if (seen.has(key)) return [];
    seen.add(key);
    const validation = corpora.find(({ name }) => name === domain)?.tokens.validation;
    const isLittle = validation !== undefined && validation < littleValidation;
    const reason = isLittle
      ? `Likely its validation text (${formatCount(validation)} tokens) is too little to tell when to stop: add files, or raise "validation" of the split.`
      : 'Likely its validation text resembles the training text more than the held-out text does, so that training went on too long: look for near-copies and for files of one kind in "parlance corpus".';
    return [
      `Fine-tuning made ${method} worse on ${domain}: held-out perplexity ${formatPerplexity(before)} before, ${formatPerplexity(after)} after (${formatCount(domainTokens)} in-domain tokens, seed ${seed}). ${reason}`,
    ];
  });
}
