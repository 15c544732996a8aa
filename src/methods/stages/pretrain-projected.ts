/** Pretraining of the projected network (paper section 2.5). */
import type { ProjectionShape } from '../../models/projected.ts';
import type { Stage } from '../../pipeline/stage.ts';
import type { ExperimentPlan } from '../experiment-plan.ts';
import type { MethodInputs } from './method-inputs.ts';
import { budgetStage, pretrainingParameters } from './pretrain.ts';

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

/** The network pretrained on a budget (in tokens): its tensors, not yet a model. */
export function pretrainProjectedStage(
  given: MethodInputs,
  clustering: Stage,
  { seed, budget }: { readonly seed: number; readonly budget: number },
): Stage {
  const { plan, generic, tokenizer, from } = given;
  const start = from.small;
  const projection = projectionShape(plan);
  const { groups } = plan.projection;
  const blended = blendedGroups(plan);
  const network = {
    name: `projected network of ${projection.experts} experts, seed ${seed}`,
    share: 1,
    parameters: {
      ...pretrainingParameters(given, 'small', start),
      projection,
      groups,
      ...(blended > 0 && { blended }),
      seed,
    },
    inputs: { tokens: generic, clustering, tokenizer, ...(start && { start }) },
  };
  return budgetStage(given, { trunk: network, decay: network }, budget);
}
