/**
 * The process that keeps a run: it waits for a turn, starts the computation as a process of its own, writes down what
 * that tells, and does what the user asks meanwhile. It never computes, so that it answers at once; a pause ends the
 * computation at a checkpoint, and with it all of its memory is free.
 */
import { join } from 'node:path';
import { ENDING_SIGNALS } from '../common/interruption.ts';
import type { Experiment } from '../experiments/config/experiment.ts';
import { endOf } from '../experiments/execution/execute.ts';
import { readEvents } from '../experiments/runs/events.ts';
import { ENDED_BY_SYSTEM } from '../experiments/runs/run-view.ts';
import type { RunWriter } from '../experiments/runs/run-writer.ts';
import { eventsPath, runFolder } from '../experiments/runs/runs.ts';
import { methodInWords } from '../methods/titles.ts';
import { readAddress, removeAddress, writeAddress } from './address.ts';
import { ComputationProcess } from './computation-process.ts';
import type { ComputationEnd, ComputationStart, HostStart } from './ipc-messages.ts';
import { memoryNeed, rememberPeak } from './memory-need.ts';
import { HostServer, removeSocket } from './protocol.ts';
import { Queue, type Turn } from './queue.ts';
import { takeRun } from './take-run.ts';
import { vanishing } from './vanishing.ts';

/** How often it looks whether the run's record is still there. */
const LOOK_MS = 500;
/** Shortest distance between two messages to the peers. */
const NOTIFY_MS = 250;
/** How long the last answer may take to reach the one who asked before the process ends. */
const LINGER_MS = 100;
/** How long a cluster may take to give jobs back before the run is cancelled all the same. */
const TAKE_BACK_MS = 60_000;

/** `end`: the machine or the user ends this process; what is done is kept. */
type DesiredState = 'run' | 'pause' | 'stop-and-keep-best' | 'cancel' | 'end';

export class RunHost {
  readonly #start: HostStart;
  readonly #program: string;
  readonly #experiment: Experiment;
  readonly #engine: string;
  readonly #run: RunWriter;
  readonly #queue: Queue;
  #server: HostServer | undefined;
  #desired: DesiredState;
  /** Aborted when the desired state changes: ends a wait for a turn, or a pause. */
  #desiredChange = new AbortController();
  #computation: ComputationProcess | undefined;
  #now: { state: Parameters<RunWriter['enter']>[0]; message: string } = { state: 'queued', message: '' };
  #logBytes = 0;
  /** Asked to go on after it had been asked to stop. */
  #isResumed = false;
  /** The run's record vanished: the process ends and touches nothing. */
  #isGone = false;

  private constructor(start: HostStart, program: string, experiment: Experiment, run: RunWriter) {
    this.#start = start;
    this.#program = program;
    this.#experiment = experiment;
    this.#engine = run.record.engine;
    this.#run = run;
    this.#queue = new Queue(start.queueFolder, start.parallel);
    this.#desired = start.keepBest ? 'stop-and-keep-best' : 'run';
  }

  /** Writes the record, or takes it up again, and begins to listen. */
  static async begin(start: HostStart, program: string): Promise<RunHost> {
    const { experiment, run } = await takeRun(start);
    const runHost = new RunHost(start, program, experiment, run);
    await runHost.#listen();
    return runHost;
  }

