/** A text continued by a model, token by token. */
import { throwIfStopped } from '../common/interruption.ts';
import { Random } from '../common/random.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import type { CachedText } from './cached-model.ts';
import { Expectation } from './expectation.ts';
import type { GeneratedToken, GenerationEnd, GenerationRequest } from './language-model.ts';
import { distributionOf, draw } from './sampling.ts';
import { TextStream } from './text-stream.ts';
import { droppedOf, firstVisible } from './visible.ts';

export interface Continued {
  readonly cached: Pick<CachedText, 'logits'>;
  readonly tokenizer: Tokenizer;
  /** The longest text that is seen, in tokens. */
  readonly context: number;
  /** Ids of tokens that end a text. */
  readonly ends: ReadonlySet<number>;
}

/**
 * Yields each token as it is drawn, until one ends the text (which is yielded only where it comes with text that was held
 * back), a stop text is reached or there are `mostTokens`. A text begins as the tokenizer says, and longer ones than the
 * context are seen as visible.ts says. Equal requests give equal texts, but for rounding: what the model still holds of a text
 * before is not computed anew.
 * @throws InterruptedError between two tokens when the signal is aborted.
 */
export async function* generate(
  { cached, tokenizer, context, ends }: Continued,
  request: GenerationRequest,
  signal?: AbortSignal,
): AsyncGenerator<GeneratedToken, GenerationEnd> {
  const ids = [tokenizer.beginOfText, ...tokenizer.encode(request.prompt)];
  const promptTokens = ids.length - 1;
  const end = { promptTokens, dropped: droppedOf(promptTokens, context) };
  const random = Random.fromSeed(request.seed, 'completion');
  const seen = new Set(ids.slice(1));
  const stream = new TextStream(request.stop);
  for (let drawn = 1; drawn <= request.mostTokens; drawn++) {
    const logits = await cached.logits(ids.slice(firstVisible(ids.length, context)), 1, signal);
    throwIfStopped(signal);
    // Rows of the embedding that no token has are never drawn.
    const id = draw(distributionOf(logits.subarray(0, tokenizer.vocabularySize), request, seen), random);
    const expected = new Expectation(logits, tokenizer, request.alternatives);
    const { alternatives } = expected;
    const withText = (own: string): GeneratedToken => ({ ...expected.of(id), text: own, alternatives });
    if (ends.has(id)) {
      const rest = stream.rest();
      if (rest !== '') yield withText(rest);
      return { ending: 'end of text', ...end };
    }
    const { text: own, isStopped } = stream.push(tokenizer.tokenBytes(id));
    const isLast = drawn === request.mostTokens && !isStopped;
    yield withText(isLast ? own + stream.rest() : own);
    if (isStopped) return { ending: 'stop', ...end };
    ids.push(id);
    seen.add(id);
  }
  return { ending: 'most tokens', ...end };
}
