/**
 * Windows: the unit of training and evaluation. A window predicts at most one context length of tokens of
 * one document; windows do not overlap, so every token, the closing end-of-text included, is predicted
 * exactly once. The first input of a document is the token that the tokenizer sets before a text, most often the
 * end-of-text token, which also stands before it in a stream of documents; the first input of a later window is the last token of the window before it.
 *
 * Weighed: windows across documents would need no index but let text of one split or label be seen from
 * another. The index here is 16 bytes a document and none a window; a window is found by binary search.
 */
import type { Split } from '../documents/report.ts';
import { SPLITS } from '../tokens/token-index.ts';
import type { TokenStore } from '../tokens/token-store.ts';

/** Documents of a store and how many of the first tokens of each are predicted. */
export interface DocumentSelection {
  readonly documents: Uint32Array;
  readonly lengths: Uint32Array;
  readonly tokens: number;
  /** UTF-8 bytes of the text, `undefined` when the last document is cut: its tokens end inside of the text. */
  readonly bytes: number | undefined;
}

/** Windows of up to `context` tokens that can be read by number; what samplers and batches are made from. */
export interface WindowSource {
  readonly count: number;
  readonly context: number;
  /** Tokens predicted in all windows together. */
  readonly tokens: number;
  readonly endOfText: number;
  /** Tokens predicted in a window; throws a RangeError when there is no such window. */
  length(window: number): number;
  /** Writes the inputs and targets of a window from position `at` on and returns its length in tokens. */
  read(window: number, inputs: Int32Array, targets: Int32Array, at: number): number;
}

/**
 * The documents of a split in the order of their content ids, which depends neither on the names nor on the order of
 * the files.
 */
export function selectDocuments(
  store: TokenStore,
  split: Split,
  { excluding }: { readonly excluding?: ReadonlySet<number> } = {},
): DocumentSelection {
  const { index } = store;
  const code = SPLITS.indexOf(split);
  const documents = index.byContentId.filter((d) => index.splits[d] === code && !excluding?.has(d));
  return {
    documents,
    lengths: documents.map((d) => index.lengths[d]),
    tokens: sum(documents, (d) => index.lengths[d]),
    bytes: sum(documents, (d) => index.textBytes[d]),
  };
}

/** One long document would speak for all: so many stand in a spread, if there are, each cut to its share. */
const LEAST_SPREAD = 8;

/**
 * Documents, evenly spread over a selection, of at most `maximumTokens` tokens together (one document at least, when
 * there is one); of long ones the beginning. The same selection and maximum give the same documents.
 */
export function spreadDocuments(
  store: TokenStore,
  selection: DocumentSelection,
  maximumTokens: number,
): DocumentSelection {
  if (selection.tokens <= maximumTokens) return selection;
  const all = selection.documents.length;
  const longest = Math.max(1, Math.floor(maximumTokens / Math.min(LEAST_SPREAD, all)));
  const cut = selection.lengths.map((length) => Math.min(length, longest));
  let wanted = Math.max(1, Math.min(all, Math.floor((all * maximumTokens) / sum(cut, (length) => length))));
  for (;;) {
    const picked = Uint32Array.from({ length: wanted }, (_, i) => Math.floor(((i + 0.5) * all) / wanted));
    const lengths = picked.map((i) => cut[i]);
    const tokens = sum(lengths, (length) => length);
    if (tokens <= maximumTokens || wanted === 1) {
      const documents = picked.map((i) => selection.documents[i]);
      const whole = documents.every((d, i) => store.index.lengths[d] === lengths[i]);
      const bytes = whole ? sum(documents, (d) => store.index.textBytes[d]) : undefined;
      return { documents, lengths, tokens, bytes };
    }
    wanted = Math.max(1, Math.min(wanted - 1, Math.floor((wanted * maximumTokens) / tokens)));
  }
}

/** Windows that are evaluated each by itself, those of a document one after the other. */
export interface EvaluatedWindows extends WindowSource {
  /** UTF-8 bytes of the text, `undefined` when it begins or ends inside of a document. */
  readonly bytes: number | undefined;
  /** The document (its index in the store) that a window is part of. */
  document(window: number): number;
}

/** The windows of the selected documents, in the order of the selection. */
export class WindowSet implements EvaluatedWindows {
  readonly store: TokenStore;
  readonly selection: DocumentSelection;
  readonly context: number;
  readonly count: number;
  /** The number of each document's first window, and as last entry the number of windows. */
  readonly #starts: Float64Array;

  constructor(store: TokenStore, selection: DocumentSelection, context: number) {
    if (!Number.isInteger(context) || context < 1) throw new RangeError(`Context ${context} is no length.`);
    this.store = store;
    this.selection = selection;
    this.context = context;
    const starts = new Float64Array(selection.documents.length + 1);
    for (let i = 0; i < selection.lengths.length; i++) {
      starts[i + 1] = starts[i] + Math.ceil(selection.lengths[i] / context);
    }
    this.#starts = starts;
    this.count = starts[selection.documents.length];
  }

  get tokens(): number {
    return this.selection.tokens;
  }

  get bytes(): number | undefined {
    return this.selection.bytes;
  }

  get endOfText(): number {
    return this.store.endOfText;
  }

  document(window: number): number {
    return this.selection.documents[this.#position(window)];
  }

  length(window: number): number {
    const position = this.#position(window);
    return this.#lengthAt(position, window);
  }

  read(window: number, inputs: Int32Array, targets: Int32Array, at: number): number {
    const position = this.#position(window);
    const length = this.#lengthAt(position, window);
    const document = this.selection.documents[position];
    const from = (window - this.#starts[position]) * this.context;
    this.store.read(document, { from, length }, targets, at);
    if (from === 0) inputs[at] = this.store.beginOfText;
    else this.store.read(document, { from: from - 1, length: 1 }, inputs, at);
    inputs.set(targets.subarray(at, at + length - 1), at + 1);
    return length;
  }

  #lengthAt(position: number, window: number): number {
    const from = (window - this.#starts[position]) * this.context;
    return Math.min(this.context, this.selection.lengths[position] - from);
  }

  /** The place in the selection of the document that a window is part of. */
  #position(window: number): number {
    if (!(window >= 0 && window < this.count)) throw new RangeError(`There is no window ${window}.`);
    let low = 0;
    let high = this.selection.documents.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (this.#starts[middle] <= window) low = middle;
      else high = middle;
    }
    return low;
  }
}

function sum(values: Uint32Array, of: (value: number) => number): number {
  let total = 0;
  for (const value of values) total += of(value);
  return total;
}
