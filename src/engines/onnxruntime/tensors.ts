/** ONNX Runtime's tensors from host memory and back. */
import { Tensor as OrtTensor } from 'onnxruntime-node';
import type { Shape } from '../../graph/tensor.ts';
import type { HostArray } from '../engine.ts';

export function hostTensor(data: HostArray, shape: Shape): OrtTensor {
  return data instanceof Float32Array
    ? new OrtTensor('float32', data, shape)
    : new OrtTensor('int32', data, shape);
}

/** The values of a float32 tensor in host memory, not copied. */
export function floats(tensor: OrtTensor): Float32Array {
  if (!(tensor.data instanceof Float32Array)) throw new TypeError(`expected float32, got ${tensor.type}`);
  return tensor.data;
}

export const BYTES_OF_FLOAT = 4;
