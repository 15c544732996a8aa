/** AdamW: Adam with decoupled weight decay (Kingma and Ba 2015; Loshchilov and Hutter 2019). */
import { add, divide, multiply, squareRoot, subtract } from '../../graph/build.ts';
import type { Optimizer } from './optimizer.ts';

export interface AdamWSettings {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
}

/**
 * m' = b1 m + (1 - b1) g, v' = b2 v + (1 - b2) g^2,
 * w' = w - rate lr (c1 m' / (sqrt(c2 v') + eps) + decay w), with the bias corrections c1, c2.
 */
export function adamW({ learningRate, beta1, beta2, epsilon, weightDecay }: AdamWSettings): Optimizer {
  return {
    moments: ['first', 'second'],
    products: () => 0,
    update(tensor, gradient, { moments: [first, second], scalars, decay }) {
      const { rate, correction1, correction2 } = scalars;
      const m = add(multiply(first, beta1), multiply(gradient, 1 - beta1));
      const v = add(multiply(second, beta2), multiply(multiply(gradient, gradient), 1 - beta2));
      // sqrt(c2 v) + eps, with the constant factors moved to the scalars: fewer passes over the tensor.
      const rootCorrection = squareRoot(correction2);
      const denominator = add(squareRoot(v), divide(epsilon, rootCorrection));
      const size = multiply(multiply(rate, learningRate), divide(correction1, rootCorrection));
      const moved = multiply(divide(m, denominator), size);
      const kept = decay ? multiply(tensor, subtract(1, multiply(rate, learningRate * weightDecay))) : tensor;
      return { value: subtract(kept, moved), moments: [m, v] };
    },
  };
}
