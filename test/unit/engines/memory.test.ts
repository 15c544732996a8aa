import assert from 'node:assert/strict';
import { test } from 'node:test';
import { peakActivationBytes } from '../../../src/engines/memory.ts';
import { add, exponential, input, matmul, multiply, reshape } from '../../../src/graph/build.ts';

const x = input('x', [8, 8], 'batch');
const TENSOR = 8 * 8 * 4;

test('a chain of products holds two values at a time, whatever its length; results are not counted', () => {
  let chain = matmul(x, x);
  for (let i = 0; i < 10; i++) chain = matmul(chain, chain);
  assert.equal(peakActivationBytes([matmul(chain, chain)]), 2 * TENSOR);
});

test('an element-wise operation takes over an input that dies with it, and a reshape takes nothing', () => {
  const product = matmul(x, x);
  const chain = reshape(exponential(reshape(exponential(product), [64])), [8, 8]);
  assert.equal(peakActivationBytes([matmul(chain, x)]), TENSOR);
});

test('a value that is still needed is not overwritten', () => {
  const product = matmul(x, x);
  const other = exponential(product);
  const sum = add(multiply(other, x), product);
  assert.equal(peakActivationBytes([matmul(sum, x)]), 2 * TENSOR);
});
