/** How commands fail: `error:` and `hint:` on standard error, and the exit code of the error. */
import { ParlanceError } from '../common/errors.ts';

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
  return {
    message: error instanceof Error ? error.message : String(error),
    hint: 'This is a mistake in Parlance; set PARLANCE_DEBUG=1 to see where it happened, and report it.',
    exitCode: 1,
  };
}

/** The text for standard error; with `debug` also where the error arose. */
export function failureText(error: unknown, debug: boolean): string {
  const { message, hint } = failureOf(error);
  const lines = [`error: ${message}`];
  if (hint !== '') lines.push(`hint: ${hint}`);
  if (debug && error instanceof Error && error.stack !== undefined) lines.push(error.stack);
  return `${lines.join('\n')}\n`;
}
