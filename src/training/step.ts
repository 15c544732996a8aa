/**
 * The training step as one program: forward, backward, clipping and optimizer. A batch of several micro-batches
 * is unrolled in the same graph, so that the activations of one are freed before the next begins.
 */

import type { ModelSize } from '../common/model-size.ts';
import type { Program } from '../engines/engine.ts';
import {
  add,
  divide,
  input,
  minimum,
  multiply,
  reduceSum,
  scalar,
  slice,
  squareRoot,
  step,
  sumOverDevices,
} from '../graph/build.ts';
import { differentiate } from '../graph/differentiate.ts';
import type { Tensor } from '../graph/tensor.ts';
import type { Parameterization, TrainableTensor } from '../models/parameterization.ts';
import type { WeightRole } from '../models/size.ts';
import { type BatchShape, type TokenBatch, tokenLosses } from '../models/transformer.ts';
import { momentName, momentShape, type Optimizer, type StepScalars } from './optimizers/optimizer.ts';

/** One part of a batch, computed by itself. */
export interface MicroBatch extends TokenBatch {
  readonly size: ModelSize;
  readonly weights: Parameterization;
}

/** What is minimized: the loss of each token of a micro-batch, [rows * length]. */
export type Objective = (part: MicroBatch) => Tensor;

export interface TrainingStepSettings {
  readonly size: ModelSize;
  readonly weights: Parameterization;
  /** The next-token loss unless said otherwise. */
  readonly losses?: Objective;
  readonly batch: BatchShape;
  readonly microBatches: number;
  /** Among how many devices the micro-batches are shared; they divide them. 1 unless said otherwise. */
  readonly devices?: number;
  /** Gradients are scaled down to this norm. */
  readonly clipNorm: number;
  optimizerFor(tensor: TrainableTensor): Optimizer;
}

/**
 * Batch inputs: `ids`, `targets` int32[rows * length] and the scalars of the step, the same for each device. Metrics: `loss`
 * in nats a token (the objective's mean), `gradientNorm`.
 */
export function trainingStep(settings: TrainingStepSettings): Program {
  const [first, ...others] = Array.from({ length: settings.devices ?? 1 }, (_, device) =>
    onDevice(settings, device),
  );
  return others.length === 0 ? first : { ...first, others };
}

function onDevice(settings: TrainingStepSettings, device: number): Program {
  const { weights, clipNorm, optimizerFor } = settings;
  const { loss, gradients } = lossAndGradients(settings, device);
  const gradientNorm = globalNorm(gradients);
  // So no update begins before all that reads the weights has ended: they may be overwritten.
  const done = multiply(loss, 0);
  const clip = add(minimum(1, divide(clipNorm, add(gradientNorm, 1e-6))), done);
  const scalars: StepScalars = {
    rate: input('rate', [], 'batch'),
    correction1: input('correction1', [], 'batch'),
    correction2: input('correction2', [], 'batch'),
  };
  const updates: Record<string, Tensor> = {};
  weights.trainable.forEach((trainable, i) => {
    const { name, role, tensor } = trainable;
    const optimizer = optimizerFor(trainable);
    const moments = optimizer.moments.map((moment) =>
      input(momentName(name, moment), momentShape(optimizer, moment, tensor.shape), 'state'),
    );
    const clipped = multiply(clip, gradients[i]);
    const updated = optimizer.update(tensor, clipped, { moments, scalars, decay: isDecayed(role) });
    updates[name] = updated.value;
    optimizer.moments.forEach((moment, j) => {
      updates[momentName(name, moment)] = updated.moments[j];
    });
  });
  return { name: 'training step', updates, metrics: { loss, gradientNorm }, overwrites: true };
}

/** Decay pulls to zero what is a matrix: not norms, nor the coefficients that scale matrices. */
const isDecayed = (role: WeightRole): boolean => role !== 'norm' && role !== 'coefficients';

const nextTokenLosses: Objective = ({ size, weights, ids, targets, batch }) =>
  tokenLosses(size, weights, { ids, targets, batch });

interface LossAndGradients {
  readonly loss: Tensor;
  readonly gradients: readonly Tensor[];
}

/** The mean loss over all tokens of all micro-batches, and its gradients. */
function lossAndGradients(settings: TrainingStepSettings, device: number): LossAndGradients {
  const own = ofOwnMicroBatches(settings, device);
  if ((settings.devices ?? 1) === 1) return own;
  return { loss: sumOverDevices(own.loss), gradients: own.gradients.map(sumOverDevices) };
}

/**
 * What a device's micro-batches add to both. A micro-batch begins when the gradients of those before it are there, so that
 * only one has its activations in memory.
 */
function ofOwnMicroBatches(settings: TrainingStepSettings, device: number): LossAndGradients {
  const { size, weights, batch, microBatches, devices = 1, losses = nextTokenLosses } = settings;
  const count = batch.rows * batch.length;
  const ids = input('ids', [count], 'batch', 'int32');
  const targets = input('targets', [count], 'batch', 'int32');
  const part = { rows: batch.rows / microBatches, length: batch.length };
  const partCount = count / microBatches;
  const trained = weights.trainable.map(({ tensor }) => tensor);
  let loss = scalar(0);
  let gradients: readonly Tensor[] | undefined;
  const share = microBatches / devices;
  for (let i = device * share; i < (device + 1) * share; i++) {
    const range = (tensor: Tensor) => slice(tensor, 0, i * partCount, (i + 1) * partCount);
    const partLosses = losses({
      size,
      weights: weights.part?.(i, microBatches) ?? weights,
      ids: range(ids),
      targets: range(targets),
      batch: gradients === undefined ? part : { ...part, after: zeroAfter([loss, ...gradients]) },
    });
    const partLoss = multiply(reduceSum(partLosses), 1 / count);
    const before = gradients;
    const own = differentiate(partLoss, trained);
    gradients = before === undefined ? own : own.map((gradient, j) => add(before[j], gradient));
    loss = add(loss, partLoss);
  }
  return { loss, gradients: gradients ?? [] };
}

/** A zero that is there when all of these are; no gradient goes back through it. */
function zeroAfter(tensors: readonly Tensor[]): Tensor {
  const one = (tensor: Tensor) => (tensor.shape.length === 0 ? tensor : reduceSum(slice(tensor, 0, 0, 1)));
  return multiply(step(tensors.map(one).reduceRight((sum, each) => add(sum, each))), 0);
}

/**
 * Summed from the last layer to the first: in this order the backward pass comes by, so that each gradient is made as soon
 * as it can be, and what it is made from is given back.
 */
function globalNorm(gradients: readonly Tensor[]): Tensor {
  const squares = gradients.map((gradient) => reduceSum(multiply(gradient, gradient)));
  return squareRoot(squares.reduceRight((sum, square) => add(sum, square)));
}
