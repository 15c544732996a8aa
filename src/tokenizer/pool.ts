/**
 * Encodes a large corpus on several threads. Batches go to worker threads as strings and come back as one array of
 * ids whose memory is handed over, not copied. A small corpus is encoded in this thread: until a few million
 * characters have gone by, starting workers would cost more than it saves.
 *
 * Each worker has at most two batches (the one that it encodes and the next), so that at most `2 * threads` batches
 * are held at any time, whatever the size of the corpus. Batches of about a million characters keep the cost of
 * handing over small; a batch is not divided further.
 */
import { Worker } from 'node:worker_threads';
import { ResourceError } from '../common/errors.ts';
import { interrupted, throwIfStopped } from '../common/interruption.ts';
import type { EncodeReply, EncodeRequest } from './encode-worker.ts';
import type { EncodedBatch } from './encoder.ts';
import type { Encoding } from './encoding.ts';
import type { Tokenizer } from './tokenizer.ts';

/** About what one thread encodes while a worker starts; the library is slower, and its vocabularies take longer to set up. */
const CHARACTERS_BEFORE_WORKERS = { own: 8_000_000, library: 1_000_000 };
const BATCHES_PER_WORKER = 2;

export interface EncodeDocumentsOptions {
  /** Worker threads for a large corpus; with 1 everything is encoded in this thread. */
  readonly threads: number;
  readonly signal?: AbortSignal;
}

/**
 * The ids of each document, batch by batch in the order given; one result a batch.
 * @throws InterruptedError when the signal is aborted, ResourceError when a worker ends before its work is done.
 */
export async function* encodeDocuments(
  batches: AsyncIterable<readonly string[]> | Iterable<readonly string[]>,
  tokenizer: Tokenizer,
  options: EncodeDocumentsOptions,
): AsyncGenerator<Uint32Array[], void, void> {
  const { threads, signal } = options;
  let characters = 0;
  let workers: WorkerPool | undefined;
  const pending: Promise<EncodedBatch>[] = [];
  try {
    for await (const texts of batches) {
      throwIfStopped(signal);
      if (threads < 2 || characters < CHARACTERS_BEFORE_WORKERS[tokenizer.encoding.kind]) {
        for (const text of texts) characters += text.length;
        yield split(tokenizer.encodeBatch(texts));
        continue;
      }
      workers ??= new WorkerPool(tokenizer.encoding, threads, signal);
      const oldest = pending.length === threads * BATCHES_PER_WORKER ? pending.shift() : undefined;
      if (oldest) yield split(await oldest);
      pending.push(workers.encode(texts));
    }
    for (let oldest = pending.shift(); oldest; oldest = pending.shift()) yield split(await oldest);
    throwIfStopped(signal);
  } finally {
    await workers?.close();
  }
}

/** One view for each text, on shared memory. */
function split({ ids, lengths }: EncodedBatch): Uint32Array[] {
  let end = 0;
  return Array.from(lengths, (length) => {
    end += length;
    return ids.subarray(end - length, end);
  });
}

interface Job {
  readonly resolve: (batch: EncodedBatch) => void;
  readonly reject: (error: unknown) => void;
}

interface PoolMember {
  readonly worker: Worker;
  /** Sent and not yet answered; a worker answers in order. */
  readonly jobs: Job[];
}

class WorkerPool {
  readonly #members: readonly PoolMember[];
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = () => this.#fail(interrupted());
  #failure: unknown;

  constructor(encoding: Encoding, threads: number, signal: AbortSignal | undefined) {
    this.#members = Array.from({ length: threads }, () => this.#start(encoding));
    this.#signal = signal;
    signal?.addEventListener('abort', this.#onAbort);
  }

  encode(texts: readonly string[]): Promise<EncodedBatch> {
    const promise = new Promise<EncodedBatch>((resolve, reject) => {
      if (this.#failure !== undefined) {
        reject(this.#failure);
        return;
      }
      const member = this.#members.reduce((least, other) =>
        other.jobs.length < least.jobs.length ? other : least,
      );
      member.jobs.push({ resolve, reject });
      const request: EncodeRequest = { texts };
      member.worker.postMessage(request);
    });
    // A later batch may fail before its turn to be awaited comes.
    promise.catch(() => {});
    return promise;
  }

  async close(): Promise<void> {
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#failure ??= interrupted();
    await Promise.all(this.#members.map(({ worker }) => worker.terminate()));
  }

  #start(encoding: Encoding): PoolMember {
    const member: PoolMember = { worker: startEncodeWorker(encoding), jobs: [] };
    member.worker.on('message', (reply: EncodeReply) => member.jobs.shift()?.resolve(reply));
    member.worker.on('error', (error) => this.#fail(workerEnded(error)));
    member.worker.on('exit', () => this.#fail(workerEnded()));
    return member;
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    for (const { jobs } of this.#members) for (const job of jobs.splice(0)) job.reject(this.#failure);
  }
}

function workerEnded(cause?: unknown): ResourceError {
  return new ResourceError(
    'A worker thread that encodes text ended before its work was done.',
    'Run it again with fewer threads; each needs some memory.',
    cause,
  );
}

/** Starts `encode-worker`: its source under tsx when this file runs from source, else the bundle beside this one. */
function startEncodeWorker(encoding: Encoding): Worker {
  if (!import.meta.url.endsWith('.ts')) {
    return new Worker(new URL('./encode-worker.mjs', import.meta.url), { workerData: encoding });
  }
  // On Node.js 20 `--import tsx` does nothing in a worker; tsx has to be registered from within.
  const [tsx, source] = [
    import.meta.resolve('tsx/esm/api'),
    new URL('./encode-worker.ts', import.meta.url).href,
  ];
  const program = `import(${JSON.stringify(tsx)}).then((tsx) => { tsx.register(); return import(${JSON.stringify(source)}); })`;
  return new Worker(program, { eval: true, workerData: encoding });
}
