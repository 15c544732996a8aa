/** What goes wrong in Python, in words for people. */
import { DeviceMemoryError, GraphError, type ParlanceError } from '../../common/errors.ts';

/** The error of an answer: PyTorch's words, and whether a device's memory did not suffice. */
export interface PythonFailure {
  readonly full: boolean;
  readonly message: string;
  readonly trace: string;
}

export function computationFailure({ full, message, trace }: PythonFailure, what: string): ParlanceError {
  if (full) {
    return new DeviceMemoryError(
      `The memory did not suffice for the ${what} with PyTorch: ${message}`,
      'Close other programs that use it, compute a batch in smaller parts (training.microBatch in the experiment file), or choose another engine. Everything up to the last checkpoint is kept; run again to go on from there.',
      trace,
    );
  }
  return new GraphError(
    `PyTorch could not compute the ${what}: ${message}`,
    'Choose another engine, and report this with your settings and the version of PyTorch.',
    trace,
  );
}
