/** A text continued by a model, token by token. */
import { Random } from '../common/random.ts';
import type { State } from '../engines/engine.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import type { NextToken } from './next-token.ts';
import { drawToken } from './sampling.ts';

export interface CompletionRequest {
  readonly prompt: string;
  /** 0: always the likeliest token. */
  readonly temperature: number;
  readonly seed: number;
  readonly mostTokens: number;
}

/** What the model is asked with: `dropped` tokens of the text's beginning are out of its sight. */
export interface Prompt {
  readonly ids: readonly number[];
  readonly dropped: number;
}

/** As in training, a text begins after what the tokenizer sets before one. */
export function promptFor(prompt: string, tokenizer: Tokenizer, context: number): Prompt {
  const text = tokenizer.encode(prompt);
  return { ids: [tokenizer.beginOfText, ...text], dropped: Math.max(0, text.length - context) };
}

/**
 * The text of each token as it is drawn, until `mostTokens` or until the model ends the text, which is what is returned.
 * A character of several tokens comes with its last one, and not at all where that is missing. Equal requests give equal texts
 * on one engine.
 */
export async function* complete(
  model: {
    readonly next: Pick<NextToken, 'size' | 'logits'>;
    readonly state: State;
    readonly tokenizer: Tokenizer;
  },
  { prompt, temperature, seed, mostTokens }: CompletionRequest,
): AsyncGenerator<string, 'end of text' | 'most tokens'> {
  const { next, state, tokenizer } = model;
  const ids = [...promptFor(prompt, tokenizer, next.size.context).ids];
  const random = Random.fromSeed(seed, 'completion');
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  for (let drawn = 0; drawn < mostTokens; drawn++) {
    const id = drawToken(await next.logits(state, ids), temperature, random);
    if (id === tokenizer.endOfText) return 'end of text';
    ids.push(id);
    yield decoder.decode(tokenizer.tokenBytes(id), { stream: true });
  }
  return 'most tokens';
}
