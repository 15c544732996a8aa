/** Logits with a cache of keys and values, against PyTorch's and against the graph that models are trained with. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { LlamaVariant, ModelSize } from '../../../src/common/model-size.ts';
import type { HostTensor } from '../../../src/engines/engine.ts';
import { OnnxRuntimeEngine } from '../../../src/engines/onnxruntime/engine.ts';
import { encodeModel } from '../../../src/engines/onnxruntime/onnx.ts';
import { floats } from '../../../src/engines/onnxruntime/tensors.ts';
import { input, matmul } from '../../../src/graph/build.ts';
import { CachedModel } from '../../../src/inference/cached-model.ts';
import { allCaches, llamaOnnxGraph } from '../../../src/inference/llama-onnx.ts';
import { denseParameterization } from '../../../src/models/parameterization.ts';
import { outputHead } from '../../../src/models/size.ts';
import { hiddenStates } from '../../../src/models/transformer.ts';
import { assertClose } from '../../support/compare.ts';
import { llamaReference } from '../../support/llama-reference.ts';
import { randomWeights } from '../../support/random-model.ts';

/** Longer than what is computed in one pass, and than the caches begin with. */
const CONTEXT = 300;
const plain: ModelSize = {
  layers: 2,
  width: 32,
  heads: 2,
  feedForward: 48,
  context: CONTEXT,
  vocabulary: 97,
};
const variant: LlamaVariant = {
  keyValueHeads: 4,
  headSize: 16,
  tied: true,
  normEpsilon: 1e-5,
  rotaryBase: 10_000,
  vocabulary: plain.vocabulary,
  positions: CONTEXT,
};
const sizes: Readonly<Record<string, ModelSize>> = {
  plain,
  'grouped queries, heads of 8': {
    ...plain,
    heads: 4,
    variant: { ...variant, keyValueHeads: 2, headSize: 8, normEpsilon: 1e-6 },
  },
  'heads of 24, more than the width': { ...plain, heads: 4, variant: { ...variant, headSize: 24 } },
  untied: { ...plain, heads: 4, variant: { ...variant, tied: false, rotaryBase: 500_000 } },
  'linear scaling': {
    ...plain,
    heads: 4,
    variant: { ...variant, rotaryScaling: { kind: 'linear', factor: 4 } },
  },
  'llama3 scaling': {
    ...plain,
    heads: 4,
    variant: {
      ...variant,
      rotaryScaling: {
        kind: 'llama3',
        factor: 8,
        lowFrequencyFactor: 1,
        highFrequencyFactor: 4,
        originalContext: 64,
      },
    },
  },
};

const someIds = (size: ModelSize, length: number, seed = 1) =>
  Array.from({ length }, (_, i) => (i * i * 7 + i * seed + 3) % size.vocabulary);

/** The logits after each of a context of ids, as training computes them. */
async function trainedLogits(size: ModelSize, weights: Record<string, HostTensor>, ids: readonly number[]) {
  const engine = new OnnxRuntimeEngine({ threads: 1 });
  try {
    const parameters = denseParameterization(size);
    const given = input('ids', [size.context], 'batch', 'int32');
    const hidden = hiddenStates(size, parameters, given, { rows: 1, length: size.context });
    const logits = matmul(hidden, parameters.weight(outputHead(size)), { transposeB: true });
    const program = await engine.compile({ name: 'logits', updates: {}, metrics: { logits } });
    return (await program.step(engine.createState(weights), { ids: Int32Array.from(ids) })).logits;
  } finally {
    await engine.dispose();
  }
}

for (const [name, size] of Object.entries(sizes)) {
  test(`${name}: prompt, single steps and several tokens onto a cache are what training computes`, async () => {
    const weights = randomWeights(size);
    const ids = someIds(size, CONTEXT);
    const expected = await trainedLogits(size, weights, ids);
    const after = (from: number, to: number) =>
      expected.subarray((from - 1) * size.vocabulary, to * size.vocabulary);
    const model = await CachedModel.load(size, weights, 1);
    const whole = model.newText();
    assertClose(await whole.logits(ids, 40), after(261, 300), 1e-4, 'the last 40 of a prompt in two passes');
    assertClose(await model.newText().logits(ids.slice(0, 200), 200), after(1, 200), 1e-4, 'all of a prompt');
    const steps = model.newText();
    for (let length = 1; length <= 150; length++) {
      assertClose(await steps.logits(ids.slice(0, length), 1), after(length, length), 1e-4, `step ${length}`);
    }
    assertClose(await steps.logits(ids.slice(0, 190), 3), after(188, 190), 1e-4, '40 onto the cache');
    await model.dispose();
  });
}

