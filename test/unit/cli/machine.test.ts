import assert from 'node:assert/strict';
import { test } from 'node:test';
import { speedText } from '../../../src/cli/machine.ts';

const base = { preset: 'base', model: 'large', engine: 'onnxruntime:cpu' } as const;
const speed = { ...base, trainingTokensPerSecond: 0.42, flopsPerSecond: 1e11, steps: 3, compileSeconds: 1 };

test('a speed that a small model stands in for is not called measured', () => {
  assert.equal(
    speedText({ ...speed, standIn: { parameterCount: 8.4e6 } }),
    'Training the large model of the preset base: 0.42 tokens a second, calculated from what a model of 8.4M parameters reaches, measured now with onnxruntime:cpu',
  );
  assert.equal(
    speedText({ ...speed, trainingTokensPerSecond: 70_404 }),
    'Training the large model of the preset base: 70,404 tokens a second, measured now with onnxruntime:cpu',
  );
});

test('an engine that cannot train a model says why', () => {
  assert.match(
    speedText({ ...base, reason: 'The memory did not suffice.' }),
    /could not be measured with onnxruntime:cpu \(The memory did not suffice\.\)$/,
  );
});
