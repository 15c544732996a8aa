/**
 * A model in ONNX Runtime that computes each token of a text once: keys and values of the tokens before are kept, in
 * buffers that the graph reads and writes in place.
 *
 * GroupQueryAttention works in place when past and present are the same memory, and that memory may be longer than the
 * text. So the same tensors are fed as inputs and given as outputs; nothing is copied but when a text outgrows them.
 */
import { type InferenceSession, Tensor as OrtTensor, InferenceSession as Session } from 'onnxruntime-node';
import { ResourceError } from '../common/errors.ts';
import { throwIfStopped } from '../common/interruption.ts';
import { blockOf, type ModelSize } from '../common/model-size.ts';
import type { HostTensor } from '../engines/engine.ts';
import { encodeModel } from '../engines/onnxruntime/onnx.ts';
import { floats } from '../engines/onnxruntime/tensors.ts';
import { inferenceFlopsPerToken, parameterCount } from '../models/size.ts';
import { cachedHeadSize, cacheNames, llamaOnnxGraph } from './llama-onnx.ts';

/** Waking a second thread takes longer than a step of smaller ones. */
const LEAST_PARAMETERS_PER_THREAD = 1e6;
/** A request is cancelled between two parts of a prompt: this much is a fraction of a second. */
const PART_FLOPS = 2e10;
const [LEAST_PART, LARGEST_PART] = [64, 256];
const FIRST_CAPACITY = 128;

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

  /** Loads a model on the processor, on as many of `threads` as it keeps busy. */
  static async load(
    size: ModelSize,
    weights: Readonly<Record<string, HostTensor>>,
    threads: number,
  ): Promise<CachedModel> {
    const useful = Math.ceil(parameterCount(size) / LEAST_PARAMETERS_PER_THREAD);
    const session = await Session.create(encodeModel(llamaOnnxGraph(size, weights)), {
      intraOpNumThreads: Math.min(threads, useful),
      interOpNumThreads: 1,
      enableMemPattern: false,
      logSeverityLevel: 4,
      executionProviders: ['cpu'],
    });
    return new CachedModel(size, session);
  }

  /** A text of no tokens yet. */
  newText(): CachedText {
    return new CachedText(this, (feeds, fetches) => this.#run(feeds, fetches));
  }

  async dispose(): Promise<void> {
    await this.#session.release();
  }

  async #run(feeds: Tensors, fetches: Tensors): Promise<void> {
    try {
      await this.#session.run(feeds, fetches);
    } catch (error) {
      throw new ResourceError(
        `The model could not be computed: ${error instanceof Error ? error.message : error}`,
        'Check that there is enough free memory; a shorter text needs less.',
        error,
      );
    }
  }
}

type Tensors = Record<string, OrtTensor>;
type Run = (feeds: Tensors, fetches: Tensors) => Promise<void>;

/** A text as the model has it: its tokens up to here, with their keys and values. At most a context long. */
export class CachedText {
  readonly #size: ModelSize;
  readonly #part: number;
  readonly #run: Run;
  readonly #ids: number[] = [];
  readonly #feeds: Tensors = {};
  readonly #fetches: Tensors = {};
  #capacity = 0;
  #mask = new BigInt64Array(0);

  constructor({ size, part }: Pick<CachedModel, 'size' | 'part'>, run: Run) {
    this.#size = size;
    this.#part = part;
    this.#run = run;
  }

  /**
   * The logits after each of the last `kept` tokens of `ids` [kept, vocabulary]; valid until the next call. What `ids`
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
    this.#feeds.input_ids = new OrtTensor('int64', BigInt64Array.from(ids, BigInt), [1, ids.length]);
    this.#feeds.attention_mask = new OrtTensor('int64', this.#mask.subarray(0, total), [1, total]);
    this.#keep(kept);
    await this.#run(this.#feeds, this.#fetches);
    for (const id of ids) this.#ids.push(id);
    return floats(this.#fetches.logits);
  }

  #keep(kept: number): void {
    if (this.#fetches.logits?.dims[1] === kept) return;
    const { vocabulary } = this.#size;
    const values = new Float32Array(kept * vocabulary);
    this.#fetches.logits = new OrtTensor('float32', values, [1, kept, vocabulary]);
    this.#feeds.num_logits_to_keep = new OrtTensor('int64', BigInt64Array.of(BigInt(kept)), []);
  }

  /** Makes the caches long enough, at least twice as long as they were. */
  #reserve(length: number): void {
    if (length <= this.#capacity) return;
    const { context, layers } = this.#size;
    const capacity = Math.min(context, Math.max(length, 2 * this.#capacity, FIRST_CAPACITY));
    for (let layer = 0; layer < layers; layer++) {
      for (const { past, present } of cacheNames(layer)) {
        const tensor = this.#cache(capacity, this.#feeds[past]);
        this.#feeds[past] = tensor;
        this.#fetches[present] = tensor;
      }
    }
    this.#capacity = capacity;
    this.#mask = new BigInt64Array(capacity).fill(1n);
  }

  /** A cache of this length that holds what the one before held. */
  #cache(capacity: number, before: OrtTensor | undefined): OrtTensor {
    const heads = blockOf(this.#size).keyValueHeads;
    const headSize = cachedHeadSize(this.#size);
    const values = new Float32Array(heads * capacity * headSize);
    for (let head = 0; before !== undefined && head < heads; head++) {
      const ofHead = this.#capacity * headSize;
      values.set(floats(before).subarray(head * ofHead, (head + 1) * ofHead), head * capacity * headSize);
    }
    return new OrtTensor('float32', values, [1, heads, capacity, headSize]);
  }
}

function commonLength(a: readonly number[], b: readonly number[]): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length++;
  return length;
}
