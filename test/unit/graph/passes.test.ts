/** Passes keep what a graph computes and leave less of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  add,
  constant,
  input,
  multiply,
  negate,
  reduceSum,
  rmsNorm,
  silu,
} from '../../../src/graph/build.ts';
import { differentiate } from '../../../src/graph/differentiate.ts';
import { expansions } from '../../../src/graph/expansions.ts';
import { optimize, topologicalOrder } from '../../../src/graph/passes.ts';
import type { Tensor } from '../../../src/graph/tensor.ts';
import { everyOperation } from '../../support/cases.ts';
import { assertClose } from '../../support/compare.ts';
import { evaluate } from '../../support/reference.ts';

const operationsOf = (...outputs: readonly Tensor[]): string[] =>
  topologicalOrder(outputs).map(({ operation }) => operation);

test('equal subexpressions become one node, also when they were built apart', () => {
  const build = () => multiply(input('x', [2], 'batch'), input('y', [2], 'batch'));
  const [sum] = optimize([add(build(), build())]);
  assert.deepEqual(operationsOf(sum), ['input', 'input', 'multiply', 'add']);
});

test('constants are one node when their values and shapes are equal, and only then', () => {
  const x = input('x', [2], 'batch');
  const of = (...values: number[]) => add(x, constant(Float32Array.from(values), [2]));
  const [a, same, other] = optimize([of(1, 2), of(1, 2), of(1, 3)]);
  assert.equal(a, same);
  assert.notEqual(a, other);
});

test('nodes of other attributes stay apart', () => {
  const x = input('x', [2, 2], 'batch');
  const [rows, columns] = optimize([reduceSum(x, [0]), reduceSum(x, [1])]);
  assert.notEqual(rows, columns);
});

test('what no output needs is gone', () => {
  const x = input('x', [], 'batch');
  const unused = negate(x);
  const [output] = optimize([add(x, 1)]);
  assert.ok(!topologicalOrder([output]).includes(unused));
  assert.deepEqual(operationsOf(output).sort(), ['add', 'constant', 'input']);
});

test('composite operations are expanded unless the engine has them', () => {
  const output = rmsNorm(silu(input('x', [2, 3], 'batch')), input('w', [3], 'batch'), 1e-5);
  const composite = (tensor: Tensor) => expansions[tensor.operation] !== undefined;
  assert.equal(topologicalOrder(optimize([output])).filter(composite).length, 0);
  const kept = topologicalOrder(optimize([output], new Set(['silu'] as const))).filter(composite);
  assert.deepEqual(
    kept.map(({ operation }) => operation),
    ['silu'],
  );
});

for (const [name, cases] of everyOperation) {
  test(`values and gradients of ${name} stay what they were`, () => {
    fc.assert(
      fc.property(cases, ({ output, differentiable, values }) => {
        const outputs = [output, ...differentiate(reduceSum(multiply(output, output)), differentiable)];
        const optimized = optimize(outputs);
        const [before, after] = [evaluate(outputs, values), evaluate(optimized, values)];
        for (const [i, tensor] of outputs.entries()) {
          assert.deepEqual(optimized[i].shape, tensor.shape);
          assertClose(after[i], before[i], 1e-6, `output ${i}`);
        }
      }),
      { numRuns: 20 },
    );
  });
}

test('a chain of 100,000 nodes is ordered, differentiated and optimized without overflowing the stack', () => {
  const x = input('x', [], 'state');
  let chain: Tensor = x;
  for (let i = 0; i < 100_000; i++) chain = negate(chain);
  assert.equal(topologicalOrder([chain]).length, 100_001);
  const [gradient] = differentiate(chain, [x]);
  const [optimized] = optimize([gradient]);
  assert.equal(topologicalOrder([optimized]).at(-1), optimized);
});
