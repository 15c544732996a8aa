/**
 * Whether a graphics processor can hold a program's largest value in one buffer, tried before any training. Its limits
 * cannot be asked for through ONNX Runtime's binding for Node.js; up to 128 MiB every WebGPU device has to allow
 * (the default of maxStorageBufferBindingSize), and above that one buffer of the size is made and read.
 */
import { Tensor as OrtTensor, InferenceSession as Session } from 'onnxruntime-node';
import { DeviceMemoryError } from '../../common/errors.ts';
import { formatShape } from '../../graph/tensor.ts';
import type { Program } from '../engine.ts';
import { predictDeviceNeed } from '../memory.ts';
import { deviceFailure } from './device-failure.ts';
import { encodeModel } from './onnx.ts';
import { BYTES_OF_FLOAT } from './tensors.ts';

const ALWAYS_ALLOWED_BYTES = 128 * 1024 * 1024;

/** Throws a DeviceMemoryError that names the setting to lower. */
export async function requireBuffer(program: Program): Promise<void> {
  const { bytes, shape, isState } = predictDeviceNeed(program).largest;
  if (bytes <= ALWAYS_ALLOWED_BYTES) return;
  const failure = await tryBuffer(bytes);
  if (!(failure instanceof DeviceMemoryError)) {
    if (failure !== undefined) throw failure;
    return;
  }
  const megabytes = Math.ceil(bytes / 1e6).toLocaleString('en');
  throw new DeviceMemoryError(
    `The ${program.name} has a value of ${megabytes} MB, ${formatShape(shape)}, which this graphics processor cannot hold in one buffer.`,
    isState
      ? 'Lower tokenizer.vocabulary or the width of the model in the experiment file, or choose the engine onnxruntime:cpu.'
      : 'Lower training.microBatch in the experiment file, so that a batch is computed in smaller parts, or choose the engine onnxruntime:cpu.',
    failure,
  );
}

/** Makes a buffer of this size on the device and reads all of it; the failure, or nothing. */
async function tryBuffer(bytes: number): Promise<unknown> {
  const length = Math.ceil(bytes / BYTES_OF_FLOAT);
  const model = encodeModel({
    name: 'buffer',
    nodes: [
      { type: 'Expand', inputs: ['one', 'shape'], outputs: ['filled'] },
      { type: 'ReduceSum', inputs: ['filled'], outputs: ['sum'], attributes: { keepdims: 0 } },
    ],
    constants: [{ name: 'shape', shape: [1], data: BigInt64Array.of(BigInt(length)) }],
    inputs: [{ name: 'one', shape: [], dtype: 'float32' }],
    outputs: [{ name: 'sum', shape: [], dtype: 'float32' }],
  });
  try {
    const session = await Session.create(model, { executionProviders: ['webgpu'], logSeverityLevel: 4 });
    await session.run({ one: new OrtTensor('float32', Float32Array.of(1), []) });
    await session.release();
    return undefined;
  } catch (error) {
    return deviceFailure(error, 'test of a buffer') ?? error;
  }
}
