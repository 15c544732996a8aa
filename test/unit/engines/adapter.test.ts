import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adapterFromLog } from '../../../src/engines/adapter.ts';

const using = (name: string, driver: string) =>
  `[Vulkan Loader] DRIVER:                Using "${name}" with driver: "${driver}"\n`;
const hardware = (vendor: string, type: number) =>
  `[I:onnxruntime:] Discovered OrtHardwareDevice {vendor_id:0x10de, device_id:0x2330, vendor:${vendor}, type:${type}, metadata: []}\n`;

test('the device that Vulkan took last is the adapter', () => {
  const log = `${using('llvmpipe (LLVM 15)', '/a.so')}noise\n${using('NVIDIA H100', '/b.so')}`;
  assert.deepEqual(adapterFromLog(log), { name: 'NVIDIA H100', driver: '/b.so', software: false });
});

for (const name of [
  'SwiftShader Device (Subzero)',
  'llvmpipe (LLVM 15.0.6, 256 bits)',
  'Microsoft Basic Render Driver',
]) {
  test(`${name} is a software renderer`, () => {
    assert.equal(adapterFromLog(using(name, '/x.so')).software, true);
  });
}

test('without Vulkan the hardware that ONNX Runtime lists tells whether it is software', () => {
  assert.deepEqual(adapterFromLog(hardware('NVIDIA', 1)), {
    name: 'NVIDIA device 0x2330',
    driver: undefined,
    software: false,
  });
  assert.equal(adapterFromLog(hardware('AMD', 0)).software, true);
});
