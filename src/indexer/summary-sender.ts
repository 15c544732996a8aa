/** Makes and sends summaries: at most four a second, and while files are still read with totals of a moment ago. */
import type { CorpusFollower } from '../corpus/watching/corpus-follower.ts';
import type { PathOrder } from './path-order.ts';
import { corpusFacts, type SummaryContext } from './summary.ts';
import type { CorpusFacts, CorpusWarning, IndexSummary } from './workspace-index.ts';

/** What a summary is made from, as it is when it is made. */
interface Summarized extends SummaryContext {
  readonly file: string;
  readonly state: IndexSummary['state'];
  readonly message: string;
  readonly followers: readonly CorpusFollower[];
  /** What is wrong with no corpus in particular. */
  readonly warnings: readonly CorpusWarning[];
  readonly paths: PathOrder;
}

const leastMs = 250;
/** Totals of a corpus that is still being read are not worth more. */
const scanningMs = 3000;

export class SummarySender {
  readonly #index: Summarized;
  readonly #send: (summary: IndexSummary) => void;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  #lastMs = Number.NEGATIVE_INFINITY;
  #totalsMs = Number.NEGATIVE_INFINITY;
  #last: Pick<IndexSummary, 'corpora' | 'files' | 'unlabelledFiles'> = {
    corpora: [],
    files: 0,
    unlabelledFiles: 0,
  };

  constructor(index: Summarized, send: (summary: IndexSummary) => void) {
    this.#index = index;
    this.#send = send;
  }

  request(): void {
    if (this.#timer !== undefined || this.#isClosed) return;
    const waitMs = Math.max(0, this.#lastMs + leastMs - performance.now());
    this.#timer = setTimeout(() => this.#now(), waitMs);
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #now(): void {
    this.#timer = undefined;
    const { file, state, message } = this.#index;
    if (state !== 'scanning' || performance.now() - this.#totalsMs > scanningMs) this.#takeTotals();
    this.#lastMs = performance.now();
    this.#send({ experimentFile: file, state, message, ...this.#last });
  }

  #takeTotals(): void {
    const { followers, state, warnings } = this.#index;
    const corpora = followers.map((one) => corpusFacts(one, state === 'scanning', this.#index));
    const domain = corpora.findIndex(({ role }) => role === 'domain');
    this.#last = { corpora: corpora.map(withWarnings(domain)), ...this.#countFiles() };
    this.#totalsMs = performance.now();

    /** What is wrong with no corpus in particular is told with the first domain. */
    function withWarnings(at: number): (facts: CorpusFacts, i: number) => CorpusFacts {
      return (facts, i) => (i === at ? { ...facts, warnings: [...warnings, ...facts.warnings] } : facts);
    }
  }

  #countFiles(): { readonly files: number; readonly unlabelledFiles: number } {
    const paths = this.#index.paths.now();
    return { files: paths.all.length, unlabelledFiles: paths.unlabelled.length };
  }
}