  /** Until the run has ended. */
  async untilEnd(): Promise<void> {
    const hasVanished = vanishing(join(runFolder(this.#start.storage, this.#start.run), 'run.json'));
    setInterval(() => hasVanished() && this.#endGone(), LOOK_MS).unref();
    const notifying = setInterval(() => this.#notifyPeers(), NOTIFY_MS);
    for (const signal of ENDING_SIGNALS) process.on(signal, () => this.#shutDown());
    try {
      await this.#followDesired();
    } catch (error) {
      const { state, message, hint } = endOf(error);
      console.error(error);
      this.#run.finish(state, message, hint);
    }
    clearInterval(notifying);
    this.#notifyPeers();
    await new Promise((done) => setTimeout(done, LINGER_MS));
    await this.#server?.close();
    await removeAddress(this.#start.storage, this.#start.run);
  }

  async #followDesired(): Promise<void> {
    for (;;) {
      // What is asked from here on is seen by the waits below.
      this.#desiredChange = new AbortController();
      if (this.#desired === 'cancel') return this.#finishCancelled();
      if (this.#desired === 'end') {
        return this.#run.finish('interrupted', ENDED_BY_SYSTEM, 'Resume it.');
      }
      if (this.#desired === 'stop-and-keep-best') return this.#keepBest();
      if (this.#desired === 'pause') await this.#pause();
      else if (await this.#compute()) return;
    }
  }

  async #pause(): Promise<void> {
    this.#enter('paused', 'Paused: it holds no memory and no device.');
    const { signal } = this.#desiredChange;
    await new Promise<void>((done) => signal.addEventListener('abort', () => done(), { once: true }));
  }

  /** True when the run has ended; false when the user asked for something meanwhile. */
  async #compute(): Promise<boolean> {
    const turn = await this.#awaitTurn();
    if (turn === undefined) return false;
    try {
      // Asked for something else just as its turn came.
      if (this.#desired !== 'run') return false;
      this.#enter('preparing', 'Looks at its text.');
      const end = await this.#process('compute', turn.threads, turn.holds);
      if (end === undefined) return false;
      // While it saved its checkpoint it may have been asked to go on again.
      if (end.state === 'interrupted') {
        // Nobody asked for it: the system ends the computation before its host.
        if (this.#desired === 'run' && !this.#isResumed) this.#desire('end');
        return false;
      }
      const { queueFolder } = this.#start;
      if (end.peakBytes !== undefined) {
        // Without it the next run of this is predicted.
        await rememberPeak(queueFolder, this.#experiment, this.#engine, end.peakBytes).catch(() => undefined);
      }
      this.#run.finish(end.state, end.message, end.hint);
      return true;
    } finally {
      turn.release();
    }
  }

  async #awaitTurn(): Promise<Turn | undefined> {
    // On a cluster it is Slurm that gives out the places; here it only follows.
    if (this.#run.record.on !== undefined)
      return { threads: 1, holds: () => undefined, release: () => undefined };
    const { queueFolder } = this.#start;
    this.#isResumed = false;
    this.#enter('queued', 'Waits for its turn.');
    const need = await memoryNeed(queueFolder, this.#experiment, this.#engine);
    const { name, methods } = this.#experiment;
    const title = `${name}: ${methods.map((id) => methodInWords(id)).join(', ')}`;
    return this.#queue.turn({ title, ...need }, this.#desiredChange.signal, (why) =>
      this.#enter('queued', `${why[0].toUpperCase()}${why.slice(1)}.`),
    );
  }

  async #keepBest(): Promise<void> {
    this.#enter('stopping', 'Keeps the best weights so far and measures them.');
    const end = await this.#process('keep-best', 1, () => undefined);
    if (end === undefined) return this.#finishCancelled();
    this.#run.finish(end.state, end.message, end.hint);
  }

  #finishCancelled(): void {
    this.#run.finish('cancelled', 'Cancelled.', 'Run its method again; what was computed is used again.');
  }

  /** Its last words; `undefined` when it was cancelled, or its jobs left to a later attempt. */
  async #process(
    task: ComputationStart['task'],
    threads: number,
    holds: (bytes: number) => void,
  ): Promise<ComputationEnd | undefined> {
    const { storage, run } = this.#start;
    this.#computation = new ComputationProcess(
      this.#program,
      { task, storage, run, threads },
      {
        onEvent: (event) => {
          if (event.type === 'plan' && this.#now.state === 'preparing') this.#enter('running', '');
          this.#run.append(event);
        },
        onNote: (text) => this.#note(text),
        onStandstill: (why) => this.#waitForCluster(why),
        onProgress: ({ fraction, secondsLeft, residentBytes }) => {
          this.#run.progress({ fraction, secondsLeft });
          holds(residentBytes);
        },
      },
    );
    const end = await this.#computation.ended;
    if (this.#isGone) return new Promise(() => undefined);
    this.#computation = undefined;
    const isLeft = this.#desired === 'end' && this.#run.record.on !== undefined;
    return this.#desired === 'cancel' || isLeft ? undefined : end;
  }

  /** For the log. A run that waits in a queue goes on saying why it does. */
  #note(text: string): void {
    const { state, message } = this.#now;
    if (state === 'queued') this.#run.append({ type: 'state', state, message: text, hint: '' });
    this.#enter(state, state === 'queued' ? message : text);
  }

  /** In the queue of a cluster a run waits as in the one of this machine; not when it is about to stop. */
  #waitForCluster(why: string | undefined): void {
    const { state } = this.#now;
    if (why !== undefined && (state === 'running' || state === 'queued')) this.#enter('queued', why);
    if (why === undefined && state === 'queued') this.#enter('running', '');
  }

  #ask(desired: DesiredState): Record<string, never> {
    const isBound =
      this.#desired === 'cancel' || this.#desired === 'stop-and-keep-best' || this.#desired === 'end';
    if (this.#desired === desired || (isBound && desired !== 'cancel')) return {};
    this.#desire(desired);
    if (desired === 'cancel') this.#cancelComputation();
    else if (desired === 'run') this.#isResumed = true;
    else if (this.#computation !== undefined) {
      // Stopped also when a full disk does not let the run say so.
      this.#computation.stop();
      this.#enter(desired === 'pause' ? 'pausing' : 'stopping', 'Saves a checkpoint.');
    }
    return {};
  }

  /** What runs on a cluster is taken back first: its jobs would go on. */
  #cancelComputation(): void {
    const computation = this.#computation;
    if (this.#run.record.on === undefined) computation?.kill();
    else {
      computation?.stop();
      setTimeout(() => computation?.kill(), TAKE_BACK_MS).unref();
    }
  }

  #desire(desired: DesiredState): void {
    this.#desired = desired;
    this.#desiredChange.abort();
  }

  #enter(state: Parameters<RunWriter['enter']>[0], message: string): void {
    this.#now = { state, message };
    this.#run.enter(state, message);
  }

  async #listen(): Promise<void> {
    const { storage, run } = this.#start;
    const left = await readAddress(storage, run);
    if (left !== undefined) await removeSocket(left.socket);
    this.#server = await HostServer.listen({
      status: () => ({ ...this.#now, pid: process.pid }),
      pause: () => this.#ask('pause'),
      resume: () => this.#ask('run'),
      'stop-and-keep-best': () => this.#ask('stop-and-keep-best'),
      cancel: () => this.#ask('cancel'),
      'events since': ({ sequence }) =>
        readEvents(eventsPath(storage, run)).events.filter((one) => one.sequence >= sequence),
    });
    await writeAddress(storage, run, this.#server.address);
  }

  #notifyPeers(): void {
    const { events, offset } = readEvents(eventsPath(this.#start.storage, this.#start.run), this.#logBytes);
    this.#logBytes = offset;
    if (events.length > 0) this.#server?.tell(events);
  }

  /** The machine or the user asks the process to end, whatever it was asked before: as much as is done is kept. */
  #shutDown(): void {
    if (this.#desired === 'cancel' || this.#desired === 'end') return;
    this.#desire('end');
    // On a cluster it only follows: stopped, it would take its jobs back.
    if (this.#run.record.on !== undefined) this.#computation?.kill();
    else this.#computation?.stop();
  }

  /** Nothing is written any more: that would make the folder again. */
  #endGone(): void {
    this.#isGone = true;
    const socket = this.#server?.address.socket;
    const computation = this.#computation;
    computation?.kill();
    void Promise.resolve(computation?.ended)
      .then(() => (socket === undefined ? undefined : removeSocket(socket)))
      .finally(() => process.exit(0));
  }
}
