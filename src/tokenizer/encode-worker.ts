/** The worker thread of pool.ts: gets what encoding needs when it starts, then answers each batch of texts in order. */
import { parentPort, workerData } from 'node:worker_threads';
import type { EncodedBatch } from './encoder.ts';
import { type Encoding, encoderFor } from './encoding.ts';

export interface EncodeRequest {
  readonly texts: readonly string[];
}
export type EncodeReply = EncodedBatch;

const encoding: Encoding = workerData;
const encoder = (await encoderFor(encoding))();

// Batches sent before this line wait in the port.
parentPort?.on('message', ({ texts }: EncodeRequest) => {
  const reply: EncodeReply = encoder.encodeBatch(texts);
  parentPort?.postMessage(reply, [reply.ids.buffer, reply.lengths.buffer]);
});
