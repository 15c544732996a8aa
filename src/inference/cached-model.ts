/**
 * A model in ONNX Runtime that computes each token of a text once: keys and values of the tokens before are kept, in
 * buffers that the graph reads where they are, and that may be longer than the text.
 *
 * GroupQueryAttention could write into them too. But ONNX Runtime's binding for Node.js makes a new array for each output,
 * in Electron with a copy of all that it holds; so the graph gives the new rows only, in one output, and they are put into
 * the buffers here (docs/decisions/generation.md has what that saves).
 */
import { type InferenceSession, Tensor as OrtTensor, InferenceSession as Session } from 'onnxruntime-node';
import { ResourceError } from '../common/errors.ts';
import { throwIfStopped } from '../common/interruption.ts';
import { blockOf, type ModelSize } from '../common/model-size.ts';
import type { HostTensor } from '../engines/engine.ts';
import { bytesOf, encodeModel, type OnnxConstant } from '../engines/onnxruntime/onnx.ts';
import { floats } from '../engines/onnxruntime/tensors.ts';
import { inferenceFlopsPerToken, parameterCount } from '../models/size.ts';
import { allCaches, cachedHeadSize, llamaOnnxGraph, NEW_ROWS } from './llama-onnx.ts';

/** Waking a second thread takes longer than a step of smaller ones. */
const LEAST_PARAMETERS_PER_THREAD = 1e6;
/** A request is cancelled between two parts of a prompt: this much is a fraction of a second. */
const PART_FLOPS = 2e10;
const [LEAST_PART, LARGEST_PART] = [64, 256];
/**
 * Larger constants are handed over beside the graph: with them its message would be longer than the 2 GB that ONNX Runtime
 * takes, and one copy more of all weights would be made.
 */
const LEAST_BYTES_APART = 1024;
/** Rows of the buffers: ONNX Runtime looks at all of them in each step, so they are not much longer than needed. */
const [FIRST_CAPACITY, GROWTH] = [128, 1.25];

export class CachedModel {
  readonly size: ModelSize;
  /** How many tokens of a text are computed in one pass. */
  readonly part: number;
  readonly #session: InferenceSession;

  private constructor(size: ModelSize, session: InferenceSession) {
    this.size = size;
    this.#session = session;
    const fitting = Math.floor(PART_FLOPS / inferenceFlopsPerToken(size));
    this.part = Math.min(Math.max(fitting, LEAST_PART), LARGEST_PART);
  }

  /**
   * Loads a model on the processor, on as many of `threads` as it keeps busy.
   * @throws ResourceError when ONNX Runtime refuses.
   */
  static async load(
    size: ModelSize,
    weights: Readonly<Record<string, HostTensor>>,
    threads: number,
  ): Promise<CachedModel> {
    const useful = Math.ceil(parameterCount(size) / LEAST_PARAMETERS_PER_THREAD);
    const graph = llamaOnnxGraph(size, weights, 'new');
    try {
      const session = await Session.create(encodeModel(graph, isApart), {
        intraOpNumThreads: Math.min(threads, useful),
        interOpNumThreads: 1,
        enableMemPattern: false,
        logSeverityLevel: 4,
        executionProviders: ['cpu'],
        externalData: graph.constants
          .filter(isApart)
          .map((constant) => ({ path: constant.name, data: bytesOf(constant) })),
      });
      return new CachedModel(size, session);
    } catch (error) {
      throw refused('loaded', 'Check that there is enough free memory, or use a smaller model.', error);
    }
  }

  /** A text of no tokens yet. */
  newText(): CachedText {
    return new CachedText(this, (feeds) => this.#run(feeds));
  }

  async dispose(): Promise<void> {
    await this.#session.release();
  }

  async #run(feeds: Tensors): Promise<Results> {
    try {
      const { logits, [NEW_ROWS]: rows } = await this.#session.run(feeds);
      return { logits: floats(logits), rows: floats(rows) };
    } catch (error) {
      throw refused('computed', 'Check that there is enough free memory; a shorter text needs less.', error);
    }
  }
}

const isApart = ({ data }: OnnxConstant): boolean => data.byteLength >= LEAST_BYTES_APART;

function refused(what: 'loaded' | 'computed', hint: string, error: unknown): ResourceError {
  const why = error instanceof Error ? error.message : error;
  return new ResourceError(`The model could not be ${what}: ${why}`, hint, error);
}

