/** Distillation against its definition in float64, finite differences and TensorFlow.js. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ModelSize } from '../../../src/common/model-size.ts';
import type { HostTensor } from '../../../src/engines/engine.ts';
import { input, matmul, mean } from '../../../src/graph/build.ts';
import { differentiate } from '../../../src/graph/differentiate.ts';
import { optimize, topologicalOrder } from '../../../src/graph/passes.ts';
import { sizeOf, type Tensor } from '../../../src/graph/tensor.ts';
import {
  denseParameterization,
  frozenParameterization,
  initialWeights,
} from '../../../src/models/parameterization.ts';
import { EMBEDDING, layerWeight } from '../../../src/models/size.ts';
import { hiddenStates, tokenLosses } from '../../../src/models/transformer.ts';
import {
  type DistillationSettings,
  distillation,
  distillationFlopsPerToken,
  teacherState,
} from '../../../src/training/distillation.ts';
import { trainingStep } from '../../../src/training/step.ts';
import { assertClose } from '../../support/compare.ts';
import { finiteDifferences } from '../../support/finite-differences.ts';
import { evaluate, type Values } from '../../support/reference.ts';
import { tensorFlowGradients } from '../../support/tensorflow.ts';

const size: ModelSize = { layers: 1, width: 8, heads: 2, feedForward: 12, context: 4, vocabulary: 10 };
const teacher: ModelSize = { ...size, layers: 2, width: 12, feedForward: 20 };
const batch = { rows: 2, length: size.context };
const count = batch.rows * batch.length;
const ids = input('ids', [count], 'batch', 'int32');
const targets = input('targets', [count], 'batch', 'int32');
const weights = denseParameterization(size);
const parameters = weights.trainable.map(({ tensor }) => tensor);

/** Weights large enough that the two models disagree. */
const scaled = (own: ModelSize, seed: number) =>
  Object.fromEntries(
    Object.entries(initialWeights(own, seed)).map(([name, { shape, data }]) => [
      name,
      { shape, data: name === EMBEDDING ? data.map((x) => 40 * x) : data },
    ]),
  );
const student = scaled(size, 1);
const state = { ...student, ...teacherState(scaled(teacher, 2)) };
const values: Values = {
  ...Object.fromEntries(Object.entries(state).map(([name, { data }]) => [name, data])),
  ids: Array.from({ length: count }, (_, i) => (3 * i * i + i) % size.vocabulary),
  targets: Array.from({ length: count }, (_, i) => (7 * i + 2) % size.vocabulary),
};

const lossesAt = (settings: DistillationSettings, from = teacher): Tensor =>
  distillation(size, from, settings)({ size, weights, ids, targets, batch });

function logitsOf(own: ModelSize, prefix: string): Tensor {
  const parameterization = frozenParameterization(own, prefix);
  const hidden = hiddenStates(own, parameterization, ids, batch);
  return matmul(hidden, parameterization.weight(EMBEDDING), { transposeB: true });
}

/** Logits of the student or the teacher, as numbers. */
function logits(own: ModelSize, prefix: string): Float64Array[] {
  const [flat] = evaluate([logitsOf(own, prefix)], values);
  return Array.from({ length: count }, (_, i) => flat.subarray(i * own.vocabulary, (i + 1) * own.vocabulary));
}

/** log softmax, straight from its definition. */
function logSoftmax(z: Float64Array): Float64Array {
  const sum = z.reduce((total, x) => total + Math.exp(x), 0);
  return z.map((x) => x - Math.log(sum));
}

for (const settings of [
  { weight: 0.3, temperature: 1 },
  { weight: 0.7, temperature: 2.5 },
  { weight: 1, temperature: 0.5 },
]) {
  const { weight, temperature } = settings;
  const name = `weight ${weight}, temperature ${temperature}`;

  test(`the loss of a token is the mixture of its definition: ${name}`, () => {
    const [own, other] = [logits(size, ''), logits(teacher, 'teacher.')];
    const expected = own.map((z, i) => {
      const hard = -logSoftmax(z)[values.targets[i]];
      const p = logSoftmax(other[i].map((x) => x / temperature)).map(Math.exp);
      const q = logSoftmax(z.map((x) => x / temperature));
      const soft = -p.reduce((sum, x, v) => sum + x * q[v], 0);
      return (1 - weight) * hard + weight * temperature ** 2 * soft;
    });
    assertClose(evaluate([lossesAt(settings)], values)[0], expected, 1e-6, 'losses');
  });

  test(`the gradients are those of TensorFlow.js, and of finite differences: ${name}`, async () => {
    const loss = mean(lossesAt(settings));
    const gradients = evaluate(differentiate(loss, parameters), values);
    const expected = await tensorFlowGradients(loss, parameters, values);
    for (const [i, own] of gradients.entries()) {
      assertClose(own, expected[i], 1e-5, weights.trainable[i].name);
    }
    // The mixed loss holds the two others; an evaluation for each weight of each tensor takes seconds.
    const isMixed = settings.weight > 0.5 && settings.weight < 1;
    for (const checked of isMixed ? [EMBEDDING, layerWeight(0, 'mlp.down_proj')] : []) {
      const at = Float64Array.from(values[checked]);
      const differences = finiteDifferences(
        (point) => evaluate([loss], { ...values, [checked]: point })[0][0],
        at,
      );
      const own = gradients[weights.trainable.findIndex((tensor) => tensor.name === checked)];
      assertClose(own, differences, 1e-7, checked);
    }
  });
}

test('with weight 0 it is the next-token loss', () => {
  const [own] = evaluate([lossesAt({ weight: 0, temperature: 2 })], values);
  const [expected] = evaluate([tokenLosses(size, weights, { ids, targets, batch })], values);
  assert.deepEqual(own, expected);
});

