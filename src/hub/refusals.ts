/** Why something does not come from the Hugging Face hub, in words that say what to do. */
import { HubApiError } from '@huggingface/hub';
import {
  InputError,
  InterruptedError,
  ParlanceError,
  ResourceError,
  systemErrorCode,
} from '../common/errors.ts';

const BY_HAND =
  'download it with a program of Hugging Face’s own (hf download), and name its folder in parlance.json.';

export function gated(id: string, cause?: unknown): InputError {
  return new InputError(
    `${id} is given only to those who agreed to its terms.`,
    `Agree to them on its page, ${BY_HAND}`,
    cause,
  );
}

/** What is ours already, and the system's own errors on files, stay as they are. */
export function explainHubError(
  error: unknown,
  { id, signal }: { readonly id: string; readonly signal: AbortSignal },
): unknown {
  if (signal.aborted) {
    const again = 'Run the same command again: it goes on where it stopped.';
    return new InterruptedError('Stopped; what was fetched is kept.', again, error);
  }
  if (error instanceof ParlanceError || isOfFile(error)) return error;
  if (error instanceof HubApiError) return ofStatus(error, id);
  return new ResourceError(
    `${id} could not be fetched from the Hugging Face hub: ${reasonOf(error)}.`,
    'Check the connection, then run the same command again: it goes on where it stopped.',
    error,
  );
}

function ofStatus(error: HubApiError, id: string): ParlanceError {
  const { statusCode } = error;
  // What is not there and what is private have the same answer for who is not known.
  if (statusCode === 401 || statusCode === 404) {
    return new InputError(
      `The Hugging Face hub has no model ${id}, or not for everybody.`,
      `Check its name. If it is private or asks to agree to terms, ${BY_HAND}`,
      error,
    );
  }
  if (statusCode === 403) return gated(id, error);
  const wait = statusCode === 429 ? 'It had too many requests.' : 'It has a problem of its own.';
  return new ResourceError(
    `The Hugging Face hub answered with status ${statusCode} for ${id}.`,
    `${wait} Run the same command again later: it goes on where it stopped.`,
    error,
  );
}

/** Those of the network stand in the cause of fetch's own. */
function isOfFile(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}

/** fetch says only that it failed; why stands in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (cause === undefined) return error.message;
  return `${error.message} (${systemErrorCode(cause) ?? (cause instanceof Error ? cause.message : String(cause))})`;
}
