/** The projected network against independent networks, its own projection, and derivatives worked out otherwise. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { ModelSize } from '../../../src/common/model-size.ts';
import type { HostTensor } from '../../../src/engines/engine.ts';
import { OnnxRuntimeEngine } from '../../../src/engines/onnxruntime/engine.ts';
import { input, matmul, mean, multiply, reduceSum } from '../../../src/graph/build.ts';
import { differentiate } from '../../../src/graph/differentiate.ts';
import { optimize, topologicalOrder } from '../../../src/graph/passes.ts';
import { sizeOf, type Tensor } from '../../../src/graph/tensor.ts';
import {
  denseParameterization,
  initialWeights,
  type Parameterization,
} from '../../../src/models/parameterization.ts';
import {
  EXPERTS,
  expertVector,
  initialProjectedWeights,
  mixingName,
  type ProjectionShape,
  projectedParameterCount,
  projectedParameterization,
  projectedTrainingFlopsPerToken,
  projectWeights,
  slabsName,
} from '../../../src/models/projected.ts';
import {
  EMBEDDING,
  layerWeight,
  parameterCount,
  trainingFlopsPerToken,
  weightSpecifications,
} from '../../../src/models/size.ts';
import { hiddenStates, tokenLosses } from '../../../src/models/transformer.ts';
import { trainingStep } from '../../../src/training/step.ts';
import { assertClose } from '../../support/compare.ts';
import { finiteDifferences } from '../../support/finite-differences.ts';
import { evaluate, type Values } from '../../support/reference.ts';
import { tensorFlowGradients } from '../../support/tensorflow.ts';

const size: ModelSize = { layers: 2, width: 8, heads: 2, feedForward: 12, context: 4, vocabulary: 10 };
const shape: ProjectionShape = { experts: 3, slabs: 4, expertWidth: 2 };
const clusters = [2, 0];
const groups = clusters.length;
const batch = { rows: 4, length: size.context };
const count = batch.rows * batch.length;
const ids = input('ids', [count], 'batch', 'int32');
const targets = input('targets', [count], 'batch', 'int32');
const tokens = {
  ids: Array.from({ length: count }, (_, i) => (3 * i * i + i) % size.vocabulary),
  targets: Array.from({ length: count }, (_, i) => (7 * i + 2) % size.vocabulary),
};

const oneHot = (length: number, at: number): Float32Array => new Float32Array(length).fill(1, at, at + 1);
const feedForwardNames = (own: ModelSize): string[] =>
  Array.from({ length: own.layers }, (_, layer) =>
    ['mlp.gate_proj', 'mlp.up_proj', 'mlp.down_proj'].map((part) => layerWeight(layer, part)),
  ).flat();

const network = initialProjectedWeights(size, shape, 5);
const projected = projectedParameterization(size, shape, groups);
const logitsOf = (weights: Parameterization): Tensor =>
  matmul(hiddenStates(size, weights, ids, batch), weights.weight(EMBEDDING), { transposeB: true });

const valuesOf = (tensors: Readonly<Record<string, HostTensor>>): Values =>
  Object.fromEntries(Object.entries(tensors).map(([name, { data }]) => [name, data]));

const engine = new OnnxRuntimeEngine({ threads: 2 });
after(() => engine.dispose());

function projectedTo(
  of: ModelSize,
  own: ProjectionShape,
  state: Readonly<Record<string, HostTensor>>,
  mixture: Float32Array,
): Record<string, HostTensor> {
  return projectWeights(of, state, expertVector(own, state, mixture));
}

/** One output on ONNX Runtime. */
async function run(
  output: Tensor,
  state: Readonly<Record<string, HostTensor>>,
  own: readonly number[],
): Promise<Float32Array> {
  const executable = await engine.compile({ name: 'test', updates: {}, metrics: { output } });
  const batchValues: Record<string, Int32Array> = {
    ids: Int32Array.from(tokens.ids),
    targets: Int32Array.from(tokens.targets),
    clusters: Int32Array.from(own),
  };
  const fed = Object.fromEntries(executable.batchInputs.map(({ name }) => [name, batchValues[name]]));
  const { output: value } = await executable.step(engine.createState(state), fed);
  await executable.dispose();
  return value;
}

/** The rows of a group in a result of the whole batch. */
function groupOf<T extends Float32Array | Float64Array>(values: T, group: number) {
  const length = values.length / groups;
  return values.subarray(group * length, (group + 1) * length);
}

