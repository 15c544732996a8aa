/** The training steps of a plan, as its stages compile them, before there is any text: what speed and memory are told from. */
import type { ModelSize } from '../../common/model-size.ts';
import { type ExperimentPlan, type TrainedNetwork, wholeNetwork } from '../../methods/experiment-plan.ts';
import { LOW_RANK, parameterizationOf, recipeFor } from '../../methods/stages/fine-tuning-kinds.ts';
import { blendedGroups, projectionShape } from '../../methods/stages/pretrain-projected.ts';
import { batchRows, modelSize, pretrainingRecipe } from '../../methods/stages/training.ts';
import type { Parameterization } from '../../models/parameterization.ts';
import { projectedParameterization } from '../../models/projected.ts';
import { distillation } from '../../training/distillation.ts';
import { optimizers } from '../../training/recipe.ts';
import type { TrainingStepSettings } from '../../training/step.ts';

/** Whether its largest step is one on in-domain text: it has no pretraining of its own. */
export function isAdapted({ from }: Pick<ExperimentPlan, 'from'>, network: TrainedNetwork): boolean {
  const whole = wholeNetwork(network);
  const model = whole === 'large' ? 'large' : 'small';
  return whole !== network || network === 'distilled' || from[model] !== undefined;
}

/** The training step of a network as its stage compiles it; of a model that was given, that of fine-tuning. */
export function plannedStep(plan: ExperimentPlan, network: TrainedNetwork): TrainingStepSettings {
  const whole = wholeNetwork(network);
  const model = whole === 'large' ? 'large' : 'small';
  const size = modelSize(plan, model, plan.vocabulary);
  const adapted = isAdapted(plan, network);
  const { batchTokens } = adapted ? plan.fineTuning : plan.pretraining;
  const { rows, microBatches } = batchRows(batchTokens, plan);
  const recipe = adapted ? recipeFor('full', plan, model) : pretrainingRecipe(plan, model);
  return {
    size,
    weights: parameterization(plan, network, size),
    losses:
      network === 'distilled'
        ? distillation(size, modelSize(plan, 'large', plan.vocabulary), plan.distillation)
        : undefined,
    batch: { rows, length: size.context },
    microBatches,
    clipNorm: recipe.clipNorm,
    optimizerFor: optimizers(recipe),
  };
}

function parameterization(plan: ExperimentPlan, network: TrainedNetwork, size: ModelSize): Parameterization {
  if (network === 'projected') {
    return projectedParameterization(
      size,
      projectionShape(plan),
      plan.projection.groups,
      blendedGroups(plan),
    );
  }
  return parameterizationOf({ lowRank: wholeNetwork(network) === network ? null : LOW_RANK }, size);
}
