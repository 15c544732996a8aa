/**
 * A model behind the part of OpenAI's interface that continues texts: `/v1/completions` and `/v1/models`. On Node's own
 * HTTP server; for programs of this machine alone (access.ts), one request computed at a time (turns.ts).
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { InputError, systemErrorCode } from '../common/errors.ts';
import { checkAccess, isLoopback } from './access.ts';
import { ApiError, apiErrorOf } from './api-error.ts';
import { parseCompletionRequest } from './completion-request.ts';
import { answerCompletion, type ServedModel, sendJson } from './completions.ts';
import { Turns } from './turns.ts';

export const MOST_BODY_BYTES = 1_000_000;
export const MOST_WAITING = 16;
/** Before a model's name: the path of its entry. */
const CARDS = '/v1/models/';

export interface ServerAddress {
  /** A loopback address or name. */
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
}

export interface RunningServer {
  /** What clients take as their base URL. */
  readonly url: string;
  /** Ends what is computed and all connections. */
  close(): Promise<void>;
}

/** Without a `token` every program of this machine may ask. Throws InputError when it cannot listen at the address. */
export async function serveModel(
  served: ServedModel,
  { host, port }: ServerAddress,
  token: string | undefined,
): Promise<RunningServer> {
  if (!isLoopback(host)) throw notLoopback(host);
  const door = new Door(served, token);
  const server = createServer((request, response) => void door.answer(request, response));
  await listen(server, { host, port });
  const address = server.address();
  const actual = typeof address === 'object' && address !== null ? address.port : port;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actual}/v1`,
    close: async () => {
      const closed = new Promise((done) => server.close(done));
      door.close();
      server.closeAllConnections();
      await Promise.all([closed, door.idle()]);
    },
  };
}

class Door {
  readonly #served: ServedModel;
  readonly #token: string | undefined;
  readonly #turns = new Turns(MOST_WAITING);
  readonly #open = new Set<AbortController>();
  readonly #started = Math.floor(Date.now() / 1000);

  constructor(served: ServedModel, token: string | undefined) {
    this.#served = served;
    this.#token = token;
  }

  /** Never throws: every failure is an answer, unless nobody is there to read it. */
  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const leaving = new AbortController();
    this.#open.add(leaving);
    response.once('close', () => leaving.abort());
    try {
      await this.#route(request, response, leaving.signal);
    } catch (error) {
      if (!leaving.signal.aborted) refuse(response, apiErrorOf(error));
    } finally {
      this.#open.delete(leaving);
    }
  }

  close(): void {
    for (const leaving of this.#open) leaving.abort();
  }

  idle(): Promise<void> {
    return this.#turns.idle();
  }

  async #route(request: IncomingMessage, response: ServerResponse, signal: AbortSignal): Promise<void> {
    checkAccess(request, this.#token);
    const [path] = (request.url ?? '').split('?');
    const { name } = this.#served;
    const named = path.startsWith(CARDS) ? decoded(path.slice(CARDS.length)) : undefined;
    if (path === '/v1/models') {
      checkMethod(request, 'GET');
      sendJson(response, { object: 'list', data: [this.#card()] });
    } else if (named === name) {
      checkMethod(request, 'GET');
      sendJson(response, this.#card());
    } else if (path === '/v1/completions') {
      checkMethod(request, 'POST');
      const asked = parseCompletionRequest(await bodyOf(request), name);
      await this.#turns.take(signal, () => answerCompletion(this.#served, asked, response, signal));
    } else {
      throw new ApiError(`There is nothing at ${path}.`, 'There are /v1/completions and /v1/models.', {
        status: 404,
        code: 'not_found',
      });
    }
  }

  #card() {
    return { id: this.#served.name, object: 'model', created: this.#started, owned_by: 'parlance' };
  }
}

/** Clients differ in which signs of a name they write as they are. `undefined` for what no client writes. */
function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}

/** In the middle of a stream the status is sent already: then the error is its last event. */
function refuse(response: ServerResponse, { status, headers, body }: ApiError): void {
  if (response.headersSent) {
    response.end(`data: ${JSON.stringify(body)}\n\n`);
    return;
  }
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  sendJson(response, body, status);
}

function checkMethod({ method, url }: IncomingMessage, allowed: 'GET' | 'POST'): void {
  if (method === allowed) return;
  throw new ApiError(`${method} is not for ${url}.`, `Use ${allowed}.`, {
    status: 405,
    headers: { allow: allowed },
  });
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  if (Number(request.headers['content-length'] ?? 0) > MOST_BODY_BYTES) throw tooLong();
  // Left early, the connection stays: the refusal is still to be read.
  const arriving: AsyncIterable<Buffer> = request.iterator({ destroyOnReturn: false });
  for await (const piece of arriving) {
    bytes += piece.length;
    if (bytes > MOST_BODY_BYTES) throw tooLong();
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString();
}

function tooLong(): ApiError {
  return new ApiError(
    `The body of the request is longer than ${MOST_BODY_BYTES} bytes.`,
    'A model reads no more than its context; send the end of the text.',
    { status: 413, code: 'body_too_long' },
  );
}

async function listen(server: Server, { host, port }: ServerAddress): Promise<void> {
  await new Promise<void>((done, fail) => {
    server.once('error', (error) => fail(notListening(error, host, port)));
    server.listen({ host, port }, () => done());
  });
}

function notListening(error: Error, host: string, port: number): InputError {
  const taken = systemErrorCode(error) === 'EADDRINUSE';
  const why = taken ? 'another program has it' : error.message;
  return new InputError(
    `Port ${port} of ${host} cannot be used: ${why}.`,
    'Add --port with another number, or --port 0 for any that is free.',
    error,
  );
}

function notLoopback(host: string): InputError {
  return new InputError(
    `${host} can be reached from other machines; a model is served to programs of this machine alone.`,
    'Use --host with 127.0.0.1, localhost or ::1; for another machine, forward the port with ssh.',
  );
}
