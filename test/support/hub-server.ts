/**
 * A hub of the test's own on loopback: the answers of the Hugging Face hub that `@huggingface/hub` asks for, to a model of
 * given files. Hashes are worked out here, apart from the program.
 */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

export const HUB_MODEL = 'tiny/llama';
const COMMIT = 'c0ffee00'.repeat(5);

export interface Asked {
  readonly path: string;
  readonly range: string | undefined;
}

export interface HubServer {
  readonly url: string;
  /** All requests so far. */
  readonly asked: Asked[];
  readonly files: Map<string, Buffer>;
  /** Answers in place of the usual ones, while it is set; true when it did. */
  instead: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined;
  /** What the model's page tells besides its commit. */
  info: Record<string, unknown>;
  /** Requests for the content of a file, without those that ask for its size alone. */
  contentOf(path: string): readonly Asked[];
  close(): Promise<void>;
}

export async function hubServer(
  t: TestContext,
  contents: Readonly<Record<string, string | Buffer>>,
): Promise<HubServer> {
  const files = new Map(Object.entries(contents).map(([path, content]) => [path, Buffer.from(content)]));
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '', 'http://hub').pathname;
    asked.push({ path, range: request.headers.range });
    if (hub.instead?.(request, response)) return;
    answer(hub, path, request, response);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const hub: HubServer = {
    url: `http://127.0.0.1:${port}`,
    asked,
    files,
    instead: undefined,
    info: { cardData: { license: 'apache-2.0' }, gated: false },
    contentOf: (name) =>
      asked.filter(({ path, range }) => path === resolvePath(name) && range !== 'bytes=0-0'),
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
  t.after(() => hub.close());
  return hub;
}

export const resolvePath = (name: string): string => `/${HUB_MODEL}/resolve/${COMMIT}/${name}`;

function answer(hub: HubServer, path: string, request: IncomingMessage, response: ServerResponse): void {
  if (path === `/api/models/${HUB_MODEL}/revision/HEAD`) {
    const info = { _id: '1', id: HUB_MODEL, sha: COMMIT, lastModified: '2026-01-01T00:00:00Z', ...hub.info };
    json(response, 200, info);
    return;
  }
  if (path === `/api/models/${HUB_MODEL}/tree/${COMMIT}`) {
    json(
      response,
      200,
      [...hub.files].map(([name, content]) => entryOf(name, content)),
    );
    return;
  }
  const content = [...hub.files].find(([name]) => path === resolvePath(name))?.[1];
  // Who is not known gets this also for what is not there.
  if (content === undefined) json(response, 401, { error: 'Invalid username or password.' });
  else sendPart(response, content, request.headers.range);
}

function sendPart(response: ServerResponse, content: Buffer, asked: string | undefined): void {
  const range = asked?.match(/^bytes=(\d+)-(\d*)$/);
  const [from, to] = [Number(range?.[1] ?? 0), Number(range?.[2] || content.length - 1)];
  const headers = { ETag: '"any"', 'Content-Length': to + 1 - from };
  if (range)
    response.writeHead(206, { ...headers, 'Content-Range': `bytes ${from}-${to}/${content.length}` });
  else response.writeHead(200, headers);
  response.end(content.subarray(from, to + 1));
}

/** Weights lie in the store of large files, where SHA-256 is kept; the rest in Git. */
function entryOf(path: string, content: Buffer): object {
  const git = createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
  const entry = { type: 'file', path, size: content.length, oid: git };
  if (!/\.(safetensors|onnx)$/.test(path)) return entry;
  const sha256 = createHash('sha256').update(content).digest('hex');
  return { ...entry, lfs: { oid: sha256, size: content.length, pointerSize: 130 } };
}

function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));
}

const CONFIGURATION = {
  model_type: 'llama',
  vocab_size: 16,
  hidden_size: 8,
  intermediate_size: 16,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  max_position_embeddings: 32,
};

/** Files of a Llama model, with weights of so many bytes. */
export function llamaFiles(weightBytes: number, changes: object = {}): Record<string, string | Buffer> {
  return {
    'config.json': JSON.stringify({ ...CONFIGURATION, ...changes }),
    'generation_config.json': '{"eos_token_id": 0}',
    'tokenizer.json': '{"version": "1.0"}',
    'tokenizer_config.json': '{}',
    'model.safetensors': Buffer.from(Uint8Array.from({ length: weightBytes }, (_, i) => (i * 31) ^ (i >> 8))),
    'README.md': 'A model.',
    'pytorch_model.bin': 'is not fetched',
  };
}
