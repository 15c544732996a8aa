/**
 * The queue of all runs of this user on this machine, across windows: a folder, by the machine's name, with a numbered
 * ticket for each process that computes or waits. All looks and changes happen under one lock, so that two never take the
 * same place. The ticket of a dead process counts for nothing and is swept. (A server that hands out places was weighed:
 * it would be one more process that can die.)
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism, hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { systemErrorCode } from '../common/errors.ts';
import { LifeWatch } from '../pipeline/heartbeat.ts';
import { acquireLock } from '../pipeline/lock.ts';
import { liveness, processIdentitySchema, thisProcess } from '../pipeline/owner.ts';
import { type Admission, admit, type Claim } from './admission.ts';
import { memoryFacts, usableMemory } from './machine-memory.ts';

const ticketSchema = z.object({
  owner: processIdentitySchema,
  title: z.string(),
  needBytes: z.number(),
  source: z.enum(['measured', 'predicted']),
  state: z.enum(['waiting', 'computing']),
  heldBytes: z.number(),
});
type Ticket = z.infer<typeof ticketSchema>;

const POLL_MS = 300;
const HEARTBEAT_MS = 5_000;

/** The place to compute, until `release`. */
export interface Turn {
  readonly threads: number;
  /** Tells the others how much of its memory it has taken by now. */
  holds(bytes: number): void;
  release(): void;
}

export class Queue {
  readonly #folder: string;
  readonly #parallel: number;
  /** By the number of the ticket, where a process cannot be asked whether it lives. */
  readonly #lives = new Map<number, LifeWatch>();

  constructor(folder: string, parallel: number) {
    // Machines that share a home folder share neither memory nor processors.
    this.#folder = join(folder, hostname());
    this.#parallel = parallel;
  }

  /** Waits for a place; `undefined` when the signal ends the wait. `onWaiting` is told each new reason, and what to mind. */
  async turn(claim: Claim, signal: AbortSignal, onWaiting: (why: string) => void): Promise<Turn | undefined> {
    let ticket: OwnTicket | undefined;
    let told = '';
    while (!signal.aborted) {
      const found = await this.#locked(signal, () => {
        ticket ??= new OwnTicket(this.#folder, this.#nextNumber(), claim);
        const result = this.#admit(ticket, claim);
        if (result.isAdmitted) ticket.compute();
        return result;
      });
      const words = found?.isAdmitted ? found.warning : found?.why;
      if (words !== undefined && words !== told) onWaiting(words);
      told = words ?? told;
      if (found?.isAdmitted && ticket !== undefined) return turnOf(ticket, found.threads);
      await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
    }
    ticket?.remove();
    return undefined;
  }

  async #locked<T>(signal: AbortSignal, look: () => T): Promise<T | undefined> {
    mkdirSync(this.#folder, { recursive: true });
    try {
      const lock = await acquireLock(join(this.#folder, 'lock'), { signal, onWaiting: () => undefined });
      try {
        return look();
      } finally {
        lock.release();
      }
    } catch (error) {
      if (signal.aborted) return undefined;
      throw error;
    }
  }

  #admit(own: OwnTicket, claim: Claim): Admission {
    own.keep();
    const others = this.#numbers()
      .filter((number) => number !== own.number)
      .flatMap((number) => {
        const life = this.#lives.get(number) ?? new LifeWatch();
        this.#lives.set(number, life);
        const ticket = readLiving(this.#folder, number, life);
        return ticket === undefined ? [] : [{ number, ...ticket }];
      });
    const waiting = others.filter(({ state }) => state === 'waiting');
    const computing = others.filter(({ state }) => state === 'computing');
    const heldBytes = computing.reduce((sum, one) => sum + one.heldBytes, 0);
    return admit(
      claim,
      {
        computing,
        ahead: waiting.filter(({ number }) => number < own.number),
        behind: waiting.filter(({ number }) => number > own.number),
      },
      this.#parallel,
      { ...usableMemory(memoryFacts(), heldBytes), cores: availableParallelism() },
    );
  }

  #nextNumber(): number {
    return (this.#numbers().at(-1) ?? 0) + 1;
  }

  #numbers(): number[] {
    const names = readdirSync(this.#folder).filter((name) => /^\d+\.json$/.test(name));
    return names.map((name) => Number.parseInt(name, 10)).sort((a, b) => a - b);
  }
}

/** A ticket of this process. Written again should something have swept it. */
class OwnTicket {
  readonly number: number;
  readonly #folder: string;
  readonly #timer: NodeJS.Timeout;
  #ticket: Ticket;

  constructor(folder: string, number: number, { title, needBytes, source }: Claim) {
    this.#folder = folder;
    this.number = number;
    this.#ticket = { owner: thisProcess(), title, needBytes, source, state: 'waiting', heldBytes: 0 };
    this.#write();
    this.#timer = setInterval(() => this.keep(), HEARTBEAT_MS);
    this.#timer.unref();
  }

  compute(): void {
    this.#ticket.state = 'computing';
    this.#write();
  }

  holds(bytes: number): void {
    this.#ticket.heldBytes = bytes;
  }

  keep(): void {
    try {
      this.#write();
    } catch {
      // A missed heartbeat; the process itself can be asked on most systems.
    }
  }

  remove(): void {
    clearInterval(this.#timer);
    rmSync(pathOf(this.#folder, this.number), { force: true });
  }

  #write(): void {
    const path = pathOf(this.#folder, this.number);
    writeFileSync(`${path}.tmp`, JSON.stringify(this.#ticket));
    renameSync(`${path}.tmp`, path);
  }
}

function turnOf(ticket: OwnTicket, threads: number): Turn {
  return {
    threads,
    holds: (bytes) => ticket.holds(bytes),
    release: () => ticket.remove(),
  };
}

/** The ticket of a living process; any other is swept. */
function readLiving(folder: string, number: number, watch: LifeWatch): Ticket | undefined {
  const path = pathOf(folder, number);
  try {
    const ticket = ticketSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
    const life = liveness(ticket.owner);
    const isLiving = () => watch.isLiving(statSync(path).mtimeMs);
    if (life === 'alive' || (life === 'unknown' && isLiving())) return ticket;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    if (!(error instanceof SyntaxError || error instanceof z.ZodError)) throw error;
  }
  rmSync(path, { force: true });
  return undefined;
}

const pathOf = (folder: string, number: number): string => join(folder, `${number}.json`);
