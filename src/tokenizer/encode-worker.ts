/** The worker thread of pool.ts: gets the merge rules when it starts, then answers each batch of texts in order. */
import { parentPort, workerData } from 'node:worker_threads';
import { type EncodedBatch, Encoder } from './encoder.ts';
import type { MergeRules } from './merges.ts';

export interface EncodeRequest {
  readonly texts: readonly string[];
}
export type EncodeReply = EncodedBatch;

const rules: MergeRules = workerData;
const encoder = new Encoder(rules);

parentPort?.on('message', ({ texts }: EncodeRequest) => {
  const reply: EncodeReply = encoder.encodeBatch(texts);
  parentPort?.postMessage(reply, [reply.ids.buffer, reply.lengths.buffer]);
});