test('a student that is its teacher already is not moved', () => {
  const same = { ...values };
  for (const [name, { data }] of Object.entries(teacherState(student))) same[name] = data;
  for (const temperature of [1, 3]) {
    const loss = mean(lossesAt({ weight: 1, temperature }, size));
    for (const [i, gradient] of evaluate(differentiate(loss, parameters), same).entries()) {
      assertClose(gradient, new Float64Array(gradient.length), 1e-7, weights.trainable[i].name);
    }
  }
});

test('the loss stays finite where exponentials of logits would overflow', () => {
  const large = { ...values, [EMBEDDING]: Array.from(values[EMBEDDING], (x) => 300 * x) };
  const [losses] = evaluate([lossesAt({ weight: 1, temperature: 0.25 })], large);
  assert.ok(losses.every(Number.isFinite), `${losses}`);
});

test('the teacher is neither trained nor updated, in as many micro-batches as there are rows', () => {
  const program = (microBatches: number) =>
    trainingStep({
      size,
      weights,
      losses: distillation(size, teacher, { weight: 0.5, temperature: 2 }),
      batch,
      microBatches,
      clipNorm: 1e9,
      optimizerFor: () => ({
        moments: [],
        products: () => 0,
        update: (_, gradient) => ({ value: gradient, moments: [] }),
      }),
    });
  const scalars = { rate: [1], correction1: [1], correction2: [1] };
  const [whole, parts] = [1, 2].map((microBatches) => {
    const { updates, metrics } = program(microBatches);
    assert.deepEqual(Object.keys(updates).sort(), Object.keys(student).sort());
    return evaluate([metrics.loss, ...Object.values(updates)], { ...values, ...scalars });
  });
  for (const [i, value] of parts.entries()) assertClose(value, whole[i], 1e-9, `value ${i}`);
});

/** The weights of a model whose embedding has more rows than its tokenizer has tokens. */
function padded(own: Readonly<Record<string, HostTensor>>, width: number, rows: number) {
  const { data } = own[EMBEDDING];
  const more = Array.from({ length: rows * width - data.length }, (_, i) => Math.sin(i));
  return { ...own, [EMBEDDING]: { shape: [rows, width], data: Float32Array.from([...data, ...more]) } };
}

const numbers = (own: Readonly<Record<string, HostTensor>>): Values =>
  Object.fromEntries(Object.entries(own).map(([name, { data }]) => [name, data]));

for (const settings of [
  { weight: 0.3, temperature: 1 },
  { weight: 0.7, temperature: 2.5 },
]) {
  test(`rows that only one of the two embeddings has are no tokens: ${JSON.stringify(settings)}`, () => {
    const wideTeacher = { ...teacher, vocabulary: 13 };
    const teacherWeights = padded(scaled(teacher, 2), teacher.width, wideTeacher.vocabulary);
    const [plain] = evaluate([lossesAt(settings)], values);
    const [same] = evaluate([lossesAt(settings, wideTeacher)], {
      ...values,
      ...numbers(teacherState(teacherWeights)),
    });
    assertClose(same, plain, 1e-9, 'padded teacher');

    const wide = { ...size, vocabulary: 12 };
    const own = denseParameterization(wide);
    const all = { ...values, ...numbers(padded(student, size.width, wide.vocabulary)) };
    const losses = distillation(wide, teacher, settings)({ size: wide, weights: own, ids, targets, batch });
    const [found, flat, flatTeacher] = evaluate(
      [losses, logitsOf(wide, ''), logitsOf(teacher, 'teacher.')],
      all,
    );
    const { weight, temperature } = settings;
    for (let i = 0; i < count; i++) {
      const z = flat.subarray(i * wide.vocabulary, (i + 1) * wide.vocabulary);
      const t = flatTeacher.subarray(i * teacher.vocabulary, (i + 1) * teacher.vocabulary);
      const hard = -logSoftmax(z)[Number(all.targets[i])];
      const p = logSoftmax(t.map((x) => x / temperature)).map(Math.exp);
      const q = logSoftmax(z.map((x) => x / temperature));
      const soft = -p.reduce((sum, one, v) => sum + one * q[v], 0);
      assertClose([found[i]], [(1 - weight) * hard + weight * temperature ** 2 * soft], 1e-6, `token ${i}`);
    }
  });
}

test('settings that mean nothing are refused', () => {
  for (const settings of [
    { weight: -0.1, temperature: 1 },
    { weight: 1.1, temperature: 1 },
    { weight: 0.5, temperature: 0 },
  ]) {
    assert.throws(() => distillation(size, teacher, settings), RangeError);
  }
});

for (const temperature of [1, 2]) {
  test(`its operations are those of the products in the graph, at temperature ${temperature}`, () => {
    const settings = { weight: 0.5, temperature };
    const loss = mean(lossesAt(settings));
    const nodes = topologicalOrder(optimize([loss, ...differentiate(loss, parameters)]));
    const counted = nodes.reduce((sum, { operation, shape, inputs: [a], ...node }) => {
      if (operation !== 'matmul' || shape.length !== 2) return sum;
      return (
        sum +
        2 * sizeOf(shape) * a.shape['transposeA' in node.attributes && node.attributes.transposeA ? 0 : 1]
      );
    }, 0);
    // Without attention, whose products have four axes: 2 operations for each position seen and each of its widths.
    const seen = 4 * ((size.context + 1) / 2);
    const attention = 3 * size.layers * size.width * seen + teacher.layers * teacher.width * seen;
    assert.equal(counted / count, distillationFlopsPerToken(size, teacher, settings) - attention);
  });
}
