/** Pretraining of the projected network (paper section 2.5). */
import type { ProjectionShape } from '../../models/projected.ts';
import type { Stage } from '../../pipeline/stage.ts';
import type { ExperimentPlan } from '../experiment-plan.ts';
import type { MethodInputs } from './method-inputs.ts';
import { budgetStage, type PretrainingRequest, pretrainingParameters } from './pretrain.ts';
import { windowChoice } from './selection/window-choice.ts';

export function projectionShape({ projection }: ExperimentPlan): ProjectionShape {
  const { clusters, slabs, expertSize } = projection;
  return { experts: clusters, slabs, expertWidth: expertSize };
}

/** How many groups of a batch have blended experts. */
export function blendedGroups({
  projection: { groups, blended },
}: Pick<ExperimentPlan, 'projection'>): number {
  return Math.round(blended * groups);
}

/** The network pretrained on a budget (in tokens): its tensors, not yet a model. The in-domain set is for what is mixed in. */
export function pretrainProjectedStage(
  given: MethodInputs,
  clustering: Stage,
  { seed, budget, domainTokens }: Pick<PretrainingRequest, 'seed' | 'budget' | 'domainTokens'>,
): Stage {
  const { plan, tokenizer, from } = given;
  const start = from.small;
  const projection = projectionShape(plan);
  const { groups } = plan.projection;
  const blended = blendedGroups(plan);
  const choice = windowChoice(given, { kind: 'clusters', clustering }, { tokens: domainTokens, seed });
  const network = {
    name: `projected network of ${projection.experts} experts${choice.name}, seed ${seed}`,
    share: 1,
    parameters: {
      ...pretrainingParameters(given, 'small', start),
      projection,
      groups,
      ...(blended > 0 && { blended }),
      ...choice.parameters,
      seed,
    },
    inputs: { ...choice.inputs, tokenizer, ...(start && { start }) },
  };
  return budgetStage(given, { trunk: network, decay: network }, budget);
}
