/**
 * Budgets of Quick Start: what this machine trains in less than a minute, so that with the reading and clustering of text a
 * first verdict comes within two, unless one pass over the folder's text takes longer. Two methods train on all in-domain text, one of them is pretrained before; a second budget, four
 * times as large, refines the verdict afterwards. Pure.
 */

/** Training up to the first verdict. */
const FIRST_SECONDS = 45;
/** So much of it goes for "in minutes". */
const PROMISED_SECONDS = 180;
/** Of a second of training, what validations and evaluations take besides. */
const OVERHEAD = 1.3;
/** What says anything at all, and what is no quick start any more. */
const LEAST_TOKENS = 16_384;
const MOST_TOKENS = 131_072;
const REFINEMENT = 4;

export interface QuickBudgets {
  /** The first verdict's, and the one that refines it. */
  readonly pretrainingTokens: readonly [number, number];
  /** Tokens of fine-tuning at most; all the text is read once at least. */
  readonly maximumTokens: number;
  /** Training up to the first verdict, predicted. */
  readonly firstSeconds: number;
}

/** `tokensPerSecond` of training the small model; `domainTokens` are trained on. */
export function quickBudgets({
  tokensPerSecond,
  domainTokens,
}: {
  readonly tokensPerSecond: number;
  readonly domainTokens: number;
}): QuickBudgets {
  const affordable = (FIRST_SECONDS * tokensPerSecond) / OVERHEAD;
  // Shared alike by two trainings on the domain and a pretraining, unless one pass over the text takes more.
  const share = Math.min(affordable / 3, affordable - 2 * domainTokens);
  const tokens = powerBelow(Math.min(MOST_TOKENS, Math.max(LEAST_TOKENS, share)));
  const tuned = Math.max(tokens, domainTokens);
  return {
    pretrainingTokens: [tokens, REFINEMENT * tokens],
    maximumTokens: tokens,
    firstSeconds: (OVERHEAD * (tokens + 2 * tuned)) / tokensPerSecond,
  };
}

/** Whether the first verdict comes as soon as Quick Start promises; else one is told how long it takes. */
export function isQuick({ firstSeconds }: QuickBudgets): boolean {
  return firstSeconds <= PROMISED_SECONDS;
}

const powerBelow = (value: number): number => 2 ** Math.floor(Math.log2(value));
