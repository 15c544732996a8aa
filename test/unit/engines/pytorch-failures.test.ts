import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { DeviceLostError, DeviceMemoryError, GraphError, ResourceError } from '../../../src/common/errors.ts';
import { computationFailure } from '../../../src/engines/pytorch/failures.ts';
import { PythonProcess } from '../../../src/engines/pytorch/process.ts';

test('a device that is lost, one that is full and a mistake are told apart', () => {
  const kindOf = (message: string, full = false) =>
    computationFailure({ full, message, trace: '' }, 'training step').constructor;
  for (const words of [
    'CUDA error: unspecified launch failure',
    'CUDA error: device-side assert triggered',
    'HIP error: an illegal memory access was encountered',
    'NCCL error in: ProcessGroupNCCL.cpp:1691, unhandled system error',
  ]) {
    assert.equal(kindOf(words), DeviceLostError, words);
  }
  assert.equal(kindOf('CUDA error: out of memory', true), DeviceMemoryError);
  assert.equal(kindOf('CUDA error: no kernel image is available for execution on the device'), GraphError);
  assert.equal(kindOf('shapes cannot be multiplied'), GraphError);
});

test('a Python that is killed from outside names memory', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'parlance-killed-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const python = join(folder, 'python');
  writeFileSync(python, '#!/bin/sh\nkill -9 $$\n');
  chmodSync(python, 0o755);
  await assert.rejects(
    PythonProcess.start({ python, threads: 1, precision: 'float32' }),
    (error) => error instanceof ResourceError && /memory.*execution\.slurm\.memory/.test(error.hint),
  );
});
