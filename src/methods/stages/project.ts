/**
 * Projection of a projected network to a plain small model for a domain (paper section 2.5): the expert of the
 * domain's most frequent cluster, or of its whole histogram (Soup-of-Experts, arXiv 2502.01804).
 */
import { join } from 'node:path';
import { projectionFlops, projectWeights } from '../../models/projected.ts';
import type { Stage } from '../../pipeline/stage.ts';
import { modalCluster } from '../../selection/clustering/histogram.ts';
import { readWeights } from '../../training/checkpoint.ts';
import { readTokenizer, type StageMaterial } from './material.ts';
import { WEIGHTS_FILE, writeModel } from './models.ts';
import { projectionShape } from './pretrain-projected.ts';
import { readHistogram } from './selection/clustering-files.ts';
import { type DomainSet, setInWords } from './stage-text.ts';
import { timed } from './timed.ts';
import { modelSize } from './training.ts';

export function projectStage(
  { plan, tokenizer, domain }: StageMaterial,
  network: Stage,
  { histogram, set }: { readonly histogram: Stage; readonly set: Pick<DomainSet, 'tokens'> },
): Stage {
  const { soft } = plan.projection;
  return {
    kind: 'project',
    label: `${soft ? 'soft projection' : 'projection'} to ${setInWords(set, domain.name)} of ${network.label}`,
    version: 2,
    parameters: { soft, context: plan.context },
    inputs: { tokenizer, network, histogram },
    booking: 'specialization',
    run: (context) =>
      timed(context, async () => {
        const { vocabularySize } = await readTokenizer(context);
        const size = modelSize(plan, 'small', vocabularySize);
        const { shares } = await readHistogram(context.input('histogram'));
        const mixture = soft ? Float32Array.from(shares) : oneHot(shares.length, modalCluster(shares));
        const stored = await readWeights(join(context.input('network'), WEIGHTS_FILE));
        const weights = projectWeights(size, projectionShape(plan), stored, mixture);
        await writeModel(context.directory, size, weights, context.input('tokenizer'));
        return projectionFlops(size, projectionShape(plan));
      }),
  };
}

function oneHot(length: number, at: number): Float32Array {
  const values = new Float32Array(length);
  values[at] = 1;
  return values;
}
