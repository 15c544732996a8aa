/** Asking before something that cannot be undone or leaves the machine. */
import { InputError } from '../common/errors.ts';
import { dialogueHere } from './terminal-dialogue.ts';

export interface ConfirmOptions {
  readonly yes?: boolean;
  readonly json?: boolean;
}

/**
 * True when the user agrees. `what` completes "… and nobody is there to confirm it"; where nobody can answer, such as in a
 * pipe, `--yes` is needed and an `InputError` says so, with `otherwise` as a further way.
 * Ctrl-C instead of an answer is an `InterruptedError`.
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
  const dialogue = dialogueHere();
  try {
    return await dialogue.isAgreed(question);
  } finally {
    dialogue.close();
  }
}
