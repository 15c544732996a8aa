/**
 * Batches for measuring a loss: every window is a row of its own, in fixed order, padded to the context
 * length; the weight of a target is 1 when it is real and 0 in the padding.
 *
 * Weighed: packing several windows into a row wastes nothing but lets tokens attend to another document's,
 * which changes the perplexity that is measured. Rows stay `context` wide because the graph has fixed shapes.
 */
import { type EvaluatedWindows, spreadDocuments, WindowSet } from './windows.ts';

export interface EvaluationBatch {
  /** `rows * context` token ids each; 0 in the padding. */
  readonly inputs: Int32Array;
  readonly targets: Int32Array;
  readonly weights: Float32Array;
  /** Targets of weight 1. */
  readonly tokens: number;
}

export class EvaluationBatches implements Iterable<EvaluationBatch> {
  /** The windows that are evaluated: all, or those of the documents picked for `maximumTokens`. */
  readonly windows: EvaluatedWindows;
  readonly rows: number;

  /**
   * `maximumTokens` limits the work, for validation during training: whole documents evenly spread over
   * the set, the same ones each time.
   */
  constructor(windows: WindowSet, rows: number, maximumTokens: number);
  constructor(windows: EvaluatedWindows, rows: number);
  constructor(windows: EvaluatedWindows, rows: number, maximumTokens?: number) {
    if (!Number.isInteger(rows) || rows < 1) throw new RangeError(`A batch cannot have ${rows} rows.`);
    this.rows = rows;
    if (maximumTokens !== undefined && windows instanceof WindowSet) {
      const selection = spreadDocuments(windows.store, windows.selection, maximumTokens);
      this.windows = new WindowSet(windows.store, selection, windows.context);
    } else {
      this.windows = windows;
    }
  }

  /** Number of batches. */
  get count(): number {
    return Math.ceil(this.windows.count / this.rows);
  }

  /** Targets of weight 1 in all batches together; each document's closing end-of-text is one of them. */
  get tokens(): number {
    return this.windows.tokens;
  }

  /** UTF-8 bytes of the text that is evaluated, for bits per byte; `undefined` when a document is cut. */
  get bytes(): number | undefined {
    return this.windows.bytes;
  }

  *[Symbol.iterator](): Generator<EvaluationBatch> {
    for (let first = 0; first < this.windows.count; first += this.rows) yield this.#batch(first);
  }

  #batch(first: number): EvaluationBatch {
    const { context } = this.windows;
    const size = this.rows * context;
    const inputs = new Int32Array(size);
    const targets = new Int32Array(size);
    const weights = new Float32Array(size);
    const rows = Math.min(this.rows, this.windows.count - first);
    let tokens = 0;
    for (let row = 0; row < rows; row++) {
      const length = this.windows.read(first + row, inputs, targets, row * context);
      weights.fill(1, row * context, row * context + length);
      tokens += length;
    }
    return { inputs, targets, weights, tokens };
  }
}
