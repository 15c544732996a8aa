/** What a document store's readers say when a file of it is missing. */
import { CorruptionError, systemErrorCode } from '../../common/errors.ts';

/** Any other error is returned as it is. */
export function explainMissing(error: unknown, path: string): unknown {
  if (systemErrorCode(error) !== 'ENOENT') return error;
  return new CorruptionError(
    `${path} is missing: the document store is not complete.`,
    'Index the corpus again.',
    error,
  );
}
