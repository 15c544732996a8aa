/** The transformer against PyTorch's, and the properties that its parts and its sizes promise. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { ModelSize } from '../../../src/common/model-size.ts';
import { Random } from '../../../src/common/random.ts';
import { OnnxRuntimeEngine } from '../../../src/engines/onnxruntime/engine.ts';
import { causalAttention, input, matmul, mean, multiply, reduceSum } from '../../../src/graph/build.ts';
import { differentiate } from '../../../src/graph/differentiate.ts';
import { sizeOf, type Tensor } from '../../../src/graph/tensor.ts';
import {
  denseParameterization,
  initialLowRankFactors,
  lowRankParameterization,
  type Parameterization,
} from '../../../src/models/parameterization.ts';
import { EMBEDDING } from '../../../src/models/size.ts';
import { hiddenStates, tokenLosses } from '../../../src/models/transformer.ts';
import { assertClose } from '../../support/compare.ts';
import { llamaReference as reference } from '../../support/llama-reference.ts';
import { evaluate } from '../../support/reference.ts';

const { size, batch } = reference;
const count = batch.rows * batch.length;
const ids = input('ids', [count], 'batch', 'int32');
const targets = input('targets', [count], 'batch', 'int32');
const tokens = { ids: reference.tokens.flat(), targets: reference.targets.flat() };
const referenceWeights = Object.fromEntries(
  Object.entries(reference.weights).map(([name, { values }]) => [name, values]),
);

const lossesOf = (weights: Parameterization): Tensor => tokenLosses(size, weights, { ids, targets, batch });
const dense = denseParameterization(size);
const loss = mean(lossesOf(dense));
const gradients = differentiate(
  loss,
  dense.trainable.map(({ tensor }) => tensor),
);

test('the weights are those of the reference, by name and shape', () => {
  const own = dense.trainable.map(({ name, tensor }) => [name, [...tensor.shape]]);
  const expected = Object.entries(reference.weights).map(([name, { shape }]) => [name, shape]);
  assert.deepEqual(own.sort(), expected.sort());
});

test('logits, loss and every gradient are those of PyTorch in float64', () => {
  const hidden = hiddenStates(size, dense, ids, batch);
  const logits = matmul(hidden, dense.weight(EMBEDDING), { transposeB: true });
  const values = evaluate([logits, loss, ...gradients], { ...referenceWeights, ...tokens });
  assertClose(values[0], reference.logits.values, 1e-6, 'logits');
  assertClose(values[1], [reference.loss], 1e-7, 'loss');
  for (const [i, { name }] of dense.trainable.entries()) {
    assertClose(values[i + 2], reference.gradients[name].values, 1e-6, `gradient of ${name}`);
  }
});

const engine = new OnnxRuntimeEngine({ threads: 2 });
after(() => engine.dispose());

test('loss and every gradient on ONNX Runtime are those of PyTorch within float32', async () => {
  const named = dense.trainable.map(({ name }, i) => [name, gradients[i]]);
  const metrics: Record<string, Tensor> = { ...Object.fromEntries(named), loss };
  const executable = await engine.compile({ name: 'gradients', updates: {}, metrics });
  const state = engine.createState(
    Object.fromEntries(
      Object.entries(reference.weights).map(([name, { shape, values }]) => [
        name,
        { shape, data: Float32Array.from(values) },
      ]),
    ),
  );
  const results = await executable.step(state, {
    ids: Int32Array.from(tokens.ids),
    targets: Int32Array.from(tokens.targets),
  });
  assertClose(results.loss, [reference.loss], 1e-6, 'loss');
  for (const { name } of dense.trainable) {
    assertClose(results[name], reference.gradients[name].values, 1e-5, `gradient of ${name}`);
  }
});

test('the loss of a token does not depend on the tokens after it', () => {
  const losses = lossesOf(dense);
  const at = 4;
  const changed = tokens.ids.with(at, (tokens.ids[at] + 1) % size.vocabulary);
  const [before] = evaluate([losses], { ...referenceWeights, ...tokens });
  const [later] = evaluate([losses], { ...referenceWeights, ...tokens, ids: changed });
  assert.deepEqual(later.subarray(0, at), before.subarray(0, at));
  assert.notEqual(later[at], before[at]);
  assert.deepEqual(later.subarray(size.context), before.subarray(size.context));
});

test('attention in several blocks of rows is attention in one, and so are its gradients', () => {
  const shape = [2, 2, 8, 3];
  const parts = ['q', 'k', 'v'].map((name) => input(name, shape, 'batch'));
  const random = Random.fromSeed(3, 'attention');
  const make = () => Float64Array.from({ length: sizeOf(shape) }, () => random.normal());
  const values = { q: make(), k: make(), v: make() };
  const [q, k, v] = parts;
  const computed = (blocks: number) => {
    const output = causalAttention(q, k, v, { scale: 0.5, blocks });
    return evaluate([output, ...differentiate(reduceSum(multiply(output, output)), parts)], values);
  };
  const whole = computed(1);
  for (const blocks of [2, 4, 8]) {
    for (const [i, value] of computed(blocks).entries()) {
      assertClose(value, whole[i], 1e-12, `${blocks} blocks, tensor ${i}`);
    }
  }
});

const settings = { rank: 3, alpha: 6 };
const lowRank = lowRankParameterization(size, settings);
const factors = Object.fromEntries(
  Object.entries(initialLowRankFactors(size, settings.rank, 5)).map(([name, { data }]) => [name, data]),
);

test('a low-rank model starts as the dense model: B is zero, A is not', () => {
  const given = { ...referenceWeights, ...factors, ...tokens };
  const [own] = evaluate([mean(lossesOf(lowRank))], given);
  const [expected] = evaluate([loss], given);
  assertClose(own, expected, 1e-12, 'loss');
  for (const [name, data] of Object.entries(factors)) {
    assert.equal(
      data.some((value) => value !== 0),
      name.endsWith('lora_A'),
      name,
    );
  }
});

test('rows that go through the factors beside a matrix come out as from the corrected matrix', () => {
  const random = Random.fromSeed(4, 'factors');
  const moved = Object.fromEntries(
    Object.entries(factors).map(([name, data]) => [name, Float64Array.from(data, () => random.normal())]),
  );
  const given = { ...referenceWeights, ...moved, ...tokens };
  const corrected = { trainable: [], weight: lowRank.weight };
  const [beside, merged] = evaluate([mean(lossesOf(lowRank)), mean(lossesOf(corrected))], given);
  const [plain] = evaluate([loss], given);
  assertClose(beside, merged, 1e-9, 'loss');
  assert.ok(Math.abs(beside[0] - plain[0]) > 0.1, 'the factors change nothing');
});

test('the gradient of B is (alpha / rank) dW A^T, that of A is zero while B is', () => {
  const given = { ...referenceWeights, ...factors, ...tokens };
  const own = evaluate(
    differentiate(
      mean(lossesOf(lowRank)),
      lowRank.trainable.map(({ tensor }) => tensor),
    ),
    given,
  );
  for (const [i, { name, tensor }] of lowRank.trainable.entries()) {
    if (name.endsWith('.lora_A')) {
      assert.ok(
        own[i].every((value) => value === 0),
        name,
      );
      continue;
    }
    const weight = name.slice(0, -'.lora_B'.length);
    const { shape, values } = reference.gradients[weight];
    const product = matmul(input('dW', shape, 'batch'), input('A', [settings.rank, shape[1]], 'batch'), {
      transposeB: true,
      scale: settings.alpha / settings.rank,
    });
    assert.deepEqual(product.shape, tensor.shape);
    const [expected] = evaluate([product], { dW: values, A: factors[`${weight}.lora_A`] });
    assertClose(own[i], expected, 1e-6, name);
  }
});

test('the embedding, the norms and the frozen matrices of a low-rank model are not trained', () => {
  const trained = lowRank.trainable.map(({ name }) => name);
  assert.ok(trained.every((name) => /\.lora_[AB]$/.test(name)));
  assert.equal(trained.length, 2 * 7 * size.layers);
});

test('an unknown weight is refused by name', () => {
  const other: ModelSize = { ...size, layers: size.layers + 1 };
  assert.throws(() => tokenLosses(other, dense, { ids, targets, batch }), /no weight model\.layers\.2/);
});
