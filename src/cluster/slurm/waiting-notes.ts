/**
 * Tells which jobs wait in the queue, and why; jobs that wait for others are told by those. And tells when nothing goes on
 * because of that: a run with some jobs at work and others in the queue does not stand still.
 */
import { formatPlural } from '../../common/format.ts';
import type { QueuedJob } from './queue.ts';
import { reasonInWords } from './reasons.ts';

export interface Waiting {
  readonly job: QueuedJob;
  /** As Slurm knows it: for a task of an array that of the task. */
  readonly id: string;
  readonly label: string;
}

/** While a job waits for others no more can be said of it. */
const WAITS_FOR_OTHERS = 'Dependency';

export interface WaitingListener {
  /** Once for each job and reason. */
  onNote(text: string): void;
  /** Why no job of the run is at work; nothing once one is. Only changes are told. */
  onStandstill(why: string | undefined): void;
}

export class WaitingNotes {
  readonly #listener: WaitingListener;
  #standstill: string | undefined;
  /** Of each job that waits what was told of it: reasons come and go while it does. */
  readonly #told = new Map<string, Set<string>>();

  constructor(listener: WaitingListener) {
    this.#listener = listener;
  }

  /** `jobs`: all that are followed, with what Slurm says of them. */
  tell(jobs: readonly Waiting[]): void {
    const news = new Map<string, Waiting[]>();
    for (const one of jobs) {
      const { phase, reason } = one.job;
      if (phase !== 'waiting') this.#told.delete(one.id);
      else if (saysWhy(one) && this.#isNew(one.id, reason)) {
        news.set(reason, [...(news.get(reason) ?? []), one]);
      }
    }
    for (const [reason, waiting] of news) this.#listener.onNote(sentence(reason, waiting));
    this.#tellStandstill(jobs);
  }

  /** Between two jobs all that is known may be that one waits for another: that changes nothing. */
  #tellStandstill(jobs: readonly Waiting[]): void {
    const first = jobs.find(saysWhy);
    const isOver =
      jobs.some(({ job }) => job.phase === 'running') || jobs.every(({ job }) => job.phase !== 'waiting');
    if (first === undefined && !isOver) return;
    const why =
      isOver || first === undefined ? undefined : `In Slurm’s queue: ${reasonNamed(first.job.reason)}.`;
    if (why === this.#standstill) return;
    this.#standstill = why;
    this.#listener.onStandstill(why);
  }

  #isNew(id: string, reason: string): boolean {
    const told = this.#told.get(id) ?? new Set();
    this.#told.set(id, told);
    const isNew = !told.has(reason);
    told.add(reason);
    return isNew;
  }
}

function saysWhy({ job: { phase, reason } }: Waiting): boolean {
  return phase === 'waiting' && reason !== '' && reason !== WAITS_FOR_OTHERS;
}

function sentence(reason: string, [first, ...more]: readonly Waiting[]): string {
  const why = reasonNamed(reason);
  const name = `Job ${first.id} (${first.label})`;
  if (more.length === 0) return `${name} waits: ${why}.`;
  return `${name} and ${formatPlural(more.length, 'other')} wait: ${why}.`;
}

/** With Slurm's own word, by which more is found. */
function reasonNamed(reason: string): string {
  const words = reasonInWords(reason);
  return words === reason ? reason : `${words} (${reason})`;
}
