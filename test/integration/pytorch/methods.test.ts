/** Every program of every method with PyTorch on the processor, in one process and in two, against ONNX Runtime. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { OnnxRuntimeEngine } from '../../../src/engines/onnxruntime/engine.ts';
import type { PyTorchEngine } from '../../../src/engines/pytorch/engine.ts';
import {
  compareEngines,
  errorWhenContinued,
  programNames,
  trainingNames,
} from '../../support/method-programs.ts';
import { startTorch, withoutTorch } from '../../support/pytorch.ts';

const STEPS = 10;

const variants = [
  // What docs/engines.md allows.
  { name: 'PyTorch', precision: 'float32', devices: 1, tolerance: 1e-3, lossTolerance: 1e-3 },
  // Two processes that sum their gradients with gloo.
  {
    name: 'PyTorch in two processes',
    precision: 'float32',
    devices: 2,
    tolerance: 1e-3,
    lossTolerance: 1e-3,
  },
  // Eight bits of mantissa: moments that are sums of little cancel; the loss shows whether the training is the same.
  { name: 'PyTorch in bfloat16', precision: 'bfloat16', devices: 1, tolerance: 0.3, lossTolerance: 0.02 },
] as const;

for (const { name: variant, precision, devices, tolerance, lossTolerance } of variants) {
  describe(`methods with ${variant}`, { skip: withoutTorch }, () => {
    let engine: PyTorchEngine;
    const reference = new OnnxRuntimeEngine({ threads: 1 });
    before(async () => {
      engine = await startTorch({ precision, devices });
    });
    after(async () => {
      await engine?.dispose();
      await reference.dispose();
    });

    for (const name of precision === 'float32' ? programNames : trainingNames) {
      test(`${name}: losses and state agree with ONNX Runtime after ${STEPS} steps`, async (t) => {
        const { stateError, worstTensor, metricsError, firstLoss, lastLoss } = await compareEngines(
          name,
          engine,
          reference,
          STEPS,
        );
        t.diagnostic(`state ${stateError.toExponential(1)}, metrics ${metricsError.toExponential(1)}`);
        assert.ok(stateError < tolerance, `${worstTensor} differs by ${stateError}`);
        assert.ok(metricsError < lossTolerance, `metrics differ by ${metricsError}`);
        if (firstLoss !== undefined) assert.notEqual(firstLoss, lastLoss);
      });
    }
  });
}

describe('a training that stops in two processes', { skip: withoutTorch }, () => {
  test('goes on in one as if nothing had been', async (t) => {
    const engines = {
      begins: await startTorch({ devices: 2 }),
      goesOn: await startTorch(),
      reference: new OnnxRuntimeEngine({ threads: 1 }),
    };
    t.after(() => Promise.all(Object.values(engines).map((engine) => engine.dispose())));
    for (const name of trainingNames) {
      const error = await errorWhenContinued(name, engines, STEPS);
      assert.ok(error < 1e-3, `${name}: ${error}`);
    }
  });
});
