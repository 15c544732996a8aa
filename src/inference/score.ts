/**
 * How much each token of a text surprises a model. A text longer than the context is read in windows that overlap
 * (visible.ts): each token is predicted from all before it while they fit, else from at least half a context.
 */
import { throwIfStopped } from '../common/interruption.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import type { CachedText } from './cached-model.ts';
import { Expectation } from './expectation.ts';
import type { ScoredToken, TextScore } from './language-model.ts';
import { Places } from './places.ts';
import { firstVisible } from './visible.ts';

export interface Scored {
  readonly cached: Pick<CachedText, 'logits'>;
  readonly tokenizer: Tokenizer;
  readonly context: number;
  readonly vocabulary: number;
  /** How many tokens are computed in one pass. */
  readonly part: number;
}

/** So many logits are held at once. */
const MOST_LOGITS = 2 ** 22;

/** @throws InterruptedError between two passes when the signal is aborted. */
export async function score(
  { cached, tokenizer, context, vocabulary, part }: Scored,
  text: string,
  { alternatives, signal }: { readonly alternatives: number; readonly signal?: AbortSignal },
): Promise<TextScore> {
  const ids = [tokenizer.beginOfText, ...tokenizer.encode(text)];
  const most = Math.max(1, Math.min(part, Math.floor(MOST_LOGITS / vocabulary)));
  const places = new Places(text, tokenizer);
  const tokens: ScoredToken[] = [];
  // `from` is the first token that is predicted: by all from `first` up to it.
  for (let from = 1, to = from; from < ids.length; from = to) {
    throwIfStopped(signal);
    const first = firstVisible(from, context);
    to = Math.min(from + most, first + context + 1, ids.length);
    const logits = await cached.logits(ids.slice(first, to - 1), to - from, signal);
    for (let at = from; at < to; at++) {
      const own = logits.subarray((at - from) * vocabulary, (at - from + 1) * vocabulary);
      const expected = new Expectation(own, tokenizer, alternatives);
      tokens.push({
        ...expected.of(ids[at]),
        ...places.next(ids[at]),
        alternatives: expected.alternatives,
      });
    }
  }
  return { tokens, bytes: new TextEncoder().encode(text).length };
}
