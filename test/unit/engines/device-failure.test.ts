import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeviceLostError, DeviceMemoryError, ResourceError } from '../../../src/common/errors.ts';
import { deviceFailure } from '../../../src/engines/onnxruntime/device-failure.ts';

const failures = [
  ['WebGPU device lost (1): The device was removed', DeviceLostError, /driver was reset/],
  ['vkQueueSubmit failed with VK_ERROR_DEVICE_LOST', DeviceLostError, /checkpoint/],
  ['HRESULT DXGI_ERROR_DEVICE_HUNG', DeviceLostError, /run again/],
  ['vkAllocateMemory failed with VK_ERROR_OUT_OF_DEVICE_MEMORY', DeviceMemoryError, /microBatch/],
  ['CUDA failure 2: out of memory ; GPU=0', DeviceMemoryError, /smaller parts/],
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

test('a mistake of ours is not blamed on the device', () => {
  assert.equal(deviceFailure(new Error('Invalid input name: w'), 'training step'), undefined);
});
