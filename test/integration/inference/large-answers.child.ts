/** A program that stands for the model process: whatever it is asked, its answer is a megabyte long. */
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node.js';
import { methods } from '../../../src/inference/process/protocol.ts';

const connection = createMessageConnection(
  new StreamMessageReader(process.stdin),
  new StreamMessageWriter(process.stdout),
);
const token = { id: 0, text: 'a'.repeat(1e6), logProbability: -1, start: 0, end: 1, alternatives: [] };
connection.onRequest(methods.score, () => ({ tokens: [token], bytes: 1 }));
process.stdin.on('end', () => process.exit(0));
connection.listen();
