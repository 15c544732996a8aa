/**
 * What is done for an experiment when nothing else waits: labels that name nothing are looked for, texts compared, and
 * tokens counted. When a change comes in, it stops after the file or the part that it is at, and begins anew later.
 */
import type { CorpusFollower } from '../corpus/watching/corpus-follower.ts';
import type { Likeness } from '../corpus/watching/likeness.ts';
import type { QuotesFollowed } from '../corpus/watching/quotes-followed.ts';
import type { Experiment } from '../experiments/config/experiment.ts';
import type { LostLabelSearch } from './lost-label-search.ts';
import type { TokenCounter } from './token-counter.ts';

const idleMs = 300;

/** What is worked on, as it is when the work begins. */
interface Worked {
  readonly experiment: Experiment | undefined;
  readonly followers: readonly CorpusFollower[];
  readonly likeness: Likeness;
  readonly quotes: QuotesFollowed;
}

export interface IdleWorkOptions {
  readonly lostLabels: LostLabelSearch;
  readonly counter: TokenCounter;
  /** Whether changes wait or are being taken in. */
  readonly isBusy: () => boolean;
  /** Called after each part that may have changed what is shown. */
  readonly onProgress: () => void;
}

export class IdleWork {
  readonly #index: Worked;
  readonly #options: IdleWorkOptions;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #tokenizerMayBeNew = true;
  #isClosed = false;

  constructor(index: Worked, options: IdleWorkOptions) {
    this.#index = index;
    this.#options = options;
  }

  /** The next time, the newest tokenizer is looked for before tokens are counted. */
  lookForTokenizer(): void {
    this.#tokenizerMayBeNew = true;
  }

  /** Begins when some time has passed without another call. */
  later(): void {
    this.wait();
    if (this.#isClosed || this.#running !== undefined) return;
    this.#timer = setTimeout(() => {
      const versions = this.#versions;
      this.#running = this.#work().finally(() => {
        this.#running = undefined;
        if (this.#options.isBusy() || this.#versions !== versions) this.later();
      });
    }, idleMs);
  }

  /** Does not begin before `later` is called again. */
  wait(): void {
    clearTimeout(this.#timer);
  }

  /** Begins no more; ends when what was begun has. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.wait();
    await this.#running;
  }

  /** Another text after every change of a corpus. */
  get #versions(): string {
    const { followers } = this.#index;
    return followers.map(({ table }) => `${table.specification.name} ${table.version}`).join();
  }

  async #work(): Promise<void> {
    const { lostLabels, counter, isBusy, onProgress } = this.#options;
    const isFree = () => !this.#isClosed && !isBusy();
    const { experiment, followers, likeness, quotes } = this.#index;
    if (!isFree() || experiment === undefined) return;
    const tables = followers.map(({ table }) => table);
    await lostLabels.look(experiment, followers);
    onProgress();
    await likeness.review(tables);
    onProgress();
    await quotes.catchUp(tables, isFree);
    quotes.review(tables);
    onProgress();
    if (!isFree()) return;
    if (this.#tokenizerMayBeNew) {
      this.#tokenizerMayBeNew = false;
      const names = tables.map(({ specification }) => specification.name);
      // The experiment file may have been read anew meanwhile.
      const { plan } = this.#index.experiment ?? experiment;
      await counter.look(plan.vocabulary, names);
    }
    await counter.count(tables, isFree);
    onProgress();
  }
}
