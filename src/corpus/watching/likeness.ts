/**
 * Which texts nearly equal one another, and which held-out text also stands in text that is trained on. Likeness is a
 * fact of two contents, wherever they lie: pairs are kept by content and only texts that are new are searched for, so
 * an edit costs one pass over the others' bands and a label costs nothing. The search is the run's own.
 *
 * Whole texts are compared, as in a run; a held-out sentence quoted inside a long text is found by quotes-followed.ts.
 */
import { setImmediate } from 'node:timers/promises';
import { findSimilarPairs, findSimilarTo, SketchSet } from '../near-duplicates.ts';
import type { CorpusTable, TableFile } from './corpus-table.ts';
import type { TextTable } from './texts.ts';

/** Pairs remembered at most. */
const pairLimit = 1_000_000;

export interface Contamination {
  /** Files that hold the held-out text, and those of the text that is trained on. */
  readonly heldout: readonly string[];
  readonly others: readonly string[];
  readonly count: number;
}

export interface NearDuplicates {
  readonly count: number;
  readonly files: readonly string[];
}

const exampleFiles = 10;
const none: NearDuplicates = { count: 0, files: [] };

export class Likeness {
  readonly #texts: TextTable;
  /** For a row those that it resembles, with the hashes that both had then: rows are used again. */
  #similar = new Map<number, { readonly hash: string; readonly others: Map<number, string> }>();
  #pairs = 0;
  #duplicates = new Map<string, NearDuplicates>();
  #contamination = new Map<string, readonly Contamination[]>();

  constructor(texts: TextTable) {
    this.#texts = texts;
  }

  /** Whether pairs were found that are not remembered: the counts are too small then. */
  get isPartial(): boolean {
    return this.#pairs >= pairLimit;
  }

  duplicates(corpus: string): NearDuplicates {
    return this.#duplicates.get(corpus) ?? none;
  }

  contamination(corpus: string): readonly Contamination[] {
    return this.#contamination.get(corpus) ?? [];
  }

  /** Whether two rows hold texts that nearly equal each other. */
  areAlike(a: number, b: number): boolean {
    return this.#resembling(a).includes(b);
  }

  /** Searches for what resembles the texts that came since the last call. */
  async search(): Promise<void> {
    const { fresh } = this.#texts;
    if (fresh.size === 0) return;
    const added = Uint32Array.from(fresh);
    const older: number[] = [];
    for (let row = 0; row < this.#texts.sketchedRows; row++) {
      if (this.#texts.hashOf(row) !== '' && !fresh.has(row)) older.push(row);
    }
    fresh.clear();
    // The search breathes between bands while the table may grow or use rows again: it works on copies.
    const { sketches } = this.#texts;
    const hashes = new Map<number, string>();
    for (const row of added) hashes.set(row, this.#texts.hashOf(row));
    for (const row of older) hashes.set(row, this.#texts.hashOf(row));
    const snapshot = sketches.slice();
    const pair = (a: number, b: number) => this.#link(a, hashes.get(a) ?? '', b, hashes.get(b) ?? '');
    const news = new SketchSet(snapshot, added);
    const olds = new SketchSet(snapshot, Uint32Array.from(older));
    await findSimilarPairs(news, (i, j) => pair(added[i], added[j]), ignore);
    const matches = await findSimilarTo(news, olds, ignore);
    for (const [i, match] of matches.entries()) if (match >= 0) pair(added[i], older[match]);
    this.#forgetGone();
  }

  /** Takes the counts anew from the pairs and from who holds which text now. */
  async review(tables: readonly CorpusTable[]): Promise<void> {
    this.#duplicates = new Map();
    this.#contamination = new Map();
    const standings = tables.map((table) => ({ table, ...table.rowsByStanding() }));
    for (const own of standings) {
      const { name, role } = own.table.specification;
      this.#duplicates.set(name, this.#nearDuplicates(own.member));
      if (role === 'domain') {
        const trained = standings.filter((one) => one === own || one.table.specification.role === 'generic');
        this.#contamination.set(
          name,
          trained.flatMap(({ member }) => this.#contaminated(own.heldout, member)),
        );
      }
      await setImmediate();
    }
  }

  #nearDuplicates(rows: ReadonlyMap<number, TableFile>): NearDuplicates {
    const files = new Set<string>();
    let count = 0;
    for (const row of this.#similar.keys()) {
      const file = rows.get(row);
      // Of each pair the later row counts, so that two near-equal texts are one near-duplicate.
      if (file === undefined || !this.#resembling(row).some((other) => other < row && rows.has(other)))
        continue;
      count++;
      if (files.size < exampleFiles) files.add(file.file.found.absolute);
    }
    return { count, files: [...files] };
  }

  #contaminated(
    heldout: ReadonlyMap<number, TableFile>,
    trained: ReadonlyMap<number, TableFile>,
  ): Contamination[] {
    const ours = new Set<string>();
    const others = new Set<string>();
    let count = 0;
    for (const [row, file] of heldout) {
      const matches = [row, ...this.#resembling(row)].flatMap((one) => trained.get(one) ?? []);
      if (matches.length === 0) continue;
      count++;
      if (ours.size >= exampleFiles) continue;
      ours.add(file.file.found.absolute);
      for (const match of matches) others.add(match.file.found.absolute);
    }
    return count === 0 ? [] : [{ heldout: [...ours], others: [...others], count }];
  }

  /** Rows whose text resembles a row's, as far as both are still the texts that were compared. */
  #resembling(row: number): number[] {
    const known = this.#similar.get(row);
    if (known === undefined || known.hash !== this.#texts.hashOf(row)) return [];
    return [...known.others]
      .filter(([other, hash]) => this.#texts.hashOf(other) === hash)
      .map(([other]) => other);
  }

  #link(a: number, hashA: string, b: number, hashB: string): void {
    if (this.#pairs >= pairLimit) return;
    this.#pairs++;
    this.#remember(a, hashA, b, hashB);
    this.#remember(b, hashB, a, hashA);
  }

  #remember(row: number, hash: string, other: number, otherHash: string): void {
    let known = this.#similar.get(row);
    if (known === undefined || known.hash !== hash) {
      known = { hash, others: new Map() };
      this.#similar.set(row, known);
    }
    known.others.set(other, otherHash);
  }

  #forgetGone(): void {
    this.#pairs = 0;
    for (const [row, { hash, others }] of this.#similar) {
      if (this.#texts.hashOf(row) !== hash) this.#similar.delete(row);
      else {
        for (const [other, otherHash] of others)
          if (this.#texts.hashOf(other) !== otherHash) others.delete(other);
        this.#pairs += others.size / 2;
      }
    }
  }
}

function ignore(): void {}
