/**
 * The kinds of training on a domain: which numbers are trained and against what, by which recipe, and what a token of each
 * costs.
 */
import type { ModelSize } from '../../common/model-size.ts';
import type { Flops } from '../../common/units.ts';
import {
  denseParameterization,
  type LowRankSettings,
  lowRankElements,
  lowRankParameterization,
  type Parameterization,
} from '../../models/parameterization.ts';
import { lowRankTrainingFlopsPerToken, trainingFlopsPerToken } from '../../models/size.ts';
import { distillation, distillationFlopsPerToken } from '../../training/distillation.ts';
import { FINE_TUNING, forWideModel, LOW_RANK_FINE_TUNING, type Recipe } from '../../training/recipe.ts';
import type { TrainingSettings } from '../../training/settings.ts';
import type { DistillationPlan, ExperimentPlan, ModelName } from '../experiment-plan.ts';
import { DECAY_SHARE } from './pretrain.ts';
import { scratchRecipe } from './training.ts';

export const fineTuningKinds = ['from scratch', 'full', 'low-rank', 'distilled'] as const;
export type FineTuningKind = (typeof fineTuningKinds)[number];

/**
 * Rank of the corrections (docs/decisions/fine-tuning.md). The paper's appendix F has 64 at width 2816, a share of 1/44; at
 * widths of some dozens a larger share is needed: 1/11 of the width for the large model of the preset `small`.
 */
export const LOW_RANK: LowRankSettings = { rank: 16, alpha: 32 };

const ADAPTING: Readonly<Record<Exclude<FineTuningKind, 'from scratch'>, Recipe>> = {
  full: FINE_TUNING,
  'low-rank': LOW_RANK_FINE_TUNING,
  distilled: FINE_TUNING,
};

/** A model that is made from nothing ends with a rate that falls to zero; adapting lowers it in steps. */
export const DECAY_SHARES: Readonly<Record<FineTuningKind, number>> = {
  'from scratch': DECAY_SHARE,
  full: 0,
  'low-rank': 0,
  distilled: 0,
};

/**
 * How often adapting goes on from its best step at a third of the rate, once patience is spent: with much in-domain text it
 * gains some per cent, with little nothing for twice the steps (docs/decisions/stopping.md).
 */
export const LOWERINGS: Readonly<Record<FineTuningKind, number>> = {
  'from scratch': 0,
  full: 2,
  'low-rank': 2,
  distilled: 2,
};

/** What a fine-tuning of this kind is trained with, before the experiment's factor on the rates. */
export function recipeFor(kind: FineTuningKind, plan: ExperimentPlan, model: ModelName): Recipe {
  if (kind === 'from scratch') return scratchRecipe(plan, model);
  const own = ADAPTING[kind];
  const isWide = plan.from[model] !== undefined || plan.ratesByWidth;
  return isWide ? forWideModel(own, plan.models[model].width) : own;
}

/** What of a fine-tuning's parameters decides about its loss and its cost. */
export interface FineTuningShape {
  readonly lowRank: LowRankSettings | null;
  readonly distillation?: DistillationPlan;
}

export function parameterizationOf(
  { lowRank }: Pick<FineTuningShape, 'lowRank'>,
  size: ModelSize,
): Parameterization {
  return lowRank === null ? denseParameterization(size) : lowRankParameterization(size, lowRank);
}

/** What a token of it costs; `teacher` is the model whose predictions are distilled. */
export function fineTuningFlopsPerToken(
  { lowRank, distillation: settings }: FineTuningShape,
  size: ModelSize,
  teacher: ModelSize | undefined,
): Flops {
  if (lowRank !== null) return lowRankTrainingFlopsPerToken(size, lowRankElements(size, lowRank.rank));
  return settings && teacher
    ? distillationFlopsPerToken(size, teacher, settings)
    : trainingFlopsPerToken(size);
}

/** Against the teacher's distribution where there is one. */
export function lossesOf(
  { distillation: settings }: FineTuningShape,
  student: ModelSize,
  teacher: ModelSize | undefined,
): TrainingSettings['losses'] {
  return settings && teacher && distillation(student, teacher, settings);
}
