/** The two models that are measured: large enough to be of use, small enough to train without a GPU. */
import type { ModelSize } from '../../src/common/model-size.ts';

export interface BenchSize {
  readonly name: 'A' | 'B';
  readonly size: ModelSize;
  /** Rows of a full context in each batch. */
  readonly rows: number;
  /** Tokens a second over PyTorch's that Parlance wants to reach. */
  readonly target: number;
}

export const SIZE_A: BenchSize = {
  name: 'A',
  size: { layers: 6, width: 256, heads: 4, feedForward: 704, context: 256, vocabulary: 4096 },
  rows: 16,
  target: 1.8,
};

export const SIZE_B: BenchSize = {
  name: 'B',
  size: { layers: 4, width: 128, heads: 4, feedForward: 352, context: 128, vocabulary: 2048 },
  rows: 16,
  target: 3,
};

export const SIZES: readonly BenchSize[] = [SIZE_A, SIZE_B];
