/** A training step overwrites the state that it reads: nothing may read a value after its successor is there. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { OnnxRuntimeEngine } from '../../../src/engines/onnxruntime/engine.ts';
import { input, multiply } from '../../../src/graph/build.ts';
import { trainingNames, withAndWithoutOverwriting } from '../../support/method-programs.ts';

const engine = new OnnxRuntimeEngine({ threads: 2 });
after(() => engine.dispose());

for (const name of trainingNames) {
  test(`${name}: ten steps that overwrite the state leave the bits of ten steps between two sets of it`, async () => {
    const [overwriting, twoSets] = await withAndWithoutOverwriting(name, engine, 10);
    assert.deepEqual(overwriting.state, twoSets.state);
    assert.deepEqual(overwriting.metrics, twoSets.metrics);
  });
}

const doubled = {
  name: 'doubled',
  updates: { x: multiply(input('x', [2], 'state'), 2) },
  metrics: {},
  overwrites: true,
};

test('values that are given to a state change only where they are its own', async () => {
  const executable = await engine.compile(doubled);
  for (const owned of [false, true]) {
    const data = Float32Array.of(1, 3);
    const state = engine.createState({ x: { shape: [2], data } }, { owned });
    await executable.step(state, {});
    await executable.step(state, {});
    assert.deepEqual([...(await state.read()).x.data], [4, 12]);
    assert.deepEqual([...data], owned ? [4, 12] : [1, 3]);
    assert.equal(engine.memory().stateBytes, 8);
    state.dispose();
  }
});
