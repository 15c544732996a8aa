/** What every engine refuses: a batch that does not fit the program, and a state's tensors that do not fit it. */
import { GraphError } from '../common/errors.ts';
import { sizeOf } from '../graph/tensor.ts';
import type { HostArray, ProgramInput } from './engine.ts';

/** Refuses a batch that lacks an input or has one of another type or length than the program was compiled for. */
export function checkedBatch(
  { name, shape, dtype }: ProgramInput,
  batch: Readonly<Record<string, HostArray>>,
): HostArray {
  const hint = 'Feed every batch input, in the type and size that the program was compiled for.';
  const data = batch[name];
  if (data === undefined) throw new GraphError(`The batch has no input ${name}.`, hint);
  const given = data instanceof Float32Array ? 'float32' : 'int32';
  if (given === dtype && data.length === sizeOf(shape)) return data;
  throw new GraphError(
    `The batch input ${name} needs ${sizeOf(shape)} values ${dtype}, got ${data.length} ${given}.`,
    hint,
  );
}

export function unknownTensor(name: string, names: readonly string[]): never {
  throw new GraphError(`The state has no tensor ${name}.`, `It has: ${names.join(', ')}.`);
}

export function requireSize(name: string, size: number, { length }: Float32Array): void {
  if (size === length) return;
  throw new GraphError(
    `The state tensor ${name} has ${size} values, not ${length}.`,
    'Write a tensor of the shape that the state was created with.',
  );
}
