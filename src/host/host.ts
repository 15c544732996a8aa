/**
 * The process that keeps a run: it waits for a turn, starts the computation as a process of its own, writes down what
 * that tells, and does what the user asks meanwhile. It never computes, so that it answers at once; a pause ends the
 * computation at a checkpoint, and with it all of its memory is free.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Experiment } from '../experiments/config/experiment.ts';
import { endOf } from '../experiments/execution/execute.ts';
import { readEvents } from '../experiments/runs/events.ts';
import type { RunWriter } from '../experiments/runs/run-writer.ts';
import { eventsPath, runFolder } from '../experiments/runs/runs.ts';
import { methodInWords } from '../methods/titles.ts';
import { readAddress, removeAddress, writeAddress } from './address.ts';
import { ComputationProcess } from './computation-process.ts';
import { memoryNeed, rememberPeak } from './memory-need.ts';
import type { ComputationEnd, ComputationOrder, HostAnswer, HostOrder } from './orders.ts';
import { HostServer, removeSocket } from './protocol.ts';
import { Queue, type Turn } from './queue.ts';
import { takeRun } from './take-run.ts';

/** How often it looks whether the run's record is still there. */
const LOOK_MS = 500;
/** Shortest distance between two messages to the peers. */
const TELL_MS = 250;
/** How long the last answer may take to reach the one who asked before the process ends. */
const LINGER_MS = 100;

export async function host(order: HostOrder, program: string): Promise<void> {
  let keeper: Keeper;
  try {
    keeper = await Keeper.begin(order, program);
  } catch (error) {
    const { message, hint } = endOf(error);
    console.error(error);
    await answer({ type: 'refused', message, hint });
    process.exit(1);
  }
  await answer({ type: 'started' });
  if (process.connected) process.disconnect();
  await keeper.keep();
  process.exit(0);
}

function answer(words: HostAnswer): Promise<void> {
  return new Promise((done) => {
    if (process.send === undefined || !process.connected) return done();
    process.send(words, undefined, undefined, () => done());
  });
}

/** `end`: the machine or the user ends this process; what is done is kept. */
type Wish = 'go on' | 'pause' | 'stop-and-keep-best' | 'cancel' | 'end';

class Keeper {
  readonly #order: HostOrder;
  readonly #program: string;
  readonly #experiment: Experiment;
  readonly #engine: string;
  readonly #run: RunWriter;
  readonly #queue: Queue;
  #server: HostServer | undefined;
  #wish: Wish;
  /** Aborted when the wish changes: ends a wait for a turn, or a pause. */
  #wishChange = new AbortController();
  #computation: ComputationProcess | undefined;
  #now: { state: Parameters<RunWriter['enter']>[0]; message: string } = { state: 'queued', message: '' };
  #logBytes = 0;
  /** Asked to go on after it had been asked to stop. */
  #isResumed = false;
  /** The run's record vanished: the process ends and touches nothing. */
  #isGone = false;

  private constructor(order: HostOrder, program: string, experiment: Experiment, run: RunWriter) {
    this.#order = order;
    this.#program = program;
    this.#experiment = experiment;
    this.#engine = run.record.engine ?? 'auto';
    this.#run = run;
    this.#queue = new Queue(order.queueFolder, order.parallel);
    this.#wish = order.keepBest ? 'stop-and-keep-best' : 'go on';
  }

  /** Writes the record, or takes it up again, and begins to listen. */
  static async begin(order: HostOrder, program: string): Promise<Keeper> {
    const { experiment, run } = await takeRun(order);
    const keeper = new Keeper(order, program, experiment, run);
    await keeper.#listen();
    return keeper;
  }

