/**
 * The one error hierarchy. `message` says what happened to what, `hint` says what the user can do,
 * `cause` keeps the origin. The command line and the editor show the same words; `exitCode` is the
 * process's exit status (documented in docs/command-line.md).
 */
export class ParlanceError extends Error {
  readonly hint: string;
  readonly exitCode: number = 1;

  constructor(message: string, hint: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.hint = hint;
  }
}

/** A file, setting or argument of the user's cannot be used as it is. */
export class InputError extends ParlanceError {
  override readonly exitCode = 2;
}

/** Something that Parlance wrote earlier is damaged: truncated, altered or of another version. */
export class CorruptionError extends ParlanceError {
  override readonly exitCode = 3;
}

/** The machine refused: disk full, no permission, out of memory. */
export class ResourceError extends ParlanceError {
  override readonly exitCode = 4;
}

/** The graphics processor or its driver failed; the work goes on from the last checkpoint. */
export class DeviceLostError extends ResourceError {}

/** The graphics processor has too little memory for what was asked. */
export class DeviceMemoryError extends ResourceError {}

/** Training produced a loss that is not a finite number; the last good checkpoint is kept. */
export class DivergenceError extends ParlanceError {
  override readonly exitCode = 5;
}

/** The user stopped the work; everything up to the last finished step is kept. */
export class InterruptedError extends ParlanceError {
  override readonly exitCode = 130;
}

/** A mistake in the program that calls, found when a graph is built. */
export class GraphError extends ParlanceError {}

/** Narrows an unknown thrown value to its Node.js system error code, such as `ENOSPC`. */
export function systemErrorCode(error: unknown): string | undefined {
  if (typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string') {
    return error.code;
  }
  return undefined;
}
