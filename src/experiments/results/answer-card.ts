/**
 * The answer at a glance, for the head of a panel and of the report: which method, how sure that is, and what it gives and
 * takes. The paragraph that stands behind it is `Answer.paragraph`. Pure.
 */

import { rangeOverSeeds } from '../../budget/choice/comparison-words.ts';
import { sizeInWords } from '../../budget/in-domain-size.ts';
import { formatBits, formatCompact, formatPerplexity, formatSeconds } from '../../common/format.ts';
import { BITS_PER_BYTE_EXPLAINED, PERPLEXITY_EXPLAINED } from '../../common/measures.ts';
import { methodInWords } from '../../methods/titles.ts';
import type { Answer } from './answer.ts';
import type { Standing } from './answer-facts.ts';
import { certaintyInWords } from './answer-words.ts';

export interface AnswerCard {
  /** One plain sentence. */
  readonly title: string;
  /** Absent while there is nothing to choose. */
  readonly certainty?: { readonly word: string; readonly sentence: string };
  readonly facts: readonly CardFact[];
  /** What the facts are of. */
  readonly chosen?: Standing;
}

export interface CardFact {
  readonly id: 'perplexity' | 'bits' | 'time' | 'parameters';
  readonly name: string;
  readonly value: string;
  readonly detail: string;
  /** What the figure means, for a hover. */
  readonly explanation?: string;
}

/** What the certainty is called where only a word has room. */
const WORDS = {
  clear: 'Clear',
  tie: 'Tie',
  'not settled': 'Not settled',
} as const satisfies Record<NonNullable<Answer['verdict']>, string>;

export function answerCard(answer: Answer): AnswerCard {
  const { choice, size, verdict } = answer;
  if (choice === undefined || size === undefined) return { title: answer.headline, facts: [] };
  const { chosen } = choice;
  return {
    title: `${verdict === 'not settled' ? 'For now, use' : 'Use'} ${methodInWords(chosen.method.id, chosen.method.title)} ${where(answer)}.`,
    certainty: {
      word: verdict === undefined ? withoutVerdict(choice) : WORDS[verdict],
      sentence: certaintyInWords(choice),
    },
    facts: [
      perplexityFact(chosen, sizeInWords(size.asked, size.tokens, answer.view.kind)),
      {
        id: 'bits',
        name: 'Bits per byte',
        value: formatBits(chosen.point.bitsPerByte.mean),
        detail: 'for models of other tokenizers',
        explanation: BITS_PER_BYTE_EXPLAINED,
      },
      timeFact(chosen, answer.pretrainedPerDomain.includes(chosen.method.id)),
      ...parametersFact(answer),
    ],
    chosen,
  };
}

/** Methods that share no seed with it cannot be compared, but were measured. */
function withoutVerdict({ others }: NonNullable<Answer['choice']>): string {
  return others.length === 0 ? 'Only one measured' : 'Not compared';
}

function perplexityFact({ point }: Standing, set: string): CardFact {
  const { perplexity } = point;
  return {
    id: 'perplexity',
    name: 'Held-out perplexity',
    value: formatPerplexity(perplexity.mean),
    detail: `${rangeOverSeeds(perplexity, formatPerplexity)}, with ${set}`,
    explanation: PERPLEXITY_EXPLAINED,
  };
}

/** Device time, as it was measured where the models were trained. */
function timeFact({ point }: Standing, isPretrainedPerDomain: boolean): CardFact {
  const { genericSeconds, specializationSeconds } = point;
  const once = `${formatSeconds(genericSeconds)} once`;
  const each = `${formatSeconds(specializationSeconds)} for each domain${isPretrainedPerDomain ? ', pretraining included' : ''}`;
  return {
    id: 'time',
    name: 'Time to make it, measured',
    value: formatSeconds(genericSeconds + specializationSeconds),
    detail: `${once} and ${each}`,
  };
}

function parametersFact({ cap }: Answer): readonly CardFact[] {
  if (cap === undefined) return [];
  return [
    {
      id: 'parameters',
      name: 'Size',
      value: `${formatCompact(cap)} parameters`,
      detail: 'of the model that is served',
    },
  ];
}

function where({ view }: Answer): string {
  return view.kind === 'domain' ? `on ${view.title}` : `in the ${view.title}`;
}
