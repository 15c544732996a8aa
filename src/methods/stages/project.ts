/**
 * Projection of a projected network to a plain small model for a domain (paper section 2.5): the expert of the
 * domain's most frequent cluster, or of its whole histogram (Soup-of-Experts, arXiv 2502.01804).
 */
import { join } from 'node:path';
import * as z from 'zod';
import { modelShapeSchema } from '../../common/model-size.ts';
import { WEIGHTS_FILE } from '../../formats/model-folder.ts';
import { projectionFlops, projectWeights } from '../../models/projected.ts';
import type { Stage } from '../../pipeline/stage.ts';
import { modalCluster } from '../../selection/clustering/histogram.ts';
import { readWeights } from '../../training/checkpoint.ts';
import { defineStage, noPlaces, projectionSchema } from './define.ts';
import { type MethodInputs, readTokenizer } from './method-inputs.ts';
import { writeModel } from './models.ts';
import { projectionShape } from './pretrain-projected.ts';
import { readHistogram } from './selection/clustering-files.ts';
import { type DomainSet, setInWords } from './stage-text.ts';
import { timed } from './timed.ts';
import { sizeOn } from './training.ts';

export const project = defineStage({
  kind: 'project',
  version: 3,
  parameters: z.strictObject({
    soft: z.boolean(),
    context: z.number(),
    model: modelShapeSchema,
    projection: projectionSchema,
  }),
  places: noPlaces,
  inputs: { tokenizer: 'one', network: 'one', histogram: 'one' },
  run: ({ parameters, input, directory, book }) =>
    timed({ book }, async () => {
      const { soft, projection } = parameters;
      const size = sizeOn(await readTokenizer(input('tokenizer')), parameters);
      const { shares } = await readHistogram(input('histogram').directory);
      const mixture = soft ? Float32Array.from(shares) : oneHot(shares.length, modalCluster(shares));
      const stored = await readWeights(join(input('network').directory, WEIGHTS_FILE));
      const weights = projectWeights(size, projection, stored, mixture);
      await writeModel(directory, size, weights, input('tokenizer').directory);
      return projectionFlops(size, projection);
    }),
});

export function projectStage(
  { plan, tokenizer, domain, services }: MethodInputs,
  network: Stage,
  { histogram, set }: { readonly histogram: Stage; readonly set: Pick<DomainSet, 'tokens'> },
): Stage {
  const { soft } = plan.projection;
  const kind = soft ? 'soft projection' : 'projection';
  const label = `${kind} to ${setInWords(set, domain.name)} of ${network.label}`;
  return project.stage(
    {
      label,
      subject: label,
      booking: 'specialization',
      parameters: {
        soft,
        context: plan.context,
        model: plan.models.small,
        projection: projectionShape(plan),
      },
      places: null,
      inputs: { tokenizer, network, histogram },
    },
    services,
  );
}

function oneHot(length: number, at: number): Float32Array {
  const values = new Float32Array(length);
  values[at] = 1;
  return values;
}
