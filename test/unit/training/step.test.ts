/** The training step: clipping, micro-batches and what is decayed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { subtract } from '../../../src/graph/build.ts';
import { denseParameterization } from '../../../src/models/parameterization.ts';
import { adamW } from '../../../src/training/optimizers/adamw.ts';
import { momentName, type Optimizer } from '../../../src/training/optimizers/optimizer.ts';
import { type TrainingStepSettings, trainingStep } from '../../../src/training/step.ts';
import { assertClose } from '../../support/compare.ts';
import { llamaReference as reference } from '../../support/llama-reference.ts';
import { evaluate } from '../../support/reference.ts';

const { size } = reference;
const weights = denseParameterization(size);

/** w' = w - g shows the gradient that reaches the optimizer. */
const descent: Optimizer = {
  moments: [],
  products: () => 0,
  update: (tensor, gradient) => ({ value: subtract(tensor, gradient), moments: [] }),
};

const adam = { learningRate: 0.01, beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1 };

// Four rows, so that they divide into 1, 2 and 4 micro-batches; the last two differ from the first.
const rows = [...reference.tokens, ...reference.targets];
const nextRows = [...reference.targets, ...reference.tokens];

const start = Object.fromEntries(
  Object.entries(reference.weights).flatMap(([name, { values }]) => [
    [name, values],
    ...['first', 'second'].map((moment) => [momentName(name, moment), values.map(() => 0)]),
  ]),
);

/** The metrics and what the step adds to each tensor. */
function stepOnce(settings: Partial<TrainingStepSettings>) {
  const batch = { rows: rows.length, length: size.context };
  const program = trainingStep({
    size,
    weights,
    batch,
    microBatches: 1,
    clipNorm: 1e9,
    optimizerFor: () => descent,
    ...settings,
  });
  const updates = Object.entries(program.updates);
  const values = evaluate(
    [program.metrics.loss, program.metrics.gradientNorm, ...updates.map(([, tensor]) => tensor)],
    {
      ...start,
      ids: rows.flat(),
      targets: nextRows.flat(),
      rate: [0.5],
      correction1: [1 / (1 - adam.beta1)],
      correction2: [1 / (1 - adam.beta2)],
    },
  );
  const changes = updates.map(([name], i): [string, Float64Array] => [
    name,
    values[i + 2].map((value, k) => value - start[name][k]),
  ]);
  return { loss: values[0][0], gradientNorm: values[1][0], changes: new Map(changes) };
}

const plain = stepOnce({});

test('the gradient norm is that of all gradients together', () => {
  const squares = [...plain.changes.values()].flatMap((change) => [...change].map((x) => x * x));
  assertClose([plain.gradientNorm], [Math.sqrt(squares.reduce((sum, x) => sum + x))], 1e-9, 'norm');
});

test('a gradient ten times too long is scaled to a tenth, everywhere', () => {
  const clipped = stepOnce({ clipNorm: plain.gradientNorm / 10 });
  assert.equal(clipped.gradientNorm, plain.gradientNorm);
  for (const [name, change] of plain.changes) {
    assertClose(
      clipped.changes.get(name) ?? [],
      change.map((x) => x / 10),
      1e-6,
      name,
    );
  }
});

test('a gradient that is short enough is left as it is', () => {
  const same = stepOnce({ clipNorm: plain.gradientNorm * 1.01 });
  assert.deepEqual(same.changes, plain.changes);
});

for (const microBatches of [2, 4]) {
  test(`${microBatches} micro-batches give the loss and the updates of one`, () => {
    const parts = stepOnce({ microBatches });
    assertClose([parts.loss], [plain.loss], 1e-7, 'loss');
    for (const [name, change] of plain.changes) {
      assertClose(parts.changes.get(name) ?? [], change, 1e-7, name);
    }
  });
}

test('weight decay pulls the matrices and the embedding to zero, and leaves the norms', () => {
  const [decayed, free] = [adam, { ...adam, weightDecay: 0 }].map((settings) =>
    stepOnce({ optimizerFor: () => adamW(settings) }),
  );
  for (const { name, role } of weights.trainable) {
    const pull = role === 'norm' ? 0 : 0.5 * adam.learningRate * adam.weightDecay;
    const expected = (free.changes.get(name) ?? new Float64Array()).map((x, i) => x - pull * start[name][i]);
    assertClose(decayed.changes.get(name) ?? [], expected, 1e-8, name);
  }
});
