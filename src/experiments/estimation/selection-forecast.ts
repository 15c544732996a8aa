/** What embedding text, clustering it and selecting n-grams will compute, from the parameters of these stages. */

import * as z from 'zod';
import type { Stage } from '../../pipeline/stage.ts';
import {
  assignmentFlops,
  clusteringFlops,
  embeddingFlops,
  lsiFitFlops,
  ngramFlops,
  type PredictedFlops,
  type TextAmount,
} from '../../selection/predicted-flops.ts';
import type { EncoderFacts, ForecastFacts, StageWork } from './stage-work.ts';

const count = z.number();
const contextSchema = z.object({ context: count });
const clusteringSchema = z.object({ context: count, clusters: count });
const limited = z.object({ context: count, domainTokens: z.union([count, z.literal('all')]) });
const selectionSchema = limited.extend({ wantedTokens: count });

/** `undefined` for other stages, and for an encoder's embedding, which has nothing to fit. */
export function selectionWork(stage: Stage, facts: ForecastFacts): StageWork | undefined {
  const { encoder } = facts;
  const { kind, parameters, inputs } = stage;
  const generic = (): TextAmount => textOf(facts, inputs.tokens, contextSchema.parse(parameters).context);
  if (kind === 'embedding') return encoder === undefined ? lsiFitFlops(generic()) : undefined;
  if (kind === 'window-vectors') return timed(embeddingFlops(generic(), encoder?.cost), encoder);
  if (kind === 'clustering') {
    return clusteringFlops(generic(), clusteringSchema.parse(parameters).clusters, encoder?.cost);
  }
  if (kind === 'histogram') {
    const { context, domainTokens } = limited.parse(parameters);
    const text = textOf(facts, inputs.tokens, context, domainTokens);
    const { clusters } = clusteringSchema.parse(inputs.clustering.parameters);
    const assigning = assignmentFlops(text.windows, clusters, encoder?.cost);
    const { expected, maximum } = embeddingFlops(text, encoder?.cost);
    return timed({ expected: expected + assigning, maximum: maximum + assigning }, encoder);
  }
  if (kind === 'ngram-selection') {
    const { context, domainTokens, wantedTokens } = selectionSchema.parse(parameters);
    return ngramFlops(textOf(facts, inputs.domain, context, domainTokens), generic(), wantedTokens);
  }
  return undefined;
}

function timed(flops: PredictedFlops, encoder: EncoderFacts | undefined): StageWork {
  return encoder === undefined ? flops : { ...flops, size: encoder.size };
}

function textOf(
  { tokensOf, bytesPerToken }: ForecastFacts,
  stage: Stage,
  context: number,
  limit: number | 'all' = 'all',
): TextAmount {
  const { train } = tokensOf(stage);
  const tokens = limit === 'all' ? train : Math.min(limit, train);
  return { tokens, windows: Math.max(1, Math.ceil(tokens / context)), bytesPerToken };
}
