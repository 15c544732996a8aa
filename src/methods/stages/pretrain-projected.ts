/**
 * Pretraining of the projected network (paper section 2.5): all experts jointly, a batch holding groups of rows, each
 * of one cluster and drawn as often as the generic corpus has it.
 */

import { join } from 'node:path';
import {
  initialProjectedWeights,
  type ProjectionShape,
  projectedParameterization,
  projectedTrainingFlopsPerToken,
} from '../../models/projected.ts';
import type { Stage } from '../../pipeline/stage.ts';
import { writeWeights } from '../../training/checkpoint.ts';
import { groupStream } from '../../training/group-stream.ts';
import type { ExperimentPlan } from '../experiment-plan.ts';
import { readTokenizer, type StageMaterial } from './material.ts';
import { WEIGHTS_FILE } from './models.ts';
import { budgetStage, type Pretraining, pretrainingParameters } from './pretrain.ts';
import { windowsByCluster } from './selection/window-choice.ts';
import { batchRows, modelSize, pretrainingRecipe } from './training.ts';

export function projectionShape({ projection }: ExperimentPlan): ProjectionShape {
  const { clusters, slabs, expertSize } = projection;
  return { experts: clusters, slabs, expertWidth: expertSize };
}

/** The network pretrained on a budget (in tokens): its tensors, not yet a model. */
export function pretrainProjectedStage(
  material: StageMaterial,
  clustering: Stage,
  { seed, budget }: { readonly seed: number; readonly budget: number },
): Stage {
  const pretraining = projectedPretraining(material, clustering, seed);
  return budgetStage(material, { trunk: pretraining, decay: pretraining }, budget);
}

function projectedPretraining(material: StageMaterial, clustering: Stage, seed: number): Pretraining {
  const { plan, generic, tokenizer } = material;
  const shape = projectionShape(plan);
  const { groups } = plan.projection;
  const batch = batchRows(plan.pretraining.batchTokens, plan);
  return {
    name: `projected network of ${shape.experts} experts, seed ${seed}`,
    seed,
    share: 1,
    parameters: { ...pretrainingParameters(material, 'small'), projection: { ...shape }, groups, seed },
    inputs: { tokens: generic, clustering, tokenizer },
    async prepare(context, text) {
      const { vocabularySize } = await readTokenizer(context);
      const size = modelSize(plan, 'small', vocabularySize);
      const clusters = await windowsByCluster(context, text, plan.context);
      const shares = clusters.map(({ tokens }) => tokens);
      const batchTokens = batch.rows * plan.context;
      return {
        settings: {
          size,
          weights: projectedParameterization(size, shape, groups),
          flopsPerToken: projectedTrainingFlopsPerToken(size, shape, { groups, tokens: batchTokens }),
          recipe: pretrainingRecipe(plan),
          ...batch,
          stream: groupStream({ windowsByCluster: clusters, shares, groups, seed }),
        },
        datasetTokens: shares.reduce((sum, share) => sum + share, 0),
        initialWeights: () => initialProjectedWeights(size, shape, seed),
      };
    },
    leave: (context, { best }) => writeWeights(join(context.directory, WEIGHTS_FILE), best),
  };
}
