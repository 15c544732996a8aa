/**
 * Projection of a projected network to a plain small model for a domain (paper section 2.5): the expert of the
 * domain's most frequent cluster, or of its whole histogram (Soup-of-Experts, arXiv 2502.01804), or from there the expert whose
 * loss on the in-domain set is the lowest.
 */
import { join } from 'node:path';
import * as z from 'zod';
import { GraphError } from '../../common/errors.ts';
import { modelShapeSchema } from '../../common/model-size.ts';
import { EvaluationBatches } from '../../corpus/windows/evaluation-batches.ts';
import { WEIGHTS_FILE } from '../../formats/model-folder.ts';
import { expertVector, projectionFlops, projectWeights } from '../../models/projected.ts';
import type { Stage } from '../../pipeline/stage.ts';
import { modalCluster } from '../../selection/clustering/histogram.ts';
import { readWeights } from '../../training/checkpoint.ts';
import { fitExpert } from '../../training/expert-fit.ts';
import { defineStage, noPlaces, projectionSchema, setFields } from './define.ts';
import { type MethodInputs, readTokenizer } from './method-inputs.ts';
import { writeModel } from './models.ts';
import { projectionShape } from './pretrain-projected.ts';
import { readHistogram } from './selection/clustering-files.ts';
import { atMost, type DomainSet, readingText, setInWords, setParameters } from './stage-text.ts';
import { timed } from './timed.ts';
import { batchRows, sizeOn } from './training.ts';

/** A vector of a few numbers is told by this much of a larger in-domain set. */
const FITTED_TOKENS = 32_768;

export const project = defineStage({
  kind: 'project',
  version: 3,
  parameters: z.strictObject({
    soft: z.boolean(),
    context: z.number(),
    model: modelShapeSchema,
    projection: projectionSchema,
    /** The in-domain set that the expert's vector is fitted to, in batches of so many rows: a part of a step's at a time. */
    fit: z.strictObject({ ...setFields, rows: z.number() }).optional(),
    /** What it is fitted on. */
    engine: z.string().optional(),
  }),
  places: noPlaces,
  inputs: { tokenizer: 'one', network: 'one', histogram: 'one', tokens: 'optional' },
  run: ({ parameters, input, optionalInput, directory, signal, progress, book, services }) =>
    readingText((text) =>
      timed({ book }, async () => {
        const { soft, context, projection, fit } = parameters;
        const size = sizeOn(await readTokenizer(input('tokenizer')), parameters);
        const { shares } = await readHistogram(input('histogram').directory);
        const mixture = soft ? Float32Array.from(shares) : oneHot(shares.length, modalCluster(shares));
        const network = await readWeights(join(input('network').directory, WEIGHTS_FILE));
        const start = expertVector(projection, network, mixture);
        const domain = optionalInput('tokens');
        if (fit !== undefined && domain === undefined)
          throw new GraphError(
            'A projection is fitted without in-domain text.',
            'Name the input in the stage.',
          );
        const fitted =
          fit === undefined || domain === undefined
            ? { vector: start, flops: 0 }
            : await fitExpert(
                {
                  size,
                  shape: projection,
                  network,
                  start,
                  batches: new EvaluationBatches(await text.domain(domain, context, fit), fit.rows),
                },
                services.engine(),
                {
                  signal,
                  onEvaluated: (fraction) => progress({ fraction, message: 'fitting to the domain' }),
                },
              );
        await writeModel(
          directory,
          size,
          projectWeights(size, network, fitted.vector),
          input('tokenizer').directory,
        );
        return fitted.flops + projectionFlops(size, projection);
      }),
    ),
});

export function projectStage(
  { plan, tokenizer, domain, services }: MethodInputs,
  network: Stage,
  { histogram, set }: { readonly histogram: Stage; readonly set: DomainSet },
): Stage {
  const { soft, fit } = plan.projection;
  const kind = fit ? 'fitted projection' : soft ? 'soft projection' : 'projection';
  const label = `${kind} to ${setInWords(set, domain.name)} of ${network.label}`;
  const { rows, microBatches } = batchRows(plan.fineTuning.batchTokens, plan);
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
        ...(fit && {
          fit: {
            ...setParameters(atMost(set, FITTED_TOKENS)),
            rows: rows / microBatches,
          },
          engine: services.engineName,
        }),
      },
      places: null,
      inputs: { tokenizer, network, histogram, ...(fit && { tokens: domain.tokens }) },
    },
    services,
  );
}

function oneHot(length: number, at: number): Float32Array {
  const values = new Float32Array(length);
  values[at] = 1;
  return values;
}
