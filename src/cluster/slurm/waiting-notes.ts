/** Tells which jobs wait in the queue, and why. Jobs that wait for others are told by those. */
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

export class WaitingNotes {
  readonly #onNote: (text: string) => void;
  /** Of each job that waits what was told of it: reasons come and go while it does. */
  readonly #told = new Map<string, Set<string>>();

  constructor(onNote: (text: string) => void) {
    this.#onNote = onNote;
  }

  /** `jobs`: all that are followed, with what Slurm says of them. */
  tell(jobs: readonly Waiting[]): void {
    const news = new Map<string, Waiting[]>();
    for (const one of jobs) {
      const { phase, reason } = one.job;
      if (phase !== 'waiting') this.#told.delete(one.id);
      else if (reason !== '' && reason !== WAITS_FOR_OTHERS && this.#isNew(one.id, reason)) {
        news.set(reason, [...(news.get(reason) ?? []), one]);
      }
    }
    for (const [reason, waiting] of news) this.#onNote(sentence(reason, waiting));
  }

  #isNew(id: string, reason: string): boolean {
    const told = this.#told.get(id) ?? new Set();
    this.#told.set(id, told);
    const isNew = !told.has(reason);
    told.add(reason);
    return isNew;
  }
}

function sentence(reason: string, [first, ...more]: readonly Waiting[]): string {
  const words = reasonInWords(reason);
  const why = words === reason ? reason : `${words} (${reason})`;
  const name = `Job ${first.id} (${first.label})`;
  if (more.length === 0) return `${name} waits: ${why}.`;
  return `${name} and ${formatPlural(more.length, 'other')} wait: ${why}.`;
}
