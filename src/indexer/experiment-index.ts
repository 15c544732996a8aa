/**
 * One experiment as the indexer follows it: its file, its labels, its corpora. All work goes through one queue, a batch
 * at a time; requests are answered from the tables at any moment. What is not needed at once (likeness of texts, counts
 * of tokens) is done when nothing else waits.
 */
import { realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ParlanceError } from '../common/errors.ts';
import { LabelRules } from '../corpus/labels/label-rules.ts';
import { LabelledFiles } from '../corpus/labels/labelled-files.ts';
import { ChangeQueue, type Changes } from '../corpus/watching/change-queue.ts';
import { CorpusFollower } from '../corpus/watching/corpus-follower.ts';
import type { CorpusTable } from '../corpus/watching/corpus-table.ts';
import { FolderWatcher } from '../corpus/watching/folder-watcher.ts';
import { Likeness } from '../corpus/watching/likeness.ts';
import { QuotesFollowed } from '../corpus/watching/quotes-followed.ts';
import { TextTable } from '../corpus/watching/texts.ts';
import { readExperiment } from '../experiments/config/configuration.ts';
import type { Experiment } from '../experiments/config/experiment.ts';
import { storageOf } from '../experiments/config/settings.ts';
import { estimatedBytesPerToken } from '../experiments/proposal/token-estimate.ts';
import { corporaOf } from '../methods/experiment-plan.ts';
import { IdleWork } from './idle-work.ts';
import { indexWarnings } from './index-warnings.ts';
import { fileSignature, LabelsWatch } from './labels-watch.ts';
import { LostLabelSearch } from './lost-label-search.ts';
import { PathOrder } from './path-order.ts';
import { Rescans } from './rescans.ts';
import { suggestFiles } from './suggestions.ts';
import { SummarySender } from './summary-sender.ts';
import { TokenCounter } from './token-counter.ts';
import type { CorpusWarning, IndexSummary, ReviewSuggestion } from './workspace-index.ts';

/** A folder that is new is looked at again: files may have come before it was watched. */
const settleMs = 500;