test('the graph that other programs read takes and gives whole caches', async () => {
  const size = sizes['grouped queries, heads of 8'];
  const weights = randomWeights(size);
  const ids = someIds(size, CONTEXT);
  const expected = await trainedLogits(size, weights, ids);
  const session = await InferenceSession.create(encodeModel(llamaOnnxGraph(size, weights, 'present')));
  const numbers = (values: readonly number[], shape: readonly number[]) =>
    new Tensor('int64', BigInt64Array.from(values, BigInt), shape);
  // As transformers.js begins: every symbol but the batch is 0.
  let caches: Record<string, Tensor> = Object.fromEntries(
    allCaches(size.layers).map(({ past }) => [
      past,
      new Tensor('float32', new Float32Array(0), [1, 2, 0, 16]),
    ]),
  );
  let seen = 0;
  for (const [count, kept] of [
    [50, 0],
    [1, 1],
    [9, 2],
  ]) {
    const results = await session.run({
      ...caches,
      input_ids: numbers(ids.slice(seen, seen + count), [1, count]),
      attention_mask: numbers(Array<number>(seen + count).fill(1), [1, seen + count]),
      num_logits_to_keep: numbers([kept], []),
    });
    seen += count;
    const rows = kept === 0 ? count : kept;
    assert.deepEqual(results.logits.dims, [1, rows, size.vocabulary]);
    const wanted = expected.subarray((seen - rows) * size.vocabulary, seen * size.vocabulary);
    assertClose(floats(results.logits), wanted, 1e-4, `after ${seen}`);
    caches = Object.fromEntries(allCaches(size.layers).map(({ past, present }) => [past, results[present]]));
    assert.deepEqual(caches['past_key_values.1.value'].dims, [1, 2, seen, 16]);
  }
  await session.release();
});

test('the logits are those of PyTorch', async () => {
  const { size, tokens, logits, weights } = llamaReference;
  const own = Object.entries(weights).map(([name, { shape, values }]) => [
    name,
    { shape, data: Float32Array.from(values) },
  ]);
  const model = await CachedModel.load(size, Object.fromEntries(own), 1);
  const text = model.newText();
  for (const [row, ids] of tokens.entries()) {
    const expected = logits.values
      .slice(row * ids.length * size.vocabulary)
      .slice(0, ids.length * size.vocabulary);
    assertClose(await text.logits(ids, ids.length), expected, 1e-4, `row ${row}`);
  }
  await model.dispose();
});

test('a text that changes at its end, in its middle or altogether is predicted as if it were new', async () => {
  const model = await CachedModel.load(plain, randomWeights(plain), 1);
  const kept = model.newText();
  const [ids, others] = [someIds(plain, 200), someIds(plain, 200, 2)];
  const texts = [
    ids.slice(0, 50),
    ids.slice(0, 51),
    ids.slice(0, 51),
    [...ids.slice(0, 40), ...others.slice(40, 60)],
    ids.slice(0, 20),
    others,
    [...others.slice(0, 199), ids[3]],
  ];
  for (const [i, text] of texts.entries()) {
    const expected = (await model.newText().logits(text, 1)).slice();
    assertClose(await kept.logits(text, 1), expected, 1e-5, `text ${i}`);
  }
  await model.dispose();
});

test('no tokens, and more than a context of them, are refused', async () => {
  const model = await CachedModel.load(plain, randomWeights(plain), 1);
  const text = model.newText();
  await assert.rejects(text.logits([], 1), RangeError);
  await assert.rejects(text.logits(someIds(plain, CONTEXT + 1), 1), RangeError);
  await model.dispose();
});

test('a long prompt stops between two passes, and what was computed is kept', async () => {
  const model = await CachedModel.load(plain, randomWeights(plain), 1);
  const ids = someIds(plain, CONTEXT);
  const text = model.newText();
  const stop = new AbortController();
  stop.abort();
  await assert.rejects(text.logits(ids, 1, stop.signal), { name: 'InterruptedError' });
  const expected = (await model.newText().logits(ids, 1)).slice();
  assertClose(await text.logits(ids, 1), expected, 1e-5, 'after the stop');
  await model.dispose();
});

test('the message that ONNX Runtime reads has no weights in it, since it may not be over 2 GB', async (t) => {
  const create = t.mock.method(InferenceSession, 'create');
  const messageBytes = async (width: number): Promise<number> => {
    const size = { ...plain, width };
    await (await CachedModel.load(size, randomWeights(size), 1)).dispose();
    const message: unknown = create.mock.calls.at(-1)?.arguments[0];
    return message instanceof Uint8Array ? message.length : assert.fail('no bytes were given');
  };
  const grown = (await messageBytes(64)) - (await messageBytes(32));
  // Scales of norms are small enough to stay in it: five of 32 more numbers each.
  assert.ok(grown < 1000, `${grown} bytes`);
});

test('what ONNX Runtime refuses to load is told with its reason', async (t) => {
  t.mock.method(InferenceSession, 'create', () => Promise.reject(new Error('bad allocation')));
  await assert.rejects(CachedModel.load(plain, randomWeights(plain), 1), {
    name: 'ResourceError',
    message: 'The model could not be loaded: bad allocation',
  });
});
