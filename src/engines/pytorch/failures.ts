/** What goes wrong in Python, in words for people. */
import { DeviceLostError, DeviceMemoryError, GraphError, type ParlanceError } from '../../common/errors.ts';

/** The error of an answer: PyTorch's words, and whether a device's memory did not suffice. */
export interface PythonFailure {
  readonly full: boolean;
  readonly message: string;
  readonly trace: string;
}

const LOST = /(?:CUDA|HIP) error|NCCL|device-side/i;
/** A PyTorch that was not built for the device: it never computed. */
const UNFIT = /no kernel image|invalid device function/i;

export function computationFailure({ full, message, trace }: PythonFailure, what: string): ParlanceError {
  if (full) {
    return new DeviceMemoryError(
      `The memory did not suffice for the ${what} with PyTorch: ${message}`,
      'Close other programs that use it, compute a batch in smaller parts (training.microBatch in the experiment file), or choose another engine. Everything up to the last checkpoint is kept; run again to go on from there.',
      trace,
    );
  }
  if (LOST.test(message) && !UNFIT.test(message)) {
    return new DeviceLostError(
      `The graphics processor stopped working during the ${what} with PyTorch: ${message}`,
      'Everything up to the last checkpoint is kept; run again to go on from there. If it happens again, look at the device and its driver (nvidia-smi, the system’s log), or choose another engine.',
      trace,
    );
  }
  return new GraphError(
    `PyTorch could not compute the ${what}: ${message}`,
    'Choose another engine, and report this with your settings and the version of PyTorch.',
    trace,
  );
}
