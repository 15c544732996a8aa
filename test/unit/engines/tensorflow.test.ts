/** The TensorFlow.js engine on the backends that need no native library, against the reference interpreter. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { InputError } from '../../../src/common/errors.ts';
import { TensorFlowEngine } from '../../../src/engines/tensorflow/engine.ts';
import { loadTensorFlow } from '../../../src/engines/tensorflow/load.ts';
import { add, input, matmul } from '../../../src/graph/build.ts';
import { everyOperation } from '../../support/cases.ts';
import { assertCaseAgrees } from '../../support/engine-cases.ts';

for (const backend of ['cpu', 'wasm']) {
  for (const [name, cases] of everyOperation) {
    test(`${name} and its gradient on TensorFlow.js (${backend}) are those of the interpreter`, async () => {
      const engine = new TensorFlowEngine(await loadTensorFlow({ backend }));
      await assertCaseAgrees(engine, cases, 8);
    });
  }

  test(`a step on TensorFlow.js (${backend}) leaves no tensor behind`, async () => {
    const found = await loadTensorFlow({ backend });
    const engine = new TensorFlowEngine(found);
    const before = found.tf.memory().numTensors;
    const w = input('w', [3, 3], 'state');
    const x = input('x', [3, 3], 'batch');
    const product = matmul(w, x);
    const updates = { w: add(product, w), kept: w };
    const executable = await engine.compile({ name: 'step', updates, metrics: { product, w } });
    const value = { shape: [3, 3], data: Float32Array.from({ length: 9 }, (_, i) => i) };
    const state = engine.createState({ w: value, kept: value });
    const held = found.tf.memory().numTensors;
    for (let i = 0; i < 3; i++) await executable.step(state, { x: value.data });
    assert.equal(found.tf.memory().numTensors, held);
    await executable.dispose();
    state.dispose();
    assert.equal(found.tf.memory().numTensors, before);
  });
}

test('a package that is there but does not load is told with its own words, and the next one is tried', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'parlance-tensorflow-'));
  t.after(() => rm(folder, { recursive: true }));
  const broken = join(folder, 'node_modules', '@tensorflow', 'tfjs-node-gpu');
  await mkdir(broken, { recursive: true });
  await writeFile(join(broken, 'package.json'), '{ "version": "4.22.0" }');
  await writeFile(
    join(broken, 'index.js'),
    'throw new Error("libcudart.so.11.0: cannot open shared object file")',
  );
  await assert.rejects(
    loadTensorFlow({ folder }),
    /tfjs-node-gpu: libcudart\.so\.11\.0: cannot open.*tfjs-node: /,
  );
});

test('without TensorFlow.js the message names each package that was looked for, and what to do', async () => {
  await assert.rejects(loadTensorFlow({ folder: '/' }), (error) => {
    assert.ok(error instanceof InputError);
    assert.match(error.message, /in \/: .*tfjs-node-gpu: .*; .*tfjs-node: .*; .*wasm/);
    assert.match(error.hint, /parlance tensorflow/);
    return true;
  });
});
