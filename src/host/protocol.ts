/**
 * The JSON-RPC that a host speaks over a local socket, and the schemas of what goes over it. A peer first shows the
 * secret that only this user can read; whoever says anything else first is cut off.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import {
  createMessageConnection,
  type MessageConnection,
  SocketMessageReader,
  SocketMessageWriter,
} from 'vscode-jsonrpc/node.js';
import * as z from 'zod';
import { InputError, ParlanceError } from '../common/errors.ts';
import { type LoggedEvent, loggedEventSchema, runStateSchema } from '../experiments/runs/events.ts';
import type { HostCommand } from './hosts.ts';

const hostStatusSchema = z.object({ state: runStateSchema, message: z.string(), pid: z.number() });
export type HostStatus = z.infer<typeof hostStatusSchema>;

const nothing = z.strictObject({});
const secretSchema = z.strictObject({ secret: z.string() });

/** Requests by name: what is asked with, and what is answered. */
const requests = {
  status: { parameters: nothing, result: hostStatusSchema },
  pause: { parameters: nothing, result: nothing },
  resume: { parameters: nothing, result: nothing },
  'stop-and-keep-best': { parameters: nothing, result: nothing },
  cancel: { parameters: nothing, result: nothing },
  'events since': { parameters: z.object({ sequence: z.number() }), result: z.array(loggedEventSchema) },
};
type Requests = typeof requests;
type RequestName = keyof Requests;
type Parameters<N extends RequestName> = z.infer<Requests[N]['parameters']>;
type Result<N extends RequestName> = z.infer<Requests[N]['result']>;
export type Handlers = { readonly [N in RequestName]: (parameters: Parameters<N>) => Result<N> };

const AUTHENTICATE = 'authenticate';
const EVENTS = 'events';
const AUTHENTICATION_MS = 5_000;
const SECRET_BYTES = 32;

/** Where a host listens and what opens it; lies in the run's folder, readable by this user alone. */
export const addressSchema = z.object({ socket: z.string(), secret: z.string(), pid: z.number() });
export type Address = z.infer<typeof addressSchema>;

export class HostServer {
  readonly address: Address;
  readonly #server: Server;
  readonly #peers = new Set<MessageConnection>();

  private constructor(server: Server, address: Address) {
    this.#server = server;
    this.address = address;
  }

  static async listen(handlers: Handlers): Promise<HostServer> {
    const secret = randomBytes(SECRET_BYTES).toString('hex');
    const address = { socket: await socketPath(), secret, pid: process.pid };
    const server = createServer();
    const host = new HostServer(server, address);
    server.on('connection', (socket) => host.#accept(socket, handlers));
    await new Promise<void>((done, fail) => {
      server.once('error', fail);
      server.listen(address.socket, done);
    });
    if (process.platform !== 'win32') await chmod(address.socket, 0o600);
    return host;
  }

  /** Tells all who have shown the secret. */
  tell(events: readonly LoggedEvent[]): void {
    for (const peer of this.#peers) void peer.sendNotification(EVENTS, events).catch(() => undefined);
  }

  async close(): Promise<void> {
    for (const peer of this.#peers) peer.dispose();
    this.#server.close();
    await removeSocket(this.address.socket);
  }

  #accept(socket: Socket, handlers: Handlers): void {
    socket.on('error', () => socket.destroy());
    const connection = connectionOver(socket);
    const deadline = setTimeout(() => socket.destroy(), AUTHENTICATION_MS);
    let isKnown = false;
    connection.onRequest((method: string, parameters: unknown) => {
      if (isKnown) return answer(handlers, method, parameters);
      if (method !== AUTHENTICATE || !isSecret(parameters, this.address.secret)) {
        socket.destroy();
        return undefined;
      }
      isKnown = true;
      clearTimeout(deadline);
      this.#peers.add(connection);
      return {};
    });
    connection.onNotification(() => {
      if (!isKnown) socket.destroy();
    });
    socket.on('close', () => {
      clearTimeout(deadline);
      this.#peers.delete(connection);
      connection.dispose();
    });
    connection.listen();
  }
}

/** A peer of a living host. */
export class HostClient {
  readonly #socket: Socket;
  readonly #connection: MessageConnection;

  private constructor(socket: Socket, connection: MessageConnection) {
    this.#socket = socket;
    this.#connection = connection;
  }

  /** Throws ParlanceError when nobody listens or the secret is not accepted. */
  static async connect({ socket: path, secret }: Address, onClose: () => void): Promise<HostClient> {
    const socket = connect(path);
    const closed = new Promise<never>((_, fail) => {
      const lost = (cause?: unknown) =>
        fail(new ParlanceError('The background process does not answer.', 'Try again in a moment.', cause));
      socket.once('error', lost);
      socket.once('close', () => lost());
    });
    closed.catch(() => undefined);
    socket.once('close', onClose);
    await Promise.race([new Promise<void>((done) => socket.once('connect', () => done())), closed]);
    const connection = connectionOver(socket);
    const client = new HostClient(socket, connection);
    connection.listen();
    await Promise.race([connection.sendRequest(AUTHENTICATE, { secret }), closed]);
    return client;
  }

  status(): Promise<HostStatus> {
    return this.#ask('status', {}, requests.status.result);
  }

  async command(command: HostCommand): Promise<void> {
    await this.#ask(command, {}, nothing);
  }

  eventsSince(sequence: number): Promise<readonly LoggedEvent[]> {
    return this.#ask('events since', { sequence }, requests['events since'].result);
  }

  /** Messages of another shape are passed over: the log on disk has everything. */
  onEvents(listener: (events: readonly LoggedEvent[]) => void): void {
    this.#connection.onNotification(EVENTS, (events: unknown) => {
      const parsed = z.array(loggedEventSchema).safeParse(events);
      if (parsed.success) listener(parsed.data);
    });
  }

