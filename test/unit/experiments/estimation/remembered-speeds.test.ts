import assert from 'node:assert/strict';
import { test } from 'node:test';
import { presetPlan } from '../../../../src/experiments/estimation/machine.ts';
import {
  rememberedSpeeds,
  rememberSpeeds,
} from '../../../../src/experiments/estimation/remembered-speeds.ts';
import { withStateFolder } from '../../../support/state.ts';

test('a speed that was measured is known again for the same model, engine and threads, and for no others', async (t) => {
  await withStateFolder(t);
  const subject = { plan: presetPlan('tiny'), engineName: 'onnxruntime:cpu', threads: 2 };
  assert.deepEqual(await rememberedSpeeds(subject, ['small']), []);
  const speed = { trainingTokensPerSecond: 12_000, flopsPerSecond: 1e9, compileSeconds: 0.5 };
  const small = { model: 'small', ...speed } as const;
  await rememberSpeeds(subject, [small]);
  await rememberSpeeds(subject, [{ ...small, model: 'large', trainingTokensPerSecond: 4000 }]);
  assert.deepEqual(await rememberedSpeeds(subject, ['small']), [small]);
  assert.deepEqual(await rememberedSpeeds({ ...subject, threads: 4 }, ['small']), []);
  assert.deepEqual(await rememberedSpeeds({ ...subject, engineName: 'onnxruntime:webgpu' }, ['small']), []);
  assert.deepEqual(await rememberedSpeeds({ ...subject, plan: presetPlan('small') }, ['small']), []);
  await rememberSpeeds(subject, [{ ...small, trainingTokensPerSecond: 13_000 }]);
  assert.equal((await rememberedSpeeds(subject, ['small']))[0].trainingTokensPerSecond, 13_000);
});
