/** The answer as plain data, for `report.json` and `run --json`. */

import type { Comparison } from '../../budget/choice/verdict.ts';
import type { InDomainSize } from '../../budget/in-domain-size.ts';
import type { Spread } from '../../budget/measured-point.ts';
import type { Answer } from './answer.ts';

export interface AnswerJson {
  /** The domain, or the average over domains. */
  readonly view: string;
  readonly headline: string;
  readonly paragraph: string;
  /** Absent, with all below, when nothing can be answered yet. */
  readonly method?: string;
  readonly verdict?: Answer['verdict'];
  readonly heldOutPerplexity?: Spread;
  readonly validationPerplexity?: Spread;
  readonly inDomain?: { readonly asked: InDomainSize; readonly tokens: number };
  readonly pretrainingTokens?: number;
  /** N of the total cost. */
  readonly domains: number;
  /** The lowest by validation, which the others are compared with on held-out text. */
  readonly lowestByValidation?: string;
  readonly compared?: readonly ({ readonly method: string } & Partial<Comparison>)[];
}

export function answerJson({
  view,
  headline,
  paragraph,
  domains,
  choice,
  verdict,
  size,
}: Answer): AnswerJson {
  const words = { view: view.title, headline, paragraph, domains };
  if (choice === undefined || size === undefined) return words;
  const { chosen, leader, ties, others } = choice;
  return {
    ...words,
    method: chosen.method.id,
    ...(verdict && { verdict }),
    heldOutPerplexity: chosen.point.perplexity,
    validationPerplexity: chosen.point.validation,
    inDomain: size,
    pretrainingTokens: chosen.point.pretrainingTokens,
    lowestByValidation: leader.method.id,
    compared: [...ties, ...others].map(({ contender, comparison }) => ({
      method: contender.method.id,
      ...comparison,
    })),
  };
}
