/** What is fed to a compiled program with each step, checked before an engine takes it. */
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
