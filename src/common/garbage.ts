/**
 * Gives memory back between the parts of a long computation. V8 keeps garbage while the heap may still grow: what
 * preparing text had left would stay beside the training that follows.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * For a process that computes and shows nothing: it needs no short pauses, and beside ONNX Runtime's external memory V8
 * would mark a small heap again and again (`node --trace-gc` shows it).
 */
export function collectInOnePause(): void {
  setFlagsFromString('--no-incremental-marking');
}

/** Collecting less than this is not worth the time. */
const WORTHWHILE_BYTES = 64 * 2 ** 20;

/** Collects all garbage now, some 10 milliseconds, when this process holds enough for that to give memory back. */
export function collectGarbage(): void {
  const { heapUsed, external } = process.memoryUsage();
  if (heapUsed + external < WORTHWHILE_BYTES) return;
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') collect();
}
