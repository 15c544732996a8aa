/** Every program of every method on TensorFlow.js's own backends against ONNX Runtime on the processor. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OnnxRuntimeEngine } from '../../src/engines/onnxruntime/engine.ts';
import { TensorFlowEngine } from '../../src/engines/tensorflow/engine.ts';
import { loadTensorFlow } from '../../src/engines/tensorflow/load.ts';
import { compareEngines, programNames } from '../support/method-programs.ts';

/** The largest relative error that docs/engines.md allows after ten steps; a tenth of it after three. */
const backends = [
  { backend: 'wasm', steps: 10, tolerance: 1e-3 },
  // In JavaScript alone, which is slow.
  { backend: 'cpu', steps: 3, tolerance: 1e-4 },
];

for (const { backend, steps, tolerance } of backends) {
  for (const name of programNames) {
    test(`${name} on TensorFlow.js (${backend}): losses and state agree with ONNX Runtime after ${steps} steps`, async (t) => {
      const engine = new TensorFlowEngine(await loadTensorFlow({ backend }));
      const reference = new OnnxRuntimeEngine({ threads: 1 });
      const { stateError, worstTensor, metricsError } = await compareEngines(name, engine, reference, steps);
      await reference.dispose();
      await engine.dispose();
      t.diagnostic(`state ${stateError.toExponential(1)}, metrics ${metricsError.toExponential(1)}`);
      assert.ok(stateError < tolerance, `${worstTensor} differs by ${stateError}`);
      assert.ok(metricsError < tolerance, `metrics differ by ${metricsError}`);
    });
  }
}
