/**
 * Trains a byte-level BPE tokenizer: count the words of the texts, then again and again make the most frequent pair
 * of adjacent tokens a new token. Counts of pairs are kept up to date (only the words that hold the merged pair are
 * touched) and the most frequent one comes from a heap, so that the result is that of counting afresh each time
 * but takes seconds.
 *
 * Deterministic: of equally frequent pairs the one with the smaller left id, then the smaller right id, goes first;
 * the order of the texts does not matter (unless rare words had to be forgotten, see word-counts.ts). A pair seen
 * only once makes no token, so that little text gives a smaller vocabulary than asked for.
 */

import { InputError } from '../common/errors.ts';
import { letSignalsIn, throwIfStopped } from '../common/interruption.ts';
import { PairCounts } from './pair-counts.ts';
import { Tokenizer } from './tokenizer.ts';
import { WordCounts } from './word-counts.ts';

/** The special token and the bytes. */
const SMALLEST_VOCABULARY = 257;
const LARGEST_VOCABULARY = 1 << 20;
const END_OF_TEXT_ID = 0;
/** How long to compute before other events, such as a stop, get their turn. */
const TURN_MS = 20;

export type TrainTokenizerProgress =
  /** Reading; how much there is in all is not known. */
  | { readonly phase: 'counting'; readonly characters: number; readonly distinctWords: number }
  | { readonly phase: 'merging'; readonly vocabularySize: number; readonly wanted: number };

export interface TrainTokenizerOptions {
  /** Tokens in all, the special one and the 256 bytes included: at least 257. Little text may give fewer. */
  readonly vocabularySize: number;
  readonly signal?: AbortSignal;
  /** Called a few dozen times a second. */
  readonly onProgress?: (progress: TrainTokenizerProgress) => void;
}

/**
 * Trains a tokenizer on texts; never give it held-out text.
 * @throws InputError for an impossible vocabulary size, InterruptedError when the signal is aborted.
 */
export async function trainTokenizer(
  texts: AsyncIterable<string> | Iterable<string>,
  options: TrainTokenizerOptions,
): Promise<Tokenizer> {
  checkVocabularySize(options.vocabularySize);
  const words = await countWords(texts, options);
  return learnMerges(words, options);
}

function checkVocabularySize(size: number): void {
  if (Number.isInteger(size) && size >= SMALLEST_VOCABULARY && size <= LARGEST_VOCABULARY) return;
  throw new InputError(
    `A vocabulary of ${size} tokens is not possible.`,
    `Ask for a whole number from ${SMALLEST_VOCABULARY} to ${LARGEST_VOCABULARY}; 4096 suits small models.`,
  );
}

async function countWords(
  texts: AsyncIterable<string> | Iterable<string>,
  options: TrainTokenizerOptions,
): Promise<WordCounts> {
  const words = new WordCounts();
  const turns = new Turns(options.signal);
  let characters = 0;
  for await (const text of texts) {
    words.add(text);
    characters += text.length;
    if (await turns.yieldIfDue()) {
      options.onProgress?.({ phase: 'counting', characters, distinctWords: words.size });
    }
  }
  return words;
}

async function learnMerges(words: WordCounts, options: TrainTokenizerOptions): Promise<Tokenizer> {
  const tokens = [new Uint8Array(0), ...Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte))];
  const pairs = new PairCounts(words, (byte) => byte + 1);
  const merges: number[] = [];
  const turns = new Turns(options.signal);
  while (tokens.length < options.vocabularySize) {
    const pair = pairs.takeMostFrequent();
    if (pair === undefined) break;
    const merged = tokens.length;
    pairs.merge(pair, merged);
    merges.push(pair.left, pair.right, merged);
    tokens.push(Uint8Array.of(...tokens[pair.left], ...tokens[pair.right]));
    if (await turns.yieldIfDue()) {
      options.onProgress?.({
        phase: 'merging',
        vocabularySize: tokens.length,
        wanted: options.vocabularySize,
      });
    }
  }
  return new Tokenizer({ tokens, endOfText: END_OF_TEXT_ID, merges: Uint32Array.from(merges) });
}

/** Lets other events run every few milliseconds and stops when asked to. */
class Turns {
  readonly #signal: AbortSignal | undefined;
  #last = performance.now();

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
    throwIfStopped(signal);
  }

  async yieldIfDue(): Promise<boolean> {
    if (performance.now() - this.#last < TURN_MS) return false;
    await letSignalsIn(this.#signal);
    this.#last = performance.now();
    return true;
  }
}
