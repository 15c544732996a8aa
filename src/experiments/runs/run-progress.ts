/**
 * How far a run is: the share of its predicted work, and the time left from the speed measured so far. Work is
 * counted in floating-point operations; stages without a model are quick beside the others and count nothing. A
 * fine-tuning that stops early counts as what was expected of it.
 */
import type { StageEvent } from '../../pipeline/stage-event.ts';

/** Floating-point operations that a stage will take. */
export interface PredictedWork {
  readonly expected: number;
  readonly maximum: number;
}

export interface CurrentStage {
  readonly label: string;
  readonly fraction: number;
  readonly message: string;
  readonly secondsLeft: number | undefined;
}

interface Running {
  readonly fingerprint: string;
  readonly label: string;
  /** The time and the fraction of its first report: a resumed stage does not begin at 0. */
  first: { readonly atMs: number; readonly fraction: number } | undefined;
  fraction: number;
  message: string;
  lastMs: number;
}

export class RunProgress {
  readonly #now: () => number;
  readonly #done = new Set<string>();
  #work: ReadonlyMap<string, PredictedWork> = new Map();
  #running: Running | undefined;
  #measured = { flops: 0, seconds: 0 };

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Sets or corrects the prediction, by fingerprint, for all stages that are not in the store already. */
  predict(work: ReadonlyMap<string, PredictedWork>): void {
    this.#work = work;
  }

  onStage(event: StageEvent): void {
    if (event.state === 'started') {
      const { fingerprint, label } = event;
      this.#running = { fingerprint, label, first: undefined, fraction: 0, message: '', lastMs: this.#now() };
    } else if (event.state === 'progress') {
      this.#advance(event.fraction, event.message);
    } else if (event.state === 'finished' || event.state === 'reused') {
      if (this.#running?.fingerprint === event.fingerprint) this.#endRunning();
      this.#done.add(event.fingerprint);
    }
  }

  /** The share of the predicted work that is done, from 0 to 1. */
  get fraction(): number {
    const { done, total } = this.#sums();
    return total === 0 ? 0 : Math.min(1, done / total);
  }

  /** `undefined` until some training has been measured. */
  get secondsLeft(): number | undefined {
    const spent = this.#spent();
    const { done, total } = this.#sums();
    if (spent.seconds < 1 || spent.flops <= 0) return undefined;
    return ((total - done) * spent.seconds) / spent.flops;
  }

  get current(): CurrentStage | undefined {
    if (this.#running === undefined) return undefined;
    const { label, fraction, message, first } = this.#running;
    const gained = first === undefined ? 0 : fraction - first.fraction;
    const seconds = first === undefined ? 0 : (this.#running.lastMs - first.atMs) / 1000;
    const secondsLeft = gained > 0 && seconds >= 1 ? (seconds * (1 - fraction)) / gained : undefined;
    return { label, fraction, message, secondsLeft };
  }

  #advance(fraction: number, message: string): void {
    const running = this.#running;
    if (running === undefined) return;
    running.first ??= { atMs: this.#now(), fraction };
    running.fraction = fraction;
    running.message = message;
    running.lastMs = this.#now();
  }

  #endRunning(): void {
    this.#measured = this.#spent();
    this.#running = undefined;
  }

  /** Operations and time of training measured so far, the running stage included. */
  #spent(): { flops: number; seconds: number } {
    const running = this.#running;
    const work = running && this.#work.get(running.fingerprint);
    if (running?.first === undefined || work === undefined) return this.#measured;
    return {
      flops: this.#measured.flops + (running.fraction - running.first.fraction) * work.maximum,
      seconds: this.#measured.seconds + (running.lastMs - running.first.atMs) / 1000,
    };
  }

  #sums(): { done: number; total: number } {
    let done = 0;
    let total = 0;
    for (const [fingerprint, { expected, maximum }] of this.#work) {
      total += expected;
      if (this.#done.has(fingerprint)) done += expected;
      else if (this.#running?.fingerprint === fingerprint)
        done += Math.min(expected, this.#running.fraction * maximum);
    }
    return { done, total };
  }
}
