/**
 * Whether fine-tuning made models worse: it trains until the validation loss no longer falls, so that a model that is worse
 * on held-out text afterwards tells of validation text that could not judge. A pure function of measurements.
 */

import type { InDomainSize } from '../../budget/in-domain-size.ts';
import type { Measurement, MethodFacts } from '../../budget/measurement.ts';
import { isMeasurable } from '../../budget/views.ts';
import { formatCompact, formatCount, formatPerplexity } from '../../common/format.ts';
import type { CorpusFacts } from './results.ts';

/** A model that is worse after fine-tuning than before, on the same held-out text. */
export interface FineTuningHarm {
  readonly domain: string;
  readonly method: string;
  readonly seed: number;
  readonly pretrainingTokens: number;
  readonly domainTokens: number;
  /** Held-out perplexity of the same model before and after. */
  readonly before: number;
  readonly after: number;
  /** Tokens of validation text that decided when to stop; absent where that is not known. */
  readonly stoppingTokens?: number;
}

/** Less is no difference that a reader would act on. */
const worseBy = 1.01;
/** Validation text of so many tokens is called little: what stopping reads for the smallest sets, where there is as much. */
const littleValidation = 4096;

/** Whether a perplexity after fine-tuning is so much higher than before that a reader would act on it. */
export function isHarm(before: number, after: number): boolean {
  return after >= worseBy * before;
}

/**
 * All models that are worse by one per cent or more, the worst first. None of a method that chooses among fine-tuned models:
 * what was measured before need not be the start of what was chosen.
 */
export function fineTuningHarm(
  measurements: readonly Measurement[],
  methods: readonly Pick<MethodFacts, 'id' | 'choosesTuned'>[],
): readonly FineTuningHarm[] {
  const choosing = new Set(methods.filter(({ choosesTuned }) => choosesTuned).map(({ id }) => id));
  const usable = measurements.filter((one) => isMeasurable(one) && !choosing.has(one.method));
  const before = new Map<string, number>();
  for (const one of usable) {
    if (one.phase === 'before fine-tuning') {
      before.set(modelKey(one, one.requestedDomainTokens), one.perplexity);
    }
  }
  return usable
    .filter(({ phase }) => phase === 'after fine-tuning')
    .flatMap((one): FineTuningHarm[] => {
      // A model that was chosen or made for an in-domain set is the start of what is fine-tuned on that set alone.
      const start = before.get(modelKey(one, one.requestedDomainTokens)) ?? before.get(modelKey(one));
      return start === undefined || !isHarm(start, one.perplexity) ? [] : [harmOf(one, start)];
    })
    .sort((a, b) => b.after / b.before - a.after / a.before);
}

/** What tells models before fine-tuning apart; without a set those that no in-domain text decided about. */
function modelKey({ domain, method, seed, pretrainingTokens }: Measurement, set?: InDomainSize): string {
  return JSON.stringify([domain, method, seed, pretrainingTokens, set ?? 'none']);
}

function harmOf(one: Measurement, before: number): FineTuningHarm {
  const { domain, method, seed, pretrainingTokens, domainTokens, perplexity, stopping } = one;
  return {
    domain,
    method,
    seed,
    pretrainingTokens,
    domainTokens,
    before,
    after: perplexity,
    ...(stopping && { stoppingTokens: stopping.validationTokens }),
  };
}

/** One sentence or two for each domain and method that has one, on its worst model. */
export function harmInWords(
  harms: readonly FineTuningHarm[],
  corpora: readonly Pick<CorpusFacts, 'name' | 'tokens'>[],
): readonly string[] {
  const seen = new Set<string>();
  return harms.flatMap((harm) => {
    const { domain, method, seed, pretrainingTokens, domainTokens, before, after } = harm;
    const key = JSON.stringify([domain, method]);
    if (seen.has(key)) return [];
    seen.add(key);
    const model = `${formatCompact(pretrainingTokens)} pretraining tokens, ${formatCount(domainTokens)} in-domain tokens, seed ${seed}`;
    const split = corpora.find(({ name }) => name === domain)?.tokens.validation;
    return [
      `Fine-tuning made ${method} worse on ${domain}: held-out perplexity ${formatPerplexity(before)} before, ${formatPerplexity(after)} after (${model}). ${reasonOf(harm, split)}`,
    ];
  });
}

/** `split`: tokens of the whole validation split, of which stopping reads no more than a set of that size is worth. */
function reasonOf({ stoppingTokens }: FineTuningHarm, split: number | undefined): string {
  const read = stoppingTokens ?? split;
  const ofSplit = split ?? stoppingTokens;
  if (ofSplit !== undefined && ofSplit < littleValidation) {
    return `Likely its validation text (${formatCount(ofSplit)} tokens) is too little to tell when to stop: add files, or raise "validation" of the split.`;
  }
  if (read !== undefined && read <= littleValidation) {
    return `Likely the ${formatCount(read)} tokens of validation text that decide when a set of this size stops are too few to tell: for a larger in-domain set more are read.`;
  }
  return 'Likely its validation text resembles the training text more than the held-out text does, so that training went on too long: look for near-copies and for files of one kind in "parlance corpus".';
}
