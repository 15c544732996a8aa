/** Whether a file has vanished, for processes that must end with it. */
import { statSync } from 'node:fs';
import { systemErrorCode } from '../common/errors.ts';

/**
 * Looks again at each call: true when the file was not there twice in a row. A drive that cannot be asked for a moment, or
 * shows no files before it is connected again, tells nothing.
 */
export function vanishing(path: string): () => boolean {
  let missed = 0;
  return () => {
    missed = isThere(path) ? 0 : missed + 1;
    return missed >= 2;
  };
}

function isThere(path: string): boolean {
  try {
    statSync(path);
    return true;
  } catch (error) {
    return systemErrorCode(error) !== 'ENOENT';
  }
}
