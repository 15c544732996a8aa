/**
 * What of a long text the model sees. A window that moved with each token would change every position, so that nothing of
 * the cache could be kept; this one moves by half of the context at a time. Whatever is predicted therefore comes after
 * at least half a context, or after all there is.
 */

/** The first of `length` tokens that is seen when the next one is predicted; 0 while all fit in the context. */
export function firstVisible(length: number, context: number): number {
  if (length <= context) return 0;
  const stride = Math.max(1, Math.floor(context / 2));
  return Math.ceil((length - context) / stride) * stride;
}

/** How many of a prompt's `tokens` are out of sight when a text goes on after them; what begins a text stands before them. */
export function droppedOf(tokens: number, context: number): number {
  return Math.max(0, firstVisible(tokens + 1, context) - 1);
}
