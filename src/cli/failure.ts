/** How commands fail: `error:` and `hint:` on standard error, and the exit code of the error. */
import { ParlanceError, ResourceError, systemErrorCode } from '../common/errors.ts';

export interface Failure {
  readonly message: string;
  readonly hint: string;
  readonly exitCode: number;
}

export function failureOf(error: unknown): Failure {
  if (error instanceof ParlanceError) {
    const { message, hint, exitCode } = error;
    return { message, hint, exitCode };
  }
  if (isSystemError(error)) {
    const hint = 'Check that file or folder, then run the same command again; what was finished is kept.';
    return failureOf(new ResourceError(`The system refused: ${error.message}.`, hint, error));
  }
  return {
    message: error instanceof Error ? error.message : String(error),
    hint: 'This is a mistake in Parlance; set PARLANCE_DEBUG=1 to see where it happened, and report it.',
    exitCode: 1,
  };
}

/** A call to the system that failed, on a file for example. */
function isSystemError(error: unknown): error is Error {
  return error instanceof Error && 'syscall' in error && systemErrorCode(error) !== undefined;
}

/** The text for standard error; with `debug` also where the error arose. */
export function failureText(error: unknown, debug: boolean): string {
  const { message, hint } = failureOf(error);
  const lines = [`error: ${message}`];
  if (hint !== '') lines.push(`hint: ${hint}`);
  if (debug && error instanceof Error && error.stack !== undefined) lines.push(error.stack);
  return `${lines.join('\n')}\n`;
}
