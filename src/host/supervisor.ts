/**
 * Starts, finds and steers the background processes. Holds no state that matters: a second supervisor, in the next
 * window, sees and steers the same runs through their folders and sockets.
 */
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { InputError, ParlanceError, systemErrorCode } from '../common/errors.ts';
import type { RunView } from '../experiments/runs/run-view.ts';
import { resumeRun } from '../experiments/runs/run-writer.ts';
import { eventsPath, newRunId, readRun, runFolder, runOwner } from '../experiments/runs/runs.ts';
import type { LockOwner } from '../pipeline/lock.ts';
import { isHere, liveness } from '../pipeline/owner.ts';
import { readAddress } from './address.ts';
import { EventReader } from './event-reader.ts';
import type { HostCommand, HostRequest, Hosts, LogListener, Subscription } from './hosts.ts';
import { type HostReply, type HostStart, hostReplySchema } from './ipc-messages.ts';
import { HostClient } from './protocol.ts';
import { RunsWatcher } from './runs-watcher.ts';

export interface SupervisorOptions {
  /** Path of dist/host.mjs. */
  readonly program: string;
  /** Where all runs of this user on this machine queue. */
  readonly queueFolder: string;
  /** How many runs compute at once; asked for at each start. */
  readonly parallel: () => number;
}

const LOG = 'host.log';
const FOLLOW_MS = 250;
/** A host that has not answered by then is ended. */
const ANSWER_MS = 3_000;
/** How long a killed process may take to be gone. */
const GONE_MS = 5_000;

export class Supervisor implements Hosts {
  readonly #options: SupervisorOptions;
  readonly #watchers = new Map<string, RunsWatcher>();
  readonly #following = new Set<AbortController>();

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  async start({ storage, ...request }: HostRequest): Promise<string> {
    const run = newRunId(new Date());
    const folder = runFolder(storage, run);
    mkdirSync(folder, { recursive: true });
    try {
      await this.#spawn({
        ...this.#start(storage, run),
        request: { ...request, methods: [...request.methods] },
      });
      return run;
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  async command(storage: string, run: string, command: HostCommand): Promise<void> {
    const owner = runOwner(storage, run);
    if (owner === undefined) await this.#commandDead(storage, run, command);
    else if (!isHere(owner)) await askElsewhere(storage, run, owner, command);
    else if (command === 'cancel') await cancel(storage, run, owner);
    else await ask(storage, run, owner, command);
  }

  watch(storage: string, listener: (runs: readonly RunView[]) => void): Subscription {
    const watcher = this.#watchers.get(storage) ?? new RunsWatcher(storage);
    this.#watchers.set(storage, watcher);
    const subscription = watcher.add(listener);
    return {
      dispose: () => {
        subscription.dispose();
        if (watcher.hasListeners || this.#watchers.get(storage) !== watcher) return;
        watcher.dispose();
        this.#watchers.delete(storage);
      },
    };
  }

  follow(storage: string, run: string, listener: LogListener): Subscription {
    const ending = new AbortController();
    this.#following.add(ending);
    void followLog(new EventReader(eventsPath(storage, run)), ending.signal, listener);
    return {
      dispose: () => {
        ending.abort();
        this.#following.delete(ending);
      },
    };
  }

  lastLines(storage: string, run: string, count: number): Promise<readonly string[]> {
    return lastLinesOf(join(runFolder(storage, run), LOG), count);
  }

  dispose(): void {
    for (const watcher of this.#watchers.values()) watcher.dispose();
    for (const ending of this.#following) ending.abort();
    this.#watchers.clear();
    this.#following.clear();
  }

  async #commandDead(storage: string, run: string, command: HostCommand): Promise<void> {
    const { state } = await readRun(storage, run);
    if (state === 'cancelled') {
      throw new InputError(
        `The run ${run} was cancelled.`,
        'Run its method again; what was computed is used again.',
      );
    }
    if (command === 'pause')
      throw new InputError(`The run ${run} is not being computed.`, 'There is nothing to pause.');
    if (command === 'cancel') {
      (await resumeRun(storage, run, 'stopping')).finish('cancelled', 'Cancelled.');
    } else {
      await this.#spawn({ ...this.#start(storage, run), keepBest: command === 'stop-and-keep-best' });
    }
  }

  #start(storage: string, run: string): HostStart {
    const { queueFolder, parallel } = this.#options;
    return { storage, run, queueFolder, parallel: Math.max(1, Math.floor(parallel())), keepBest: false };
  }

  /** Starts a process that outlives this one; resolves when it holds the run. */
  async #spawn(start: HostStart): Promise<void> {
    const log = join(runFolder(start.storage, start.run), LOG);
    const output = openSync(log, 'a', 0o600);
    try {
      const child = spawn(process.execPath, [this.#options.program, 'host', JSON.stringify(start)], {
        // A folder that nobody removes or unmounts while it runs.
        cwd: tmpdir(),
        detached: true,
        windowsHide: true,
        env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
        stdio: ['ignore', output, output, 'ipc'],
      });
      const answer = await new Promise<HostReply | string>((done) => {
        child.once('message', (message) => {
          const { success, data } = hostReplySchema.safeParse(message);
          done(success ? data : 'It gave an answer that this version does not know.');
        });
        child.once('error', (error) => done(error.message));
        child.once('exit', (code, signal) => done(`It ended at once (${signal ?? `exit status ${code}`}).`));
      });
      if (child.connected) child.disconnect();
      child.unref();
      await requireStarted(answer, log);
    } finally {
      closeSync(output);
    }
  }
}

