/**
 * Gives memory back between the parts of a long computation. V8 keeps garbage while the heap may still grow: what
 * preparing text had left would stay beside the training that follows.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Collects all garbage now; takes some 10 milliseconds. */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') collect();
}
