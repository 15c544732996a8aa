/**
 * What the artifact of a stage takes on the disk, from what it is of: text, tokens of two bytes, vectors and weights of four
 * bytes a number. What takes kilobytes (histograms, evaluations, the tokenizer) is left out.
 */
import * as z from 'zod';
import { modelShapeSchema } from '../../src/common/model-size.ts';
import { plannedStep } from '../../src/experiments/estimation/planned-step.ts';
import { sizeOf } from '../../src/graph/tensor.ts';
import type { ExperimentPlan, ModelName, WholeNetwork } from '../../src/methods/experiment-plan.ts';
import { projectionShape } from '../../src/methods/stages/pretrain-projected.ts';
import { modelSize } from '../../src/methods/stages/training.ts';
import { projectedParameterCount } from '../../src/models/projected.ts';
import { parameterCount } from '../../src/models/size.ts';
import { fingerprint, type Stage } from '../../src/pipeline/stage.ts';
import { LSI_DIMENSIONS } from '../../src/selection/embedding/lsi.ts';
import { momentShape } from '../../src/training/optimizers/optimizer.ts';
import type { CaseGraph } from './graph.ts';

const NUMBER_BYTES = 4;
const TOKEN_BYTES = 2;

const trained = z.object({ model: modelShapeSchema, projection: z.object({}).loose().optional() });
const sampled = z.object({ wantedTokens: z.number() });

export type StoreBytes = (stage: Stage) => number;

export function storeBytesOf(plan: ExperimentPlan, { tokens, bytesPerToken }: CaseGraph): StoreBytes {
  const allTokens = (stage: Stage): number => {
    const { train = 0, validation = 0, heldout = 0 } = tokens.get(fingerprint(stage)) ?? {};
    return train + validation + heldout;
  };
  const windows = (stage: Stage): number =>
    (tokens.get(fingerprint(stage.inputs.tokens))?.train ?? 0) / plan.context;
  const weights = memoized((network: WholeNetwork) => NUMBER_BYTES * parametersOf(plan, network));
  const checkpoint = memoized((network: WholeNetwork) => checkpointBytes(plan, network));
  const byKind: Readonly<Record<string, StoreBytes>> = {
    corpus: (stage) => bytesPerToken * allTokens(stage),
    tokens: (stage) => TOKEN_BYTES * allTokens(stage),
    'window-vectors': (stage) => NUMBER_BYTES * LSI_DIMENSIONS * windows(stage),
    clustering: (stage) => NUMBER_BYTES * windows(stage),
    'importance-sample': ({ parameters }) =>
      (NUMBER_BYTES * sampled.parse(parameters).wantedTokens) / plan.context,
    'pretrain-trunk': (stage) => checkpoint(networkOf(plan, stage)),
    pretrain: (stage) => weights(networkOf(plan, stage)),
    'fine-tune': (stage) => weights(networkOf(plan, stage)),
    // The one that was chosen.
    'choose-expert': () => weights('small'),
    'choose-tuning': (stage) => weights(networkOf(plan, stage.inputs.tuned)),
    project: () => weights('small'),
  };
  return (stage) => byKind[stage.kind]?.(stage) ?? 0;
}

function networkOf({ models }: ExperimentPlan, { parameters }: Stage): WholeNetwork {
  const { model, projection } = trained.parse(parameters);
  if (projection !== undefined) return 'projected';
  return model.width === models.large.width ? 'large' : 'small';
}

function parametersOf(plan: ExperimentPlan, network: WholeNetwork): number {
  const model: ModelName = network === 'large' ? 'large' : 'small';
  const size = modelSize(plan, model, plan.vocabulary);
  return network === 'projected'
    ? projectedParameterCount(size, projectionShape(plan))
    : parameterCount(size);
}

/** Weights and the optimizer's moments. */
export function checkpointBytes(plan: ExperimentPlan, network: WholeNetwork): number {
  const { weights, optimizerFor } = plannedStep(plan, network);
  return weights.trainable.reduce((sum, trainable) => {
    const optimizer = optimizerFor(trainable);
    const { shape } = trainable.tensor;
    const moments = optimizer.moments.map((moment) => sizeOf(momentShape(optimizer, moment, shape)));
    return sum + NUMBER_BYTES * [sizeOf(shape), ...moments].reduce((a, b) => a + b);
  }, 0);
}

function memoized<T>(of: (network: WholeNetwork) => T): (network: WholeNetwork) => T {
  const known = new Map<WholeNetwork, T>();
  return (network) => {
    const found = known.get(network) ?? of(network);
    known.set(network, found);
    return found;
  };
}
