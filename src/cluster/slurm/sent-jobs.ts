/** The jobs that a run follows, and what they have told. */
import { join } from 'node:path';
import type { StageEvent } from '../../pipeline/stage-event.ts';
import { JobEventReader } from './job-events.ts';

export interface JobStage {
  readonly fingerprint: string;
  readonly label: string;
}

/** A job that was sent, now or by another run. */
export interface SentJob {
  readonly id: string;
  readonly label: string;
  /** False where another run sent it that may be alive, and take it back. */
  readonly isOwn: boolean;
  readonly reader: JobEventReader;
  /** How a stage of it ended, unless it began again. */
  failure?: Extract<StageEvent, { state: 'failed' }>;
}

/** Where a job tells of its stages: only that job appends to it. */
export function eventsPath(storage: string, [first]: readonly string[]): string {
  return join(storage, 'slurm', 'events', `${first.slice(0, 16)}.jsonl`);
}

export class SentJobs {
  readonly #storage: string;
  /** By the fingerprint of each of its stages. */
  readonly #jobs = new Map<string, SentJob>();
  readonly #finished = new Set<string>();

  constructor(storage: string) {
    this.#storage = storage;
  }

  get all(): readonly SentJob[] {
    return [...new Set(this.#jobs.values())];
  }

  of(fingerprint: string): SentJob | undefined {
    return this.#jobs.get(fingerprint);
  }

  /** Whether a job told that this stage is made. */
  hasFinished(fingerprint: string): boolean {
    return this.#finished.has(fingerprint);
  }

  /** `task`: the fingerprints of all its stages; `stages`: those of them that are to be followed. */
  async add(
    { id, isOwn }: Pick<SentJob, 'id' | 'isOwn'>,
    task: readonly string[],
    stages: readonly JobStage[],
  ): Promise<void> {
    const reader = await JobEventReader.fromNow(eventsPath(this.#storage, task));
    const sent: SentJob = { id, label: stages[0].label, isOwn, reader };
    for (const { fingerprint } of stages) this.#jobs.set(fingerprint, sent);
  }

  forget(fingerprints: readonly string[]): void {
    for (const one of fingerprints) this.#jobs.delete(one);
  }

  /**
   * Tells all that jobs told. A failure is told when its stage is asked for, and not taken back by Slurm until then. True
   * where a stage began or ended: something changes with its job too.
   */
  async relay(onEvent: (event: StageEvent) => void): Promise<boolean> {
    let hasNews = false;
    for (const sent of this.all) {
      for (const event of await sent.reader.read()) {
        hasNews ||= event.state !== 'progress';
        if (event.state === 'failed') sent.failure = event;
        else onEvent(event);
        if (event.state === 'started') sent.failure = undefined;
        if (event.state === 'finished' || event.state === 'reused') this.#finished.add(event.fingerprint);
      }
    }
    return hasNews;
  }
}
