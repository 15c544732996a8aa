/**
 * Every operation's gradient against two oracles that know nothing of our rules: finite differences of the
 * operation's own value in float64, and the automatic differentiation of TensorFlow.js.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { GraphError } from '../../../src/common/errors.ts';
import {
  add,
  causalAttention,
  constant,
  input,
  multiply,
  reduceMax,
  reduceSum,
} from '../../../src/graph/build.ts';
import { differentiate } from '../../../src/graph/differentiate.ts';
import { sizeOf, type Tensor } from '../../../src/graph/tensor.ts';
import { type Case, everyOperation } from '../../support/cases.ts';
import { assertClose } from '../../support/compare.ts';
import { finiteDifferences } from '../../support/finite-differences.ts';
import { evaluate } from '../../support/reference.ts';
import { tensorFlowGradients } from '../../support/tensorflow.ts';

/** A scalar in which every element of the output has another weight. */
function weightedSum(output: Tensor): Tensor {
  const weights = Float32Array.from({ length: sizeOf(output.shape) }, (_, i) => 1 + ((i * 5) % 7) / 8);
  return reduceSum(multiply(output, constant(weights, output.shape)));
}

function nameOf(tensor: Tensor): string {
  assert.equal(tensor.operation, 'input');
  return tensor.operation === 'input' ? tensor.attributes.name : '';
}

function numericGradient(loss: Tensor, { values }: Case, name: string): Float64Array {
  return finiteDifferences((point) => evaluate([loss], { ...values, [name]: point })[0][0], values[name]);
}

for (const [name, cases] of everyOperation.filter(([name]) => name !== 'causalAttentionGradient')) {
  test(`the gradient of ${name} is that of finite differences in float64`, () => {
    fc.assert(
      fc.property(cases, (example) => {
        const loss = weightedSum(example.output);
        const gradients = evaluate(differentiate(loss, example.differentiable), example.values);
        for (const [i, parameter] of example.differentiable.entries()) {
          const expected = numericGradient(loss, example, nameOf(parameter));
          assertClose(gradients[i], expected, 1e-6, `input ${nameOf(parameter)}`);
        }
      }),
      { numRuns: 25 },
    );
  });

  test(`the gradient of ${name} is that of TensorFlow.js`, async () => {
    await fc.assert(
      fc.asyncProperty(cases, async (example) => {
        const loss = weightedSum(example.output);
        const gradients = evaluate(differentiate(loss, example.differentiable), example.values);
        const expected = await tensorFlowGradients(loss, example.differentiable, example.values);
        for (const [i, parameter] of example.differentiable.entries()) {
          assertClose(gradients[i], expected[i], 1e-4, `input ${nameOf(parameter)}`);
        }
      }),
      { numRuns: 10 },
    );
  });
}

test('attention is differentiated once only', () => {
  const x = input('x', [1, 1, 2, 2], 'state');
  const [gradient] = differentiate(reduceSum(causalAttention(x, x, x, { scale: 1, blocks: 1 })), [x]);
  assert.throws(
    () => differentiate(reduceSum(gradient), [x]),
    (error) => error instanceof GraphError && /once only/.test(error.hint),
  );
});

test('gradients of all uses of a tensor are added', () => {
  const x = input('x', [2], 'state');
  const loss = reduceSum(add(multiply(x, x), multiply(x, 3)));
  const [gradient] = evaluate(differentiate(loss, [x]), { x: [1, -2] });
  assert.deepEqual([...gradient], [5, -1]);
});

test('ties of a maximum share its gradient', () => {
  const x = input('x', [3], 'state');
  const [gradient] = evaluate(differentiate(reduceMax(x), [x]), { x: [1, 1, 0] });
  assert.deepEqual([...gradient], [0.5, 0.5, 0]);
});

test('a parameter that the loss does not depend on has a gradient of zeros', () => {
  const [x, unused] = [input('x', [], 'state'), input('unused', [2, 2], 'state')];
  const [gradient] = evaluate(differentiate(multiply(x, x), [unused]), { x: [3], unused: [1, 1, 1, 1] });
  assert.deepEqual([...gradient], [0, 0, 0, 0]);
});

test('only a scalar can be differentiated', () => {
  const x = input('x', [2], 'state');
  assert.throws(
    () => differentiate(x, [x]),
    (error) => error instanceof GraphError && /Only a scalar.*\[2\]/.test(error.message),
  );
});