async function requireStarted(answer: HostReply | string, log: string): Promise<void> {
  if (typeof answer === 'string') {
    const lines = await lastLinesOf(log, 5);
    throw new ParlanceError(
      `The background process could not be started. ${answer}`,
      lines.length > 0 ? `Its last lines: ${lines.join(' | ')}` : 'Start it again.',
    );
  }
  if (answer.type === 'refused') throw new InputError(answer.message, answer.hint);
}

/** Its number is another process's here, so that it can be asked, when its socket is reached, but not be killed. */
async function askElsewhere(...asked: Parameters<typeof ask>): Promise<void> {
  const [, run, { host, pid }] = asked;
  await ask(...asked).catch((cause: unknown) => {
    throw new InputError(
      `The run ${run} is carried out on ${host} (process ${pid}), which cannot be asked from here.`,
      'Steer it there. Once it has ended it can be resumed here.',
      cause,
    );
  });
}

async function ask(storage: string, run: string, owner: LockOwner, command: HostCommand): Promise<void> {
  const address = await readAddress(storage, run);
  if (address?.pid !== owner.pid) {
    throw new InputError(
      `The run ${run} is executed by the command line (process ${owner.pid}).`,
      'Stop it there, with Ctrl-C; it can be resumed here afterwards.',
    );
  }
  const client = await HostClient.connect(address, () => undefined);
  try {
    await client.command(command);
  } finally {
    client.dispose();
  }
}

/** Asks, and ends a host of this machine that does not answer. */
async function cancel(storage: string, run: string, owner: LockOwner): Promise<void> {
  const tooLong = sleep(ANSWER_MS).then(() => 'silent' as const);
  const asked = ask(storage, run, owner, 'cancel').then(() => 'asked' as const);
  const outcome = await Promise.race([asked, tooLong]).catch((error: unknown) => {
    if (error instanceof InputError) throw error;
    return 'silent' as const;
  });
  if (outcome === 'asked') return;
  if (liveness(owner) !== 'dead') kill(owner.pid);
  for (let waitedMs = 0; runOwner(storage, run) !== undefined && waitedMs < GONE_MS; waitedMs += 100) {
    await sleep(100);
  }
  (await resumeRun(storage, run, 'stopping')).finish('cancelled', 'Cancelled; its process did not answer.');
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (systemErrorCode(error) !== 'ESRCH') throw error;
  }
}

async function followLog(reader: EventReader, signal: AbortSignal, listener: LogListener): Promise<void> {
  const tell: LogListener = (events, isAll) => {
    if (!signal.aborted) listener(events, isAll);
  };
  for (let isNew = true; !signal.aborted; isNew = false) {
    try {
      await reader.read((events) => {
        isNew = true;
        tell(events, false);
      });
    } catch {
      // A damaged line: `watch` says so; what follows it cannot be trusted.
      return tell([], true);
    }
    if (isNew) tell([], true);
    await sleep(FOLLOW_MS, undefined, { signal, ref: false }).catch(() => undefined);
  }
}

const TAIL_BYTES = 64 * 1024;

async function lastLinesOf(path: string, count: number): Promise<readonly string[]> {
  try {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      const from = Math.max(0, size - TAIL_BYTES);
      const { buffer, bytesRead } = await file.read(Buffer.alloc(TAIL_BYTES), 0, TAIL_BYTES, from);
      const lines = buffer.subarray(0, bytesRead).toString('utf8').split(/\r?\n/);
      return lines.filter((line) => line !== '').slice(-count);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return [];
    throw error;
  }
}
