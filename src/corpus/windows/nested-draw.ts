/**
 * In-domain sets of a given size: windows drawn from all documents of a corpus. Every window has a rank, a hash of the
 * seed, its document's content and its number in the document; a set of n tokens is the windows of the lowest ranks, the
 * last one cut so that they are n. So a smaller set is part of a larger one, whatever other documents there are, what
 * the files are called and in which order they lie; a file that is added moves no window's rank. Another seed draws
 * other sets.
 *
 * Weighed: whole documents in a fixed order say more of each, but a small set is then the beginning of one or two files
 * and speaks for these alone. The first input of a window inside of a document is the token before it, which may belong
 * to no window of the set: it is read, never predicted.
 */
import { mix32 } from './permutation.ts';
import type { EvaluatedWindows, WindowSet } from './windows.ts';

/** A prefix of the windows of a set in the order of a seed's ranks; read in the order of the set. */
export class DrawnWindows implements EvaluatedWindows {
  readonly tokens: number;
  readonly #source: WindowSet;
  /** Ascending, so that the windows of a document follow each other. */
  readonly #windows: Uint32Array;
  readonly #cut: { readonly window: number; readonly length: number } | undefined;

  /** At most `tokens` tokens of `source`, or all of it when it has fewer. */
  constructor(source: WindowSet, { tokens, seed }: { readonly tokens: number; readonly seed: number }) {
    const order = byRank(source, seed);
    let taken = 0;
    let drawn = 0;
    while (taken < order.length && drawn < tokens) drawn += source.length(order[taken++]);
    const last = order[taken - 1];
    this.#source = source;
    this.tokens = Math.min(drawn, tokens);
    this.#cut = drawn > tokens ? { window: last, length: source.length(last) - (drawn - tokens) } : undefined;
    this.#windows = order.slice(0, taken).sort();
  }

  get count(): number {
    return this.#windows.length;
  }

  get context(): number {
    return this.#source.context;
  }

  get endOfText(): number {
    return this.#source.endOfText;
  }

  get bytes(): undefined {
    return undefined;
  }

  document(window: number): number {
    return this.#source.document(this.#numberAt(window));
  }

  length(window: number): number {
    const number = this.#numberAt(window);
    return number === this.#cut?.window ? this.#cut.length : this.#source.length(number);
  }

  read(window: number, inputs: Int32Array, targets: Int32Array, at: number): number {
    const number = this.#numberAt(window);
    if (number !== this.#cut?.window) return this.#source.read(number, inputs, targets, at);
    const { length } = this.#cut;
    const [wholeInputs, wholeTargets] = [new Int32Array(this.context), new Int32Array(this.context)];
    this.#source.read(number, wholeInputs, wholeTargets, 0);
    inputs.set(wholeInputs.subarray(0, length), at);
    targets.set(wholeTargets.subarray(0, length), at);
    return length;
  }

  #numberAt(window: number): number {
    if (!(window >= 0 && window < this.count)) throw new RangeError(`There is no window ${window}.`);
    return this.#windows[window];
  }
}

/** The numbers of all windows, the lowest rank first; of equal ranks in the order of the set. */
function byRank(source: WindowSet, seed: number): Uint32Array {
  const ranks = new Float64Array(source.count);
  let document = -1;
  let first = 0;
  for (let window = 0; window < ranks.length; window++) {
    const own = source.document(window);
    if (own !== document) [document, first] = [own, window];
    ranks[window] = rank(source.store.index.contentId(document), window - first, seed);
  }
  return Uint32Array.from(ranks.keys()).sort((a, b) => ranks[a] - ranks[b] || a - b);
}

/** 53 bits that look random: two chains of MurmurHash3's finalizer over the same words. */
function rank(contentId: Uint32Array, window: number, seed: number): number {
  let [high, low] = [0x243f6a88, 0x85a308d3];
  for (const word of [seed, window, ...contentId]) {
    high = mix32((high ^ word) + 0x9e3779b9);
    low = mix32((low ^ word) + 0x7f4a7c15);
  }
  return (high >>> 5) * 2 ** 26 + (low >>> 6);
}