export class ExperimentIndex {
  readonly file: string;
  readonly root: string;
  readonly texts = new TextTable();
  readonly likeness = new Likeness(this.texts);
  readonly quotes = new QuotesFollowed(this.texts);
  followers: readonly CorpusFollower[] = [];
  experiment: Experiment | undefined;
  readonly paths: PathOrder;
  bytesPerToken = 1;
  #trusted: boolean;
  #error: ParlanceError | undefined;
  #state: IndexSummary['state'] = 'scanning';
  #seen = 0;
  #signature: string | undefined;
  #hasScanned = false;
  readonly #labels: LabelsWatch;
  readonly #lostLabels: LostLabelSearch;
  readonly #storage: string;
  readonly #artifacts: string;
  /** Watched whether or not text lies in them. */
  readonly #ownFolders: readonly string[];
  readonly #queue = new ChangeQueue((changes) => this.#handle(changes));
  readonly #watcher = new FolderWatcher({
    onChange: (path) => this.#changed(path),
    onLimit: () => this.#rescans.limit(),
  });
  readonly #counter: TokenCounter;
  readonly #sender: SummarySender;
  readonly #idleWork: IdleWork;
  readonly #rescans = new Rescans(() => this.#queue.addEverything());

  constructor(file: string, trusted: boolean, send: (summary: IndexSummary) => void) {
    this.file = file;
    this.root = dirname(file);
    this.#trusted = trusted;
    this.#storage = storageOf(file, {});
    this.#counter = new TokenCounter(this.texts, this.#storage);
    this.#labels = new LabelsWatch(this.root);
    const labelled = new LabelledFiles(this.root, this.#storage, () => this.#trusted);
    this.#lostLabels = new LostLabelSearch(this.#labels, labelled);
    this.#artifacts = join(this.#storage, 'artifacts');
    this.#ownFolders = [this.root, dirname(this.#labels.file), this.#storage, this.#artifacts];
    this.paths = new PathOrder(this);
    this.#sender = new SummarySender(this, send);
    this.#idleWork = new IdleWork(this, {
      lostLabels: this.#lostLabels,
      counter: this.#counter,
      isBusy: () => this.#queue.isBusy,
      onProgress: () => this.#sender.request(),
    });
    this.#queue.addEverything();
  }

  get trusted(): boolean {
    return this.#trusted;
  }

  set trusted(trusted: boolean) {
    if (this.#trusted === trusted) return;
    this.#trusted = trusted;
    this.#signature = undefined;
    this.#queue.addEverything();
  }

  get state(): IndexSummary['state'] {
    return this.#error === undefined ? this.#state : 'failed';
  }

  get message(): string {
    if (this.#error !== undefined) return `${this.#error.message} ${this.#error.hint}`;
    return this.#state === 'scanning' ? `${this.#seen.toLocaleString('en')} files seen` : '';
  }

  /** What is wrong with no corpus in particular. */
  get warnings(): readonly CorpusWarning[] {
    const { texts, quotes } = this;
    const rescanSeconds = this.#rescans.isLimited ? Rescans.limitedSeconds : undefined;
    const lostLabels = this.#lostLabels.found;
    return indexWarnings({ labels: this.#labels, lostLabels, rescanSeconds, texts, quotes });
  }

  /** Sends the present summary once more, for one who begins to listen. */
  resend(): void {
    this.#sender.request();
  }

  /** Makes sure that the labels are those on disk: an answer right after a label was set must know it. */
  async refreshLabels(): Promise<void> {
    const change = await this.#labels.refresh();
    if (change === undefined) return;
    this.#relabel(change === 'all files' ? undefined : change);
    this.#queue.poke();
  }

  table(corpus: string): CorpusTable | undefined {
    return this.followers.find(({ table }) => table.specification.name === corpus)?.table;
  }

  /** Files to review, by the clusters that the newest run has made. */
  async suggestions(): Promise<readonly ReviewSuggestion[]> {
    if (this.experiment === undefined) return [];
    const { context } = this.experiment.plan;
    const tables = this.followers.map(({ table }) => table);
    return suggestFiles(this.#storage, tables, Math.round(context * this.bytesPerToken));
  }

  async close(): Promise<void> {
    this.#rescans.close();
    this.#sender.close();
    await Promise.all([this.#queue.close(), this.#idleWork.close()]);
    await this.#watcher.close();
    this.#counter.close();
  }

  #changed(path: string): void {
    // While it cannot be followed, whatever changed may be what mends it.
    const isOwn = [this.file, this.#labels.file, ...this.#ownFolders].includes(path);
    if (isOwn || this.#error !== undefined) this.#queue.add(path);
    else if (dirname(path) === this.#artifacts) this.#idleWork.lookForTokenizer();
    else if (this.followers.some((follower) => follower.concerns(path))) this.#queue.add(path);
    else return;
    this.#idleWork.later();
  }

  async #handle(changes: Changes): Promise<void> {
    this.#idleWork.wait();
    try {
      const isNew = await this.#readConfiguration();
      await this.#takeLabels();
      if (this.experiment === undefined) return;
      const isWhole = isNew || changes === 'everything' || !this.#hasScanned;
      if (isWhole) await this.#scan(isNew);
      else for (const path of changes) await this.#visit(path);
      await this.#read();
      if (isWhole) await this.#lostLabels.look(this.experiment, this.followers);
      this.#state = 'ready';
      // What changed before its folder was watched.
      if (isNew) this.#queue.addEverything();
    } catch (error) {
      if (!(error instanceof ParlanceError)) throw error;
      this.#error = error;
      // Mended in a file that nobody watches, it is found so.
      this.#rescans.looked(0, true);
    } finally {
      this.#sender.request();
      this.#idleWork.later();
    }
  }

  /** Reads the experiment file if it, or something that it counts on, may have changed; tells whether the corpora are others now. */
  async #readConfiguration(): Promise<boolean> {
    for (const folder of this.#ownFolders) this.#watcher.add(folder);
    const signature = await fileSignature(this.file);
    if (signature === this.#signature && this.#error === undefined) return false;
    this.#signature = signature;
    const experiment = await readExperiment(this.file);
    this.#error = undefined;
    this.experiment = experiment;
    this.bytesPerToken = estimatedBytesPerToken(experiment.plan.vocabulary);
    this.#idleWork.lookForTokenizer();
    const within = this.#trusted ? undefined : await realpath(this.root);
    return this.#follow(experiment, within);
  }

  #within: string | undefined;

  #follow({ plan }: Experiment, within: string | undefined): boolean {
    const specifications = corporaOf(plan).map((one) => ({
      ...one,
      labelsFile: this.#labels.file,
    }));
    const text = (one: unknown) => JSON.stringify(one);
    const before = this.followers.map(({ table }) => table.specification);
    if (text(before) === text(specifications) && within === this.#within && this.#hasScanned) return false;
    for (const { table } of this.followers) table.clear();
    this.#within = within;
    const { texts, quotes } = this;
    const options = { texts, quotes, within, onFolder: (folder: string) => this.#watcher.add(folder) };
    this.followers = specifications.map(
      (one) => new CorpusFollower(one, new LabelRules(this.#labels.entries, one, this.root), options),
    );
    return true;
  }

  async #takeLabels(): Promise<void> {
    const change = await this.#labels.refresh();
    if (change !== undefined) this.#relabel(change === 'all files' ? undefined : change);
  }

  #relabel(paths?: ReadonlySet<string>): void {
    for (const follower of this.followers) {
      const rules = new LabelRules(this.#labels.entries, follower.table.specification, this.root);
      follower.relabel(rules, paths);
    }
    this.#sender.request();
  }

  async #scan(isNew: boolean): Promise<void> {
    if (isNew) this.#state = 'scanning';
    const startedMs = performance.now();
    const progress = setInterval(() => {
      this.#seen = this.followers.reduce((sum, { table }) => sum + table.count, 0);
      if (isNew) this.#sender.request();
    }, 250);
    try {
      for (const follower of this.followers) await follower.scan();
    } finally {
      clearInterval(progress);
    }
    this.#hasScanned = true;
    const isUntold = this.#watcher.isPartial || this.followers.some((follower) => follower.isUntold);
    this.#rescans.looked(performance.now() - startedMs, isUntold);
  }

  async #visit(path: string): Promise<void> {
    const before = this.#watcher.count;
    for (const follower of this.followers) await follower.visit(path);
    if (this.#watcher.count > before) setTimeout(() => this.#queue.add(path), settleMs).unref();
  }

  async #read(): Promise<void> {
    const onRead = (): void => {
      if (this.#state === 'scanning') this.#sender.request();
    };
    // Held-out text first: the rest is looked through for it while it is read.
    for (const which of ['held-out', 'all'] as const) {
      for (const follower of this.followers) await follower.read(which, onRead);
    }
  }
}
