/** What a model expects at one place of a text, in words and log-probabilities. */
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import type { Alternative } from './language-model.ts';
import { likeliestIds, logSumExp } from './sampling.ts';

/** From the logits of one position, which are not kept. */
export class Expectation {
  /** The likeliest first. */
  readonly alternatives: readonly Alternative[];
  readonly #logits: Float32Array;
  readonly #tokenizer: Tokenizer;
  readonly #normalizer: number;

  constructor(logits: Float32Array, tokenizer: Tokenizer, alternatives: number) {
    this.#logits = logits;
    this.#tokenizer = tokenizer;
    this.#normalizer = logSumExp(logits);
    const known = logits.subarray(0, tokenizer.vocabularySize);
    this.alternatives = alternatives === 0 ? [] : likeliestIds(known, alternatives).map((id) => this.of(id));
  }

  /** A token by itself: bytes of a character that it does not complete are shown as U+FFFD. */
  of(id: number): Alternative {
    const text = this.#tokenizer.decode([id]);
    return { id, text, logProbability: this.#logits[id] - this.#normalizer };
  }
}
