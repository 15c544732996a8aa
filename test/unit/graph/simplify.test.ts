/** What the simplification leaves of the graphs that differentiation and the model's code build. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  add,
  broadcast,
  constant,
  divide,
  filled,
  input,
  maximum,
  multiply,
  reduceMax,
  reduceSum,
  reshape,
  scalar,
  subtract,
  transpose,
} from '../../../src/graph/build.ts';
import { optimize, topologicalOrder } from '../../../src/graph/passes.ts';
import type { Tensor } from '../../../src/graph/tensor.ts';

const x = input('x', [2, 3], 'batch');
const row = input('row', [3], 'batch');

/** The operations of the optimized graph, without leaves. */
function left(output: Tensor): string[] {
  const [optimized] = optimize([output]);
  assert.deepEqual(optimized.shape, output.shape);
  return topologicalOrder([optimized])
    .filter(({ inputs }) => inputs.length > 0)
    .map(({ operation }) => operation);
}

const simplified: Readonly<Record<string, readonly [Tensor, readonly string[]]>> = {
  'a broadcast that the operation does by itself': [multiply(x, broadcast(row, [2, 3])), ['multiply']],
  'a broadcast on the left': [subtract(broadcast(row, [2, 3]), x), ['subtract']],
  'a broadcast of a constant': [maximum(x, filled([2, 3], 0.5)), ['maximum']],
  'one of two broadcasts, when the other gives the shape': [
    add(broadcast(row, [2, 3]), filled([2, 3], 0.5)),
    ['broadcast', 'add'],
  ],
  'both broadcasts, when what they repeat gives the shape': [
    add(broadcast(row, [2, 3]), broadcast(input('column', [2, 1], 'batch'), [2, 3])),
    ['add'],
  ],
  'a factor of one': [multiply(multiply(x, 1), scalar(1)), []],
  'a factor of one on the left': [multiply(1, x), []],
  'a division by one': [divide(x, filled([2, 3], 1)), []],
  'a sum with zero': [add(0, add(x, filled([2, 3], 0))), []],
  'a difference with zero': [subtract(x, 0), []],
  'a sum over no axes': [reduceSum(x, []), []],
  'a maximum over no axes': [reduceMax(x, [], true), []],
  'a broadcast to its own shape': [broadcast(x, [2, 3]), []],
  'a broadcast of a broadcast': [broadcast(broadcast(row, [2, 3]), [4, 2, 3]), ['broadcast']],
  'a reshape to its own shape': [reshape(x, [2, 3]), []],
  'a reshape of a reshape': [reshape(reshape(x, [6]), [3, 2]), ['reshape']],
  'a reshape back': [reshape(reshape(x, [6]), [2, 3]), []],
  'a reshape of a value repeated': [multiply(x, reshape(filled([6], 0.5), [2, 3])), ['multiply']],
  'a reshape of a constant': [reshape(constant(Float32Array.of(1, 2), [2]), [1, 2]), []],
  'a transposition and its inverse': [transpose(transpose(x, [1, 0]), [1, 0]), []],
  'a transposition of a transposition': [
    transpose(transpose(reshape(x, [1, 2, 3]), [1, 2, 0]), [1, 2, 0]),
    ['reshape', 'transpose'],
  ],
};

for (const [name, [output, expected]] of Object.entries(simplified)) {
  test(`drops ${name}`, () => assert.deepEqual(left(output), expected));
}

const kept: Readonly<Record<string, readonly [Tensor, readonly string[]]>> = {
  'a sum with zero that gives the shape': [add(row, filled([2, 3], 0)), ['broadcast', 'add']],
  'a factor of one that gives the shape': [
    multiply(row, constant(new Float32Array(6).fill(1), [2, 3])),
    ['multiply'],
  ],
  'one divided by a tensor': [divide(1, x), ['divide']],
  'zero less a tensor': [subtract(0, x), ['subtract']],
  'a transposition': [transpose(x, [1, 0]), ['transpose']],
};

for (const [name, [output, expected]] of Object.entries(kept)) {
  test(`keeps ${name}`, () => assert.deepEqual(left(output), expected));
}

test('the product of two constants is a constant', () => {
  const [output] = optimize([multiply(multiply(scalar(3), scalar(0.5)), x)]);
  const [factor] = output.inputs;
  assert.equal(factor.operation, 'constant');
  assert.deepEqual(factor.operation === 'constant' && [...factor.attributes.data], [1.5]);
});