  async #ask<T>(name: RequestName, parameters: unknown, result: z.ZodType<T>): Promise<T> {
    const lost = new Promise<never>((_, fail) => {
      this.#socket.once('close', () =>
        fail(new ParlanceError('The background process ended.', 'Resume the run.')),
      );
    });
    return result.parse(await Promise.race([this.#connection.sendRequest(name, parameters), lost]));
  }

  dispose(): void {
    this.#connection.dispose();
    this.#socket.destroy();
  }
}

function answer(handlers: Handlers, method: string, parameters: unknown): unknown {
  switch (method) {
    case 'events since':
      return handlers[method](requests[method].parameters.parse(parameters));
    case 'status':
    case 'pause':
    case 'resume':
    case 'stop-and-keep-best':
    case 'cancel':
      return handlers[method](requests[method].parameters.parse(parameters));
    default:
      throw new InputError(`There is no request "${method}".`, 'Update Parlance.');
  }
}

function isSecret(given: unknown, secret: string): boolean {
  const parsed = secretSchema.safeParse(given);
  if (!parsed.success) return false;
  const [one, other] = [Buffer.from(parsed.data.secret), Buffer.from(secret)];
  return one.length === other.length && timingSafeEqual(one, other);
}

function connectionOver(socket: Socket): MessageConnection {
  const connection = createMessageConnection(
    new SocketMessageReader(socket),
    new SocketMessageWriter(socket),
  );
  connection.onError(() => socket.destroy());
  return connection;
}

const SOCKET_FOLDER = 'parlance-host-';
/** What the system allows for the path of a socket, less what is added below. */
const LONGEST_FOLDER = 70;

async function socketPath(): Promise<string> {
  if (process.platform === 'win32') return `\\\\.\\pipe\\parlance-${randomBytes(16).toString('hex')}`;
  const parent = tmpdir().length > LONGEST_FOLDER ? '/tmp' : tmpdir();
  // mkdtemp makes a folder that only this user can enter.
  return join(await mkdtemp(join(parent, SOCKET_FOLDER)), 's');
}

/** Removes a socket with its folder, also one that a killed host left. */
export async function removeSocket(path: string): Promise<void> {
  const folder = dirname(path);
  if (process.platform === 'win32' || !basename(folder).startsWith(SOCKET_FOLDER)) return;
  await rm(folder, { recursive: true, force: true });
}
