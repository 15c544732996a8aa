/** What the engine promises of state, kept on WebGPU; runs where a graphics device is (state.test.ts). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { DeviceMemoryError, GraphError } from '../../../src/common/errors.ts';
import type { Program } from '../../../src/engines/engine.ts';
import { OnnxRuntimeEngine } from '../../../src/engines/onnxruntime/engine.ts';
import { add, filled, input, multiply, reduceSum } from '../../../src/graph/build.ts';

const engine = new OnnxRuntimeEngine({ threads: 1, provider: 'webgpu' });
after(() => engine.dispose());

const float = (...values: readonly number[]) => ({
  shape: [values.length],
  data: Float32Array.from(values),
});
const weight = () => input('w', [2], 'state');
const doubling: Program = { name: 'doubling', updates: { w: multiply(weight(), 2) }, metrics: {} };

test('a step replaces the state by its updates, and the next step starts from there', async () => {
  const executable = await engine.compile(doubling);
  const state = engine.createState({ w: float(1, 3), unused: float(5) });
  for (let i = 0; i < 3; i++) await executable.step(state, {});
  assert.deepEqual(await state.read(), { unused: float(5), w: float(8, 24) });
});

test('updates that read each other see the values before the step', async () => {
  const [a, b] = [input('a', [1], 'state'), input('b', [1], 'state')];
  const executable = await engine.compile({ name: 'swap', updates: { a: b, b: a }, metrics: {} });
  const state = engine.createState({ a: float(1), b: float(2) });
  await executable.step(state, {});
  assert.deepEqual(await state.read(['a', 'b']), { a: float(2), b: float(1) });
  await executable.step(state, {});
  assert.deepEqual(await state.read(['a', 'b']), { a: float(1), b: float(2) });
});

test('what is read or written is a copy, and two programs share one state', async () => {
  const sum = await engine.compile({ name: 'sum', updates: {}, metrics: { sum: reduceSum(weight()) } });
  const executable = await engine.compile(doubling);
  const initial = { w: float(1, 3) };
  const state = engine.createState(initial);
  initial.w.data.fill(100);
  const read = await state.read(['w']);
  await executable.step(state, {});
  assert.deepEqual(read, { w: float(1, 3) });
  const written = float(5, 7);
  await state.write({ w: written });
  written.data.fill(100);
  assert.deepEqual(await state.read(), { w: float(5, 7) });
  await executable.step(state, {});
  assert.equal((await sum.step(state, {})).sum[0], 24);
  assert.deepEqual(await state.read(), { w: float(10, 14) });
});

test('names and sizes of state are checked', async () => {
  const executable = await engine.compile(doubling);
  const state = engine.createState({ w: float(1, 3) });
  await assert.rejects(state.read(['v']), GraphError);
  await assert.rejects(state.write({ v: float(1) }), GraphError);
  await assert.rejects(state.write({ w: float(1) }), GraphError);
  await assert.rejects(executable.step(engine.createState({}), {}), GraphError);
});

test('memory counts state once, before and after it moves to the device', async () => {
  const own = new OnnxRuntimeEngine({ threads: 1, provider: 'webgpu' });
  const executable = await own.compile(doubling);
  const state = own.createState({ w: float(1, 3) });
  assert.equal(own.memory().stateBytes, 8);
  await executable.step(state, {});
  assert.equal(own.memory().stateBytes, 8);
  state.dispose();
  assert.equal(own.memory().stateBytes, 0);
  await own.dispose();
});

test('a value too large for the device is an error with advice, and the device goes on working', async () => {
  const large = add(filled([700_000_000], 1), input('x', [], 'batch'));
  await assert.rejects(
    async () => {
      const executable = await engine.compile({
        name: 'too large',
        updates: {},
        metrics: { sum: reduceSum(multiply(large, large)) },
      });
      await executable.step(engine.createState({}), { x: Float32Array.of(1) });
    },
    (error: unknown) => {
      assert.ok(error instanceof DeviceMemoryError, `${error}`);
      assert.match(error.hint, /smaller parts/);
      return true;
    },
  );
  const executable = await engine.compile(doubling);
  const state = engine.createState({ w: float(1, 3) });
  await executable.step(state, {});
  assert.deepEqual(await state.read(), { w: float(2, 6) });
});