type Tensors = Record<string, OrtTensor>;
type Run = (feeds: Tensors) => Promise<Results>;

interface Results {
  readonly logits: Float32Array;
  /** The new keys and values of all layers. */
  readonly rows: Float32Array;
}

/** A text as the model has it: its tokens up to here, with their keys and values. At most a context long. */
export class CachedText {
  readonly #size: ModelSize;
  readonly #part: number;
  readonly #run: Run;
  readonly #ids: number[] = [];
  readonly #feeds: Tensors = {};
  /** Of each layer keys, then values: [key-value heads, capacity, head size]. */
  #caches: Float32Array[];
  #capacity = 0;
  #mask = new BigInt64Array(0);

  constructor({ size, part }: Pick<CachedModel, 'size' | 'part'>, run: Run) {
    this.#size = size;
    this.#part = part;
    this.#run = run;
    this.#caches = allCaches(size.layers).map(() => new Float32Array(0));
  }

  /**
   * The logits after each of the last `kept` tokens of `ids` [kept, vocabulary]. What `ids`
   * begin with in common with the last call is not computed again, but for those `kept`.
   * @throws RangeError without tokens, or with more than a context; InterruptedError when the signal is aborted.
   */
  async logits(ids: readonly number[], kept: number, signal?: AbortSignal): Promise<Float32Array> {
    if (ids.length === 0 || kept > ids.length) throw new RangeError(`${kept} of ${ids.length} tokens.`);
    if (ids.length > this.#size.context) throw new RangeError(`${ids.length} tokens are beyond the context.`);
    this.#ids.length = Math.min(commonLength(this.#ids, ids), ids.length - kept);
    this.#reserve(ids.length);
    while (ids.length - this.#ids.length > this.#part + kept) {
      throwIfStopped(signal);
      await this.#extend(ids.slice(this.#ids.length, this.#ids.length + this.#part), 1);
    }
    throwIfStopped(signal);
    return this.#extend(ids.slice(this.#ids.length), kept);
  }

  async #extend(ids: readonly number[], kept: number): Promise<Float32Array> {
    const total = this.#ids.length + ids.length;
    const numbers = (values: BigInt64Array, shape: readonly number[]) =>
      new OrtTensor('int64', values, shape);
    this.#feeds.input_ids = numbers(BigInt64Array.from(ids, BigInt), [1, ids.length]);
    this.#feeds.attention_mask = numbers(this.#mask.subarray(0, total), [1, total]);
    this.#feeds.num_logits_to_keep = numbers(BigInt64Array.of(BigInt(kept)), []);
    const { logits, rows } = await this.#run(this.#feeds);
    this.#keep(rows, ids.length);
    for (const id of ids) this.#ids.push(id);
    return logits;
  }

  /** Puts keys and values of so many new tokens behind those that are there. */
  #keep(rows: Float32Array, count: number): void {
    const headSize = cachedHeadSize(this.#size);
    const [ofHead, ofNew] = [this.#capacity * headSize, count * headSize];
    let from = 0;
    for (const cache of this.#caches) {
      for (let at = this.#ids.length * headSize; at < cache.length; at += ofHead) {
        cache.set(rows.subarray(from, from + ofNew), at);
        from += ofNew;
      }
    }
  }

  /** Makes the buffers long enough, with what they hold. */
  #reserve(length: number): void {
    if (length <= this.#capacity) return;
    const { context, layers } = this.#size;
    const grown = Math.ceil(this.#capacity * GROWTH);
    const capacity = Math.min(context, Math.max(length, grown, FIRST_CAPACITY));
    const heads = blockOf(this.#size).keyValueHeads;
    const headSize = cachedHeadSize(this.#size);
    this.#caches = this.#caches.map((before) => {
      const cache = new Float32Array(heads * capacity * headSize);
      const ofHead = this.#capacity * headSize;
      for (let head = 0; head < heads; head++) {
        cache.set(before.subarray(head * ofHead, (head + 1) * ofHead), head * capacity * headSize);
      }
      return cache;
    });
    for (const [i, { past }] of allCaches(layers).entries()) {
      this.#feeds[past] = new OrtTensor('float32', this.#caches[i], [1, heads, capacity, headSize]);
    }
    this.#capacity = capacity;
    this.#mask = new BigInt64Array(capacity).fill(1n);
  }
}

function commonLength(a: readonly number[], b: readonly number[]): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length++;
  return length;
}
