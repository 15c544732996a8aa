/** Asking before something that cannot be undone or leaves the machine. */
import { createInterface } from 'node:readline/promises';
import { InputError } from '../common/errors.ts';

export interface ConfirmOptions {
  readonly yes?: boolean;
  readonly json?: boolean;
}

/**
 * True when the user agrees. `what` completes "… and nobody is there to confirm it"; where nobody can answer, such as in a
 * pipe, `--yes` is needed and an `InputError` says so, with `otherwise` as a further way.
 */
export async function isConfirmed(
  question: string,
  what: string,
  { yes, json }: ConfirmOptions,
  otherwise = '',
): Promise<boolean> {
  if (yes) return true;
  if (json || !process.stdin.isTTY) {
    throw new InputError(`${what}, and nobody is there to confirm it.`, `Give --yes${otherwise}.`);
  }
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `)).trim());
  } finally {
    lines.close();
  }
}
