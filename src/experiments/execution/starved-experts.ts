/**
 * Methods whose experts see too little text for what the paper says of them. Its experts had 23 to 90 tokens a parameter
 * (docs/claims.md has what happens with fewer); which way is best is then decided by the budget and not by the method.
 */
import { formatTokens } from '../../common/format.ts';
import type { ExperimentPlan } from '../../methods/experiment-plan.ts';
import { DECAY_SHARE } from '../../methods/stages/pretrain.ts';
import { projectionShape } from '../../methods/stages/pretrain-projected.ts';
import { modelSize } from '../../methods/stages/training.ts';
import { projectedParameterCount } from '../../models/projected.ts';
import { parameterCount } from '../../models/size.ts';
import type { CorpusNote } from './corpus-notes.ts';

const ENOUGH = 45;

interface Fed {
  readonly what: string;
  readonly parameters: number;
  /** Of a budget's tokens, what one of them is trained on. */
  readonly share: number;
}

/** One note for each of the methods that is starved with the largest budget; none where the model was given. */
export function starvedNotes(plan: ExperimentPlan, methodIds: readonly string[]): CorpusNote[] {
  if (plan.from.small !== undefined || plan.generic === undefined) return [];
  const largest = Math.max(...plan.pretraining.budgets);
  return Object.entries(expertsOf(plan)).flatMap(([id, { what, parameters, share }]) => {
    const each = (share * largest) / parameters;
    if (!methodIds.includes(id) || each >= ENOUGH) return [];
    const tokens = `${each < 10 ? each.toPrecision(2) : Math.round(each)} tokens a parameter`;
    const needed = formatTokens((ENOUGH * parameters) / share);
    return [
      {
        corpus: id,
        text: `${id} is starved: with ${formatTokens(largest)} tokens of pretraining ${what} sees ${tokens}, where the paper’s experts had 23 to 90; ${ENOUGH} take ${needed} tokens.`,
      },
    ];
  });
}

function expertsOf(plan: ExperimentPlan): Readonly<Record<'slm-mix' | 'slm-pn', Fed>> {
  const size = modelSize(plan, 'small', plan.vocabulary);
  const { experts, branching } = plan.mixture;
  return {
    'slm-mix': {
      what: 'an expert',
      parameters: parameterCount(size),
      // The stable phase is common to branching experts.
      share: branching ? 1 - DECAY_SHARE + DECAY_SHARE / experts : 1 / experts,
    },
    'slm-pn': {
      what: 'the projected network',
      parameters: projectedParameterCount(size, projectionShape(plan)),
      share: 1,
    },
  };
}
