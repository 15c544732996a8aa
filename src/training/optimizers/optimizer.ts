/**
 * What an optimizer is: graph nodes for the new values of a tensor and of its own state. The learning rate and
 * the step count come in as scalars with each step, so that a schedule never recompiles the graph.
 */
import { type Flops, flops } from '../../common/units.ts';
import type { HostTensor } from '../../engines/engine.ts';
import { type Shape, sizeOf, type Tensor } from '../../graph/tensor.ts';
import type { TrainableTensor } from '../../models/parameterization.ts';

/** Scalars of the current step, float32[]. */
export interface StepScalars {
  /** The schedule's factor on the base learning rate, from 0 to 1. */
  readonly rate: Tensor;
  /** 1 / (1 - beta1^t) and 1 / (1 - beta2^t) of Adam at step t. */
  readonly correction1: Tensor;
  readonly correction2: Tensor;
}

export interface OptimizerStep {
  readonly moments: readonly Tensor[];
  readonly scalars: StepScalars;
  /** False for vectors (norms). */
  readonly decay: boolean;
}

export interface Optimizer {
  /** Names of its state for one tensor (of the tensor's shape unless `momentShape` says otherwise, starting at zero). */
  readonly moments: readonly string[];
  momentShape?(moment: string, shape: Shape): Shape;
  /** Floating-point operations of the matrix products in one step of a tensor of this shape; element-wise work is not counted. */
  products(shape: Shape): number;
  /** The tensor and its moments after one step. */
  update(
    tensor: Tensor,
    gradient: Tensor,
    step: OptimizerStep,
  ): { readonly value: Tensor; readonly moments: readonly Tensor[] };
}

/** The name under which the state keeps a moment of a tensor. */
export const momentName = (tensor: string, moment: string): string => `${tensor}#${moment}`;

export const momentShape = (optimizer: Optimizer, moment: string, shape: Shape): Shape =>
  optimizer.momentShape?.(moment, shape) ?? shape;

/** Floating-point operations of the matrix products in one update of all trained tensors. */
export function updateFlops(
  trainable: readonly TrainableTensor[],
  optimizerFor: (tensor: TrainableTensor) => Optimizer,
): Flops {
  return flops(trainable.reduce((sum, one) => sum + optimizerFor(one).products(one.tensor.shape), 0));
}

/** The moments of all trained tensors before the first step, by the names in the state. */
export function zeroMoments(
  trainable: readonly TrainableTensor[],
  optimizerFor: (tensor: TrainableTensor) => Optimizer,
): Record<string, HostTensor> {
  const entries = trainable.flatMap((own) =>
    optimizerFor(own).moments.map((moment): [string, HostTensor] => {
      const shape = momentShape(optimizerFor(own), moment, own.tensor.shape);
      return [momentName(own.name, moment), { shape, data: new Float32Array(sizeOf(shape)) }];
    }),
  );
  return Object.fromEntries(entries);
}