test('with h = k, E = I and M = I it is k independent feed-forward networks, bit for bit', async () => {
  const experts = 3;
  const identity = Float32Array.from({ length: experts * experts }, (_, i) =>
    i % (experts + 1) === 0 ? 1 : 0,
  );
  const square = { shape: [experts, experts], data: identity };
  const plain = initialWeights(size, 1);
  const independent = Array.from({ length: experts }, (_, i) => initialWeights(size, 100 + i));
  const state: Record<string, HostTensor> = { ...plain, [EXPERTS]: square };
  for (const name of feedForwardNames(size)) {
    const data = Float32Array.from(independent.flatMap((weights) => [...weights[name].data]));
    state[slabsName(name)] = { shape: [experts, ...plain[name].shape], data };
    state[mixingName(name)] = square;
  }
  const own = { experts, slabs: experts, expertWidth: experts };
  const together = await run(logitsOf(projectedParameterization(size, own, groups)), state, clusters);
  for (const [group, cluster] of clusters.entries()) {
    const weights = { ...plain };
    for (const name of feedForwardNames(size)) weights[name] = independent[cluster][name];
    const alone = await run(logitsOf(denseParameterization(size)), weights, clusters);
    assert.deepEqual(groupOf(together, group), groupOf(alone, group));
    assert.deepEqual(projectedTo(size, own, state, oneHot(experts, cluster)), weights);
  }
});

test("a projected expert is a plain model with the network's logits on its cluster", () => {
  const [together] = evaluate([logitsOf(projected)], { ...valuesOf(network), ...tokens, clusters });
  for (const [group, cluster] of clusters.entries()) {
    const weights = projectedTo(size, shape, network, oneHot(shape.experts, cluster));
    assert.deepEqual(
      Object.entries(weights).map(([name, { shape: own }]) => [name, own]),
      weightSpecifications(size).map(({ name, shape: own }) => [name, own]),
    );
    const [alone] = evaluate([logitsOf(denseParameterization(size))], { ...valuesOf(weights), ...tokens });
    assertClose(groupOf(alone, group), groupOf(together, group), 1e-6, `logits of cluster ${cluster}`);
  }
});

test('projecting a histogram is linear in it: the mean of the experts with its shares', () => {
  const histogram = Float32Array.of(0.5, 0.125, 0.375);
  const soft = projectedTo(size, shape, network, histogram);
  const hard = [0, 1, 2].map((cluster) => projectedTo(size, shape, network, oneHot(3, cluster)));
  for (const { name } of weightSpecifications(size)) {
    const mixed = soft[name].data.map((_, i) =>
      hard.reduce((sum, weights, cluster) => sum + histogram[cluster] * weights[name].data[i], 0),
    );
    assertClose(soft[name].data, mixed, 1e-6, name);
  }
  assert.throws(() => projectedTo(size, shape, network, Float32Array.of(1)), RangeError);
});

const loss = mean(tokenLosses(size, projected, { ids, targets, batch }));
const trainable = projected.trainable;
const gradients = differentiate(
  loss,
  trainable.map(({ tensor }) => tensor),
);
const values = { ...valuesOf(network), ...tokens, clusters };
const gradientOf = (name: string): Tensor => gradients[trainable.findIndex((own) => own.name === name)];

test('the gradient of slab r is alpha_r times that of the dense weight, summed over the groups', () => {
  for (const name of feedForwardNames(size)) {
    const [slabs] = evaluate([gradientOf(slabsName(name))], values);
    const expected = new Float64Array(slabs.length);
    for (const [group, cluster] of clusters.entries()) {
      const dense = denseParameterization(size);
      const perToken = tokenLosses(size, dense, { ids, targets, batch });
      const mask = Array.from({ length: count }, (_, i) =>
        Math.floor((i * groups) / count) === group ? 1 / count : 0,
      );
      const own = reduceSum(multiply(perToken, input('mask', [count], 'batch')));
      const weights = projectedTo(size, shape, network, oneHot(shape.experts, cluster));
      const [gradient] = evaluate(differentiate(own, [dense.weight(name)]), {
        ...valuesOf(weights),
        ...tokens,
        mask,
      });
      const expert = network[EXPERTS].data.subarray(
        cluster * shape.expertWidth,
        (cluster + 1) * shape.expertWidth,
      );
      const mixing = network[mixingName(name)].data;
      for (let r = 0; r < shape.slabs; r++) {
        const alpha = expert.reduce((sum, e, q) => sum + e * mixing[q * shape.slabs + r], 0);
        gradient.forEach((value, i) => {
          expected[r * gradient.length + i] += alpha * value;
        });
      }
    }
    assertClose(slabs, expected, 1e-7, name);
  }
});

