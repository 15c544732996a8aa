/** Keeps the table of one corpus equal to what lies on disk: walks its sources, follows changes, reads what changed. */
import { realpath } from 'node:fs/promises';
import { sep } from 'node:path';
import { InputError, ParlanceError } from '../../common/errors.ts';
import type { CorpusFile } from '../documents/corpus-file.ts';
import type { SkipReason } from '../documents/report.ts';
import type { LabelRules } from '../labels/label-rules.ts';
import { SourceWalk } from '../sources/source-walk.ts';
import type { CorpusSpecification } from '../sources/specification.ts';
import { CorpusTable } from './corpus-table.ts';
import { readContents } from './file-contents.ts';
import type { QuotesFollowed } from './quotes-followed.ts';
import { isRemote } from './remote-files.ts';
import type { TextTable } from './texts.ts';

export interface FollowOptions {
  readonly texts: TextTable;
  readonly quotes: QuotesFollowed;
  /** Called with each folder whose changes matter. */
  readonly onFolder: (folder: string) => void;
  /** A real path; text outside of it is not read. */
  readonly within?: string;
}

/** Files read side by side. */
const readers = 16;

export class CorpusFollower {
  readonly table: CorpusTable;
  readonly #options: FollowOptions;
  readonly #walks: readonly SourceWalk[];
  readonly #problems = new Map<number, ParlanceError>();
  #toRead: CorpusFile[] = [];
  #isRemote = false;

  constructor(specification: CorpusSpecification, rules: LabelRules, options: FollowOptions) {
    this.#options = options;
    this.table = new CorpusTable(specification, rules, options.texts);
    this.#walks = specification.sources.map((source, index) => new SourceWalk(index, source, options));
  }

  /** Why sources could not be read. */
  get problems(): readonly ParlanceError[] {
    return [...this.#problems.values()];
  }

  /** Links that were not followed because they lead out of `within`. */
  get linksOutside(): readonly string[] {
    return this.#walks.flatMap(({ outside }) => [...outside]);
  }

  /** Paths that were not read although somebody may count on them, by reason. */
  get passedOver(): ReadonlyMap<SkipReason, readonly string[]> {
    const paths = new Map<SkipReason, string[]>();
    for (const [index, walk] of this.#walks.entries()) {
      const isChosen = this.table.specification.sources[index].include !== undefined;
      for (const [absolute, { reason }] of walk.notRead) {
        // Without patterns, what git ignores and what is no text is no part of a source by intention.
        const isMeant =
          reason === 'unsupported' || reason === 'ignored-folder' || (reason === 'ignored' && !isChosen);
        if (isMeant) continue;
        const same = paths.get(reason);
        if (same === undefined) paths.set(reason, [absolute]);
        else same.push(absolute);
      }
    }
    return paths;
  }

  get waiting(): number {
    return this.#toRead.length;
  }

  /** Whether text may change without a notice: behind links to files, and where other machines write too. */
  get isUntold(): boolean {
    return this.#isRemote || this.#walks.some(({ hasLinkedFiles }) => hasLinkedFiles);
  }

  concerns(path: string): boolean {
    return this.#walks.some((walk) => walk.concerns(path));
  }

  /** Lists all files anew; what is new or changed then waits for `read`. */
  async scan(): Promise<void> {
    for (const [index, walk] of this.#walks.entries()) await this.#take(index, () => walk.start());
    const remote = await Promise.all(this.table.specification.sources.map(({ path }) => isRemote(path)));
    this.#isRemote = remote.includes(true);
  }

  /** Looks again at one path. */
  async visit(path: string): Promise<void> {
    for (const [index, walk] of this.#walks.entries()) {
      if (walk.concerns(path)) await this.#take(index, () => walk.visit(path));
    }
  }

  /** Takes other labels; `paths` are those that may have another label, all when absent. */
  relabel(rules: LabelRules, paths?: ReadonlySet<string>): void {
    this.#toRead.push(...this.table.relabel(rules, paths));
  }

  /** Reads what waits, or of it those files that may hold held-out text. `onRead` is called after each file. */
  async read(which: 'all' | 'held-out', onRead: () => void): Promise<void> {
    const isNow = (file: CorpusFile) => which === 'all' || mayHoldOut(file);
    const files = this.#toRead.filter(isNow);
    this.#toRead = this.#toRead.filter((file) => !isNow(file));
    const { texts, quotes } = this.#options;
    const { sources } = this.table.specification;
    let next = 0;
    const reader = async (): Promise<void> => {
      while (next < files.length) {
        const file = files[next++];
        const contents = await readContents(file, sources[file.found.source], texts, quotes);
        this.table.fill(file, contents);
        onRead();
      }
    };
    await Promise.all(Array.from({ length: readers }, reader));
  }

  async #take(index: number, look: () => Promise<void>): Promise<void> {
    const walk = this.#walks[index];
    this.#problems.delete(index);
    try {
      await this.#requireWithin(this.table.specification.sources[index].path);
      await look();
    } catch (error) {
      if (!(error instanceof ParlanceError)) throw error;
      this.#problems.set(index, error);
    }
    for (const path of walk.takeTouched()) {
      const file = this.table.update(index, path, walk.files.get(path));
      if (file !== undefined) this.#toRead.push(file);
    }
  }

  async #requireWithin(source: string): Promise<void> {
    const { within } = this.#options;
    if (within === undefined) return;
    const real = await realpath(source).catch(() => source);
    if (real === within || real.startsWith(`${within}${sep}`)) return;
    throw new InputError(
      `${source} is not read: it lies outside of the folder of the experiment, and the workspace is not trusted.`,
      'Trust the workspace ("Workspaces: Manage Workspace Trust") to count its text.',
    );
  }
}

function mayHoldOut({ standing, passages }: CorpusFile): boolean {
  return standing === 'held-out' || passages.some((passage) => passage.standing === 'held-out');
}
