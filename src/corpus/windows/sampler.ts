/**
 * The stream of training rows: windows in a fresh random order each epoch, packed one after the other into
 * rows of exactly `context` tokens. Nothing is padded and nothing cropped: over an epoch every token is drawn
 * exactly once, a window cut at the end of a row continues in the next one.
 *
 * The price of packing: a token may attend to the window packed before its own, which is of another document
 * as a rule; the end-of-text token between them tells them apart. Evaluation does not pack (evaluation-batches).
 *
 * The position is a few numbers, part of every checkpoint: an order is made again from the seed and the epoch.
 */
import * as z from 'zod';
import { CorruptionError, InputError } from '../../common/errors.ts';
import { Random } from '../../common/random.ts';
import { Permutation } from './permutation.ts';
import type { WindowSource } from './windows.ts';

const natural = z.number().int().nonnegative();

const stateSchema = z.object({
  seed: z.number().int(),
  /** Epochs finished. */
  epoch: natural,
  /** Windows of this epoch that were drawn to their end. */
  cursor: natural,
  /** Tokens drawn of the window after these. */
  offset: natural,
  /** Tokens of this epoch that were drawn. */
  epochTokens: natural,
  /** What the stream was drawn from, to notice a restore onto something else. */
  windows: natural,
  tokens: natural,
  context: natural,
});

export type SamplerState = z.infer<typeof stateSchema>;

export class TrainingSampler {
  readonly #windows: WindowSource;
  readonly #seed: number;
  #epoch = 0;
  #cursor = 0;
  #offset = 0;
  #epochTokens = 0;
  #order: Permutation;
  /** The window at the cursor. */
  readonly #inputs: Int32Array;
  readonly #targets: Int32Array;
  #length = 0;

  /** Equal windows and seeds give equal streams. */
  constructor(windows: WindowSource, seed: number) {
    if (windows.count === 0) {
      throw new InputError(
        'There is no text to train on.',
        'Label some files as in-domain, or check that the corpus has documents in its training split.',
      );
    }
    this.#windows = windows;
    this.#seed = seed;
    this.#inputs = new Int32Array(windows.context);
    this.#targets = new Int32Array(windows.context);
    this.#order = this.#orderOfEpoch();
    this.#load();
  }

  /** Epochs finished. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Tokens drawn since the start of the stream. */
  get tokensDrawn(): number {
    return this.#epoch * this.#windows.tokens + this.#epochTokens;
  }

  /** How often each token was drawn on average: tokens drawn by distinct tokens. */
  get repetition(): number {
    return this.tokensDrawn / this.#windows.tokens;
  }

  /** Fills `rows` rows of `context` inputs and targets each, row after row. */
  next(rows: number, inputs: Int32Array, targets: Int32Array): void {
    const wanted = rows * this.#windows.context;
    if (inputs.length < wanted || targets.length < wanted) {
      throw new RangeError(`${rows} rows need ${wanted} places, not ${inputs.length} and ${targets.length}.`);
    }
    let filled = 0;
    while (filled < wanted) {
      const count = Math.min(this.#length - this.#offset, wanted - filled);
      inputs.set(this.#inputs.subarray(this.#offset, this.#offset + count), filled);
      targets.set(this.#targets.subarray(this.#offset, this.#offset + count), filled);
      filled += count;
      this.#advance(count);
    }
  }

  /** Where the stream stands; JSON-able. */
  state(): SamplerState {
    return {
      seed: this.#seed,
      epoch: this.#epoch,
      cursor: this.#cursor,
      offset: this.#offset,
      epochTokens: this.#epochTokens,
      windows: this.#windows.count,
      tokens: this.#windows.tokens,
      context: this.#windows.context,
    };
  }

  /** A sampler that continues the stream where `state` was taken; the windows must be the same. */
  static restore(windows: WindowSource, state: unknown): TrainingSampler {
    const parsed = stateSchema.safeParse(state);
    if (!parsed.success) throw mismatch('is not one', parsed.error);
    const { cursor, tokens, context } = parsed.data;
    if (parsed.data.windows !== windows.count || tokens !== windows.tokens || context !== windows.context) {
      throw mismatch(
        `was taken from ${parsed.data.windows} windows of ${tokens} tokens and context ${context}; these are ` +
          `${windows.count} windows of ${windows.tokens} tokens and context ${windows.context}`,
      );
    }
    if (cursor >= windows.count) throw mismatch(`stands at window ${cursor} of ${windows.count}`);
    const sampler = new TrainingSampler(windows, parsed.data.seed);
    sampler.#moveTo(parsed.data);
    return sampler;
  }

  #advance(count: number): void {
    this.#offset += count;
    this.#epochTokens += count;
    if (this.#offset < this.#length) return;
    this.#offset = 0;
    this.#cursor++;
    if (this.#cursor === this.#windows.count) {
      this.#cursor = 0;
      this.#epoch++;
      this.#epochTokens = 0;
      this.#order = this.#orderOfEpoch();
    }
    this.#load();
  }

  #moveTo({ epoch, cursor, offset, epochTokens }: SamplerState): void {
    this.#epoch = epoch;
    this.#cursor = cursor;
    this.#offset = offset;
    this.#epochTokens = epochTokens;
    this.#order = this.#orderOfEpoch();
    this.#load();
    if (offset >= this.#length) throw mismatch(`stands at token ${offset} of a window of ${this.#length}`);
  }

  #orderOfEpoch(): Permutation {
    return new Permutation(
      this.#windows.count,
      Random.fromSeed(this.#seed, `windows of epoch ${this.#epoch}`),
    );
  }

  #load(): void {
    this.#length = this.#windows.read(this.#order.at(this.#cursor), this.#inputs, this.#targets, 0);
  }
}

function mismatch(what: string, cause?: unknown): CorruptionError {
  return new CorruptionError(
    `The position of the training data in the checkpoint ${what}.`,
    'Remove the checkpoint and start this stage again.',
    cause,
  );
}