test('the gradients of E and M are those of finite differences', () => {
  for (const name of [EXPERTS, ...feedForwardNames(size).map(mixingName)]) {
    const [own] = evaluate([gradientOf(name)], values);
    const at = Float64Array.from(network[name].data);
    const expected = finiteDifferences((point) => evaluate([loss], { ...values, [name]: point })[0][0], at);
    assertClose(own, expected, 1e-8, name);
  }
});

test('every gradient is that of TensorFlow.js', async () => {
  const expected = await tensorFlowGradients(
    loss,
    trainable.map(({ tensor }) => tensor),
    values,
  );
  for (const [i, own] of evaluate(gradients, values).entries()) {
    assertClose(own, expected[i], 1e-5, trainable[i].name);
  }
});

for (const microBatches of [2, 4]) {
  test(`${microBatches} micro-batches of ${groups} groups give the gradients of one`, () => {
    const step = (parts: number) =>
      trainingStep({
        size,
        weights: projected,
        batch,
        microBatches: parts,
        clipNorm: 1e9,
        optimizerFor: () => ({
          moments: [],
          products: () => 0,
          update: (_, gradient) => ({ value: gradient, moments: [] }),
        }),
      });
    const scalars = { rate: [1], correction1: [1], correction2: [1] };
    const [whole, parts] = [1, microBatches].map((number) => {
      const { updates, metrics } = step(number);
      return evaluate([metrics.loss, ...Object.values(updates)], { ...values, ...scalars });
    });
    for (const [i, value] of parts.entries()) assertClose(value, whole[i], 1e-9, `value ${i}`);
  });
}

test('blended groups have experts between their own and the mean of the batch, the last one the mean itself', () => {
  const four = [2, 0, 1, 0];
  const blended = logitsOf(projectedParameterization(size, shape, 4, 2));
  const [together] = evaluate([blended], { ...valuesOf(network), ...tokens, clusters: four });
  const quarter = together.length / 4;
  const mixtures = [
    [0, 0, 1],
    [1, 0, 0],
    // Half of its own, half of the mean of the four.
    [0.25, 0.5 + 0.125, 0.125],
    [0.5, 0.25, 0.25],
  ];
  for (const [group, mixture] of mixtures.entries()) {
    const weights = projectedTo(size, shape, network, Float32Array.from(mixture));
    const [alone] = evaluate([logitsOf(denseParameterization(size))], { ...valuesOf(weights), ...tokens });
    const range = [group * quarter, (group + 1) * quarter] as const;
    assertClose(together.subarray(...range), alone.subarray(...range), 1e-6, `group ${group}`);
  }
});

test('groups and micro-batches of which neither number divides the other are refused', () => {
  const three = projectedParameterization(size, shape, 3);
  assert.throws(() => three.part?.(0, 2), /3 groups and 2 micro-batches/);
});

test('its parameters are those of the plain model with h slabs for a matrix, and E and M', () => {
  const feedForward = 2 * 3 * 8 * 12; // 576
  const slabs = 4 * 576; // 2,304
  const mixing = 6 * 2 * 4; // 48
  assert.equal(
    projectedParameterCount(size, shape),
    parameterCount(size) - feedForward + slabs + mixing + 3 * 2,
  );
});

test('a token costs the plain training and its share of building the weights, as counted in the graph', () => {
  const perGroup = 4 * 576 + 48; // multiply-add pairs: slabs, and E M
  const expected = trainingFlopsPerToken(size) + (3 * 2 * perGroup * 2) / 16;
  assert.equal(projectedTrainingFlopsPerToken(size, shape, { groups: 2, tokens: 16 }), expected);
  const updates = topologicalOrder(optimize(gradients));
  const built = updates.reduce((sum, tensor) => {
    if (tensor.operation !== 'matmul' || !buildsWeights(tensor)) return sum;
    const [a] = tensor.inputs;
    return sum + 2 * sizeOf(tensor.shape) * a.shape[tensor.attributes.transposeA ? 0 : 1];
  }, 0);
  assert.equal(built, 3 * 2 * perGroup * groups);
});

/** A product of coefficients with M or T, or a gradient of one: told by its sizes, which are the graph's only such. */
function buildsWeights({ shape: own, inputs: [a] }: Tensor): boolean {
  const lengths = [...own, ...a.shape];
  const small = (length: number) => [groups, shape.slabs, shape.expertWidth].includes(length);
  return own.length === 2 && lengths.filter(small).length >= 2;
}
