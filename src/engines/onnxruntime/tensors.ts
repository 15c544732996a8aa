/** ONNX Runtime's tensors from host memory and back. */
import { Tensor as OrtTensor } from 'onnxruntime-node';
import { GraphError } from '../../common/errors.ts';
import { type Shape, sizeOf } from '../../graph/tensor.ts';
import type { HostArray, ProgramInput } from '../engine.ts';

/** Refuses a batch that lacks an input or has one of another type or length than the program was compiled for. */
export function batchTensor({ name, shape, dtype }: ProgramInput, data: HostArray | undefined): OrtTensor {
  const hint = 'Feed every batch input with the shape that the program was built for.';
  if (data === undefined) throw new GraphError(`The batch has no input ${name}.`, hint);
  const given = data instanceof Float32Array ? 'float32' : 'int32';
  if (given !== dtype || data.length !== sizeOf(shape)) {
    throw new GraphError(
      `The batch input ${name} needs ${sizeOf(shape)} values ${dtype}, got ${data.length} ${given}.`,
      hint,
    );
  }
  return hostTensor(data, shape);
}

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
