/**
 * Windows of texts that are in memory, cut as those of a token store are (windows.ts): what is measured on them compares
 * with what is measured on a corpus.
 */
import type { EvaluatedWindows } from './windows.ts';

export interface EncodedText {
  /** Without an end of text. */
  readonly ids: Uint32Array;
  /** UTF-8. */
  readonly bytes: number;
}

interface Edges {
  readonly context: number;
  /** What a model reads before the first token of a text, and what it is to predict after the last. */
  readonly beginOfText: number;
  readonly endOfText: number;
}

export class TextWindows implements EvaluatedWindows {
  readonly context: number;
  readonly endOfText: number;
  readonly tokens: number;
  readonly bytes: number;
  readonly #texts: readonly EncodedText[];
  readonly #beginOfText: number;
  /** For each window its text, and the first token of that text which it predicts. */
  readonly #places: readonly { readonly text: number; readonly from: number }[];

  constructor(texts: readonly EncodedText[], { context, beginOfText, endOfText }: Edges) {
    this.#texts = texts;
    this.context = context;
    this.endOfText = endOfText;
    this.#beginOfText = beginOfText;
    this.tokens = texts.reduce((sum, { ids }) => sum + ids.length + 1, 0);
    this.bytes = texts.reduce((sum, { bytes }) => sum + bytes, 0);
    this.#places = texts.flatMap(({ ids }, text) =>
      Array.from({ length: windowsOf(ids.length, context) }, (_, i) => ({ text, from: i * context })),
    );
  }

  get count(): number {
    return this.#places.length;
  }

  /** The how-manieth text a window is of. */
  document(window: number): number {
    return this.#place(window).text;
  }

  length(window: number): number {
    const { text, from } = this.#place(window);
    return Math.min(this.context, this.#texts[text].ids.length + 1 - from);
  }

  read(window: number, inputs: Int32Array, targets: Int32Array, at: number): number {
    const { text, from } = this.#place(window);
    const { ids } = this.#texts[text];
    const length = this.length(window);
    for (let i = 0; i < length; i++) {
      const token = from + i;
      inputs[at + i] = token === 0 ? this.#beginOfText : ids[token - 1];
      targets[at + i] = token === ids.length ? this.endOfText : ids[token];
    }
    return length;
  }

  #place(window: number): { readonly text: number; readonly from: number } {
    const place = this.#places[window];
    if (place === undefined) throw new RangeError(`There is no window ${window}.`);
    return place;
  }
}

/** How many windows a text of so many tokens is cut into; its end of text is one more token. */
export function windowsOf(tokens: number, context: number): number {
  return Math.ceil((tokens + 1) / context);
}
