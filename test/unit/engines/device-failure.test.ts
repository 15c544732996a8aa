import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeviceLostError, DeviceMemoryError, ResourceError } from '../../../src/common/errors.ts';
import { deviceFailure, processorFailure } from '../../../src/engines/onnxruntime/device-failure.ts';

const failures = [
  ['WebGPU device lost (1): The device was removed', DeviceLostError, /driver was reset/],
  ['vkQueueSubmit failed with VK_ERROR_DEVICE_LOST', DeviceLostError, /checkpoint/],
  ['HRESULT DXGI_ERROR_DEVICE_HUNG', DeviceLostError, /run again/],
  ['vkAllocateMemory failed with VK_ERROR_OUT_OF_DEVICE_MEMORY', DeviceMemoryError, /microBatch/],
  ['CUDA failure 2: out of memory ; GPU=0', DeviceMemoryError, /smaller parts/],
  ['CUDA failure 719: unspecified launch failure ; GPU=0', DeviceLostError, /driver was reset/],
  ['OrtSessionOptionsAppendExecutionProvider_Cuda: Failed to load shared library', ResourceError, /cuDNN 9/],
  ['CUDA failure 100: no CUDA-capable device is detected ; GPU=0', ResourceError, /NVIDIA/],
  ['Failed to get a WebGPU adapter: No supported adapters', ResourceError, /driver/],
  ['fallback to CPU EP has been explicitly disabled by the user.', ResourceError, /onnxruntime:cpu/],
] as const;

for (const [message, kind, words] of failures) {
  test(`"${message}" becomes an error of the device with advice`, () => {
    const cause = new Error(message);
    const failure = deviceFailure(cause, 'training step');
    assert.equal(failure?.constructor, kind);
    assert.match(`${failure?.message} ${failure?.hint}`, words);
    assert.equal(failure?.cause, cause);
  });
}

test('where the processor computes, memory that does not suffice is not the graphics processor’s', () => {
  const cause = new Error(
    'Non-zero status code returned while running Mul node. Status Message: std::bad_alloc',
  );
  const failure = processorFailure(cause, 'training step');
  assert.equal(failure?.constructor, ResourceError);
  assert.match(failure?.message ?? '', /memory of this machine did not suffice for the training step/);
  assert.doesNotMatch(failure?.hint ?? '', /graphics|onnxruntime:cpu/);
  assert.equal(failure?.cause, cause);
  assert.equal(processorFailure(new Error('Invalid input name: w'), 'training step'), undefined);
});

test('a mistake of ours is not blamed on the device', () => {
  assert.equal(deviceFailure(new Error('Invalid input name: w'), 'training step'), undefined);
});
