/**
 * Windows made of other windows: some of a source (one cluster's, or a selection with repeats), and several sources
 * one after the other (domain windows among generic ones). Both refer to their source and hold no text, so
 * that a selection costs four bytes a window.
 */
import type { WindowSource } from './windows.ts';

/** The windows of `source` with these numbers, in this order; a number may occur more than once. */
export class SubsetWindows implements WindowSource {
  readonly tokens: number;
  readonly #source: WindowSource;
  readonly #windows: Uint32Array;

  /** Throws a RangeError for a number that is no window of the source. */
  constructor(source: WindowSource, windows: Uint32Array) {
    this.#source = source;
    this.#windows = windows;
    let tokens = 0;
    for (const window of windows) tokens += source.length(window);
    this.tokens = tokens;
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

  length(window: number): number {
    return this.#source.length(this.#numberAt(window));
  }

  read(window: number, inputs: Int32Array, targets: Int32Array, at: number): number {
    return this.#source.read(this.#numberAt(window), inputs, targets, at);
  }

  #numberAt(window: number): number {
    if (!(window >= 0 && window < this.count)) throw new RangeError(`There is no window ${window}.`);
    return this.#windows[window];
  }
}

/** The windows of all sources, one source after the other; they must have one context and tokenizer. */
export class JoinedWindows implements WindowSource {
  readonly count: number;
  readonly tokens: number;
  readonly context: number;
  readonly endOfText: number;
  readonly #sources: readonly WindowSource[];
  /** The number of each source's first window. */
  readonly #starts: readonly number[];

  constructor(sources: readonly WindowSource[]) {
    if (sources.length === 0) throw new RangeError('Windows of no source cannot be joined.');
    const [{ context, endOfText }] = sources;
    for (const source of sources) {
      if (source.context !== context || source.endOfText !== endOfText) {
        throw new RangeError(
          `Windows of context ${source.context} and end of text ${source.endOfText} cannot be joined to ` +
            `windows of context ${context} and end of text ${endOfText}.`,
        );
      }
    }
    this.context = context;
    this.endOfText = endOfText;
    this.#sources = sources;
    const starts: number[] = [];
    let [count, tokens] = [0, 0];
    for (const source of sources) {
      starts.push(count);
      count += source.count;
      tokens += source.tokens;
    }
    this.#starts = starts;
    this.count = count;
    this.tokens = tokens;
  }

  length(window: number): number {
    const { source, own } = this.#find(window);
    return source.length(own);
  }

  read(window: number, inputs: Int32Array, targets: Int32Array, at: number): number {
    const { source, own } = this.#find(window);
    return source.read(own, inputs, targets, at);
  }

  /** The source of a window and the window's number in it; the last of equal starts is the one not empty. */
  #find(window: number): { source: WindowSource; own: number } {
    if (!(window >= 0 && window < this.count)) throw new RangeError(`There is no window ${window}.`);
    const at = this.#starts.findLastIndex((start) => start <= window);
    return { source: this.#sources[at], own: window - this.#starts[at] };
  }
}