  /** Until the run has ended. */
  async keep(): Promise<void> {
    setInterval(() => this.#endWhenGone(), LOOK_MS).unref();
    const telling = setInterval(() => this.#tellPeers(), TELL_MS);
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => this.#shutDown());
    try {
      await this.#live();
    } catch (error) {
      const { state, message, hint } = endOf(error);
      console.error(error);
      this.#run.finish(state, message, hint);
    }
    clearInterval(telling);
    this.#tellPeers();
    await new Promise((done) => setTimeout(done, LINGER_MS));
    await this.#server?.close();
    await removeAddress(this.#order.storage, this.#order.run);
  }

  async #live(): Promise<void> {
    for (;;) {
      // What is asked from here on is seen by the waits below.
      this.#wishChange = new AbortController();
      if (this.#wish === 'cancel') {
        return this.#run.finish(
          'cancelled',
          'Cancelled.',
          'Run its method again; what was computed is used again.',
        );
      }
      if (this.#wish === 'end') {
        return this.#run.finish('interrupted', 'The system ended its process.', 'Resume it.');
      }
      if (this.#wish === 'stop-and-keep-best') return this.#keepBest();
      if (this.#wish === 'pause') await this.#pause();
      else if (await this.#compute()) return;
    }
  }

  async #pause(): Promise<void> {
    this.#enter('paused', 'Paused: it holds no memory and no device.');
    const { signal } = this.#wishChange;
    await new Promise<void>((done) => signal.addEventListener('abort', () => done(), { once: true }));
  }

  /** True when the run has ended; false when the user asked for something meanwhile. */
  async #compute(): Promise<boolean> {
    const turn = await this.#awaitTurn();
    if (turn === undefined) return false;
    try {
      // Asked for something else just as its turn came.
      if (this.#wish !== 'go on') return false;
      this.#enter('preparing', 'Looks at its text.');
      const end = await this.#process('compute', turn.threads, turn.holds);
      if (end === undefined) return false;
      // While it saved its checkpoint it may have been asked to go on again.
      if (end.state === 'interrupted' && (this.#wish !== 'go on' || this.#isResumed)) return false;
      const { queueFolder } = this.#order;
      if (end.peakBytes !== undefined) {
        await rememberPeak(queueFolder, this.#experiment, this.#engine, end.peakBytes);
      }
      this.#run.finish(end.state, end.message, end.hint);
      return true;
    } finally {
      turn.release();
    }
  }

  async #awaitTurn(): Promise<Turn | undefined> {
    const { queueFolder } = this.#order;
    this.#isResumed = false;
    this.#enter('queued', 'Waits for its turn.');
    const need = await memoryNeed(queueFolder, this.#experiment, this.#engine);
    const { name, methods } = this.#experiment;
    const title = `${name}: ${methods.map((id) => methodInWords(id)).join(', ')}`;
    return this.#queue.turn({ title, ...need }, this.#wishChange.signal, (why) =>
      this.#enter('queued', `${why[0].toUpperCase()}${why.slice(1)}.`),
    );
  }

  async #keepBest(): Promise<void> {
    this.#enter('stopping', 'Keeps the best weights so far and measures them.');
    const end = await this.#process('keep-best', 1, () => undefined);
    if (end === undefined) {
      return this.#run.finish(
        'cancelled',
        'Cancelled.',
        'Run its method again; what was computed is used again.',
      );
    }
    this.#run.finish(end.state, end.message, end.hint);
  }

  /** Its last words; `undefined` when it was cancelled. */
  async #process(
    task: ComputationOrder['task'],
    threads: number,
    holds: (bytes: number) => void,
  ): Promise<ComputationEnd | undefined> {
    const { storage, run } = this.#order;
    this.#computation = new ComputationProcess(
      this.#program,
      { task, storage, run, threads },
      {
        onEvent: (event) => {
          if (event.type === 'plan' && this.#now.state === 'preparing') this.#enter('running', '');
          this.#run.append(event);
        },
        onProgress: ({ fraction, secondsLeft, residentBytes }) => {
          this.#run.progress({ fraction, secondsLeft });
          holds(residentBytes);
        },
      },
    );
    const end = await this.#computation.ended;
    if (this.#isGone) return new Promise(() => undefined);
    this.#computation = undefined;
    return this.#wish === 'cancel' ? undefined : end;
  }

  #ask(wish: Wish): Record<string, never> {
    const isBound = this.#wish === 'cancel' || this.#wish === 'stop-and-keep-best' || this.#wish === 'end';
    if (this.#wish === wish || (isBound && wish !== 'cancel')) return {};
    this.#want(wish);
    if (wish === 'cancel') this.#computation?.kill();
    else if (wish === 'go on') this.#isResumed = true;
    else if (this.#computation !== undefined) {
      this.#enter(wish === 'pause' ? 'pausing' : 'stopping', 'Saves a checkpoint.');
      this.#computation.stop();
    }
    return {};
  }

  #want(wish: Wish): void {
    this.#wish = wish;
    this.#wishChange.abort();
  }

  #enter(state: Parameters<RunWriter['enter']>[0], message: string): void {
    this.#now = { state, message };
    this.#run.enter(state, message);
  }

  async #listen(): Promise<void> {
    const { storage, run } = this.#order;
    const left = await readAddress(storage, run);
    if (left !== undefined) await removeSocket(left.socket);
    this.#server = await HostServer.listen({
      status: () => ({ ...this.#now, pid: process.pid }),
      pause: () => this.#ask('pause'),
      resume: () => this.#ask('go on'),
      'stop-and-keep-best': () => this.#ask('stop-and-keep-best'),
      cancel: () => this.#ask('cancel'),
      'events since': ({ sequence }) =>
        readEvents(eventsPath(storage, run)).events.filter((one) => one.sequence >= sequence),
    });
    await writeAddress(storage, run, this.#server.address);
  }

  #tellPeers(): void {
    const { events, offset } = readEvents(eventsPath(this.#order.storage, this.#order.run), this.#logBytes);
    this.#logBytes = offset;
    if (events.length > 0) this.#server?.tell(events);
  }

  /** The machine or the user asks the process to end, whatever it was asked before: as much as is done is kept. */
  #shutDown(): void {
    if (this.#wish === 'cancel' || this.#wish === 'end') return;
    this.#want('end');
    this.#computation?.stop();
  }

  /** Nothing is written any more: that would make the folder again. */
  #endWhenGone(): void {
    if (existsSync(join(runFolder(this.#order.storage, this.#order.run), 'run.json'))) return;
    this.#isGone = true;
    const socket = this.#server?.address.socket;
    const computation = this.#computation;
    computation?.kill();
    void Promise.resolve(computation?.ended)
      .then(() => (socket === undefined ? undefined : removeSocket(socket)))
      .finally(() => process.exit(0));
  }
}
