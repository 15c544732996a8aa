/** Values that share memory, or may be written over: programs that would differ if one were written over too early. */
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import type { PyTorchEngine } from '../../../src/engines/pytorch/engine.ts';
import {
  add,
  broadcast,
  exponential,
  input,
  matmul,
  multiply,
  negate,
  reshape,
  slice,
  subtract,
  sumOverDevices,
  transpose,
} from '../../../src/graph/build.ts';
import type { Tensor } from '../../../src/graph/tensor.ts';
import { assertCaseAgrees } from '../../support/engine-cases.ts';
import { startTorch, withoutTorch } from '../../support/pytorch.ts';

const x = input('x', [3, 3], 'batch');
const e = exponential(x);
const products = input('p', [16, 4, 8], 'batch');

const programs: Readonly<Record<string, { readonly output: Tensor; readonly runs?: number }>> = {
  'a row that is repeated is not written over': {
    output: negate(broadcast(slice(e, 0, 0, 1), [3, 3])),
  },
  'a value outlives what was computed from its sum over one device': {
    output: add(negate(sumOverDevices(e)), e),
  },
  'a matrix and its transposition in one sum': { output: subtract(e, transpose(e, [1, 0])) },
  'a matrix added to a product of itself': { output: add(matmul(e, e), e) },
  'a slice of what is negated later': {
    output: add(broadcast(slice(e, 0, 1, 2), [3, 3]), negate(reshape(e, [3, 3]))),
  },
  'a scaled difference of views': { output: subtract(transpose(e, [1, 0]), multiply(multiply(e, e), 0.5)) },
  // PyTorch before 2.1 multiplies what it has not written in small products with a scale: at random.
  'small scaled products in batches': {
    output: matmul(products, products, { transposeB: true, scale: 0.5 }),
    runs: 60,
  },
};

describe('memory with PyTorch', { skip: withoutTorch }, () => {
  let engine: PyTorchEngine;
  before(async () => {
    engine = await startTorch();
  });
  after(async () => engine?.dispose());

  for (const [name, { output, runs = 1 }] of Object.entries(programs)) {
    test(name, async () => {
      const values = {
        x: Float64Array.from({ length: 9 }, (_, i) => Math.sin(i)),
        p: Float64Array.from({ length: 512 }, (_, i) => Math.cos(i)),
      };
      await assertCaseAgrees(engine, fc.constant({ output, differentiable: [], values }), runs);
    });
  }
});
