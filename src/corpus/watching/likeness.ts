/**
 * Which texts of a corpus are near-copies of one another, and which held-out text is trained on as it is. The search is the
 * run's own, over the same texts in the same order, so that both tell the same numbers; a corpus is searched anew when it
 * changed, which takes some seconds for a hundred thousand texts.
 *
 * Held-out text that stands in other texts nearly, or in part, is found by quotes-followed.ts.
 */
import { letSignalsIn } from '../../common/interruption.ts';
import { groupNearCopies } from '../similarity/near-duplicates.ts';
import { Sketches } from '../similarity/sketches.ts';
import type { CorpusTable } from './corpus-table.ts';
import type { TableFile } from './table-file.ts';
import type { TextTable } from './texts.ts';

export interface Contamination {
  /** Files that hold the held-out text, and those of the text that is trained on. */
  readonly heldout: readonly string[];
  readonly others: readonly string[];
  readonly count: number;
}

export interface NearDuplicates {
  /** Texts that are near-copies of another, but for one of each group. */
  readonly count: number;
  /** The first few files that hold one that has others like it. */
  readonly files: readonly string[];
}

/** What was found in one version of a corpus. */
interface Searched {
  readonly version: number;
  readonly duplicates: NearDuplicates;
  readonly rows: ReturnType<CorpusTable['rowsByStanding']>;
}

const exampleFiles = 10;

export class Likeness {
  readonly #texts: TextTable;
  #searched = new Map<string, Searched>();
  #contamination = new Map<string, readonly Contamination[]>();

  constructor(texts: TextTable) {
    this.#texts = texts;
  }

  duplicates(corpus: string): NearDuplicates {
    return this.#searched.get(corpus)?.duplicates ?? { count: 0, files: [] };
  }

  contamination(corpus: string): readonly Contamination[] {
    return this.#contamination.get(corpus) ?? [];
  }

  /** Searches the corpora that changed since the last call, and takes the findings anew. */
  async review(tables: readonly CorpusTable[]): Promise<void> {
    const searched = new Map<string, Searched>();
    for (const table of tables) {
      const { name } = table.specification;
      const known = this.#searched.get(name);
      searched.set(name, known?.version === table.version ? known : await this.#search(table));
    }
    this.#searched = searched;
    const generic = tables.filter(({ specification }) => specification.role === 'generic');
    for (const { specification } of tables) {
      const own = searched.get(specification.name);
      if (specification.role !== 'domain' || own === undefined) continue;
      const others = generic.flatMap((table) => searched.get(table.specification.name) ?? []);
      const found = [own, ...others].flatMap(({ rows }) => contaminated(own, rows.member));
      this.#contamination.set(specification.name, found);
    }
  }

  async #search(table: CorpusTable): Promise<Searched> {
    const { version } = table;
    const standings = table.rowsByStanding();
    const { heldout, member } = standings;
    const all = new Set(table.ordered().flatMap(({ contents }) => contents?.rows ?? []));
    const rows = [...all].filter((row) => this.#texts.hasSketch(row));
    // The search breathes while the table may grow or use rows again: it works on a copy.
    const sketches = new Sketches();
    for (const [place, row] of rows.entries()) sketches.set(place, this.#texts.sketches.of(row));
    const isHeldout = Uint8Array.from(rows, (row) => Number(heldout.has(row)));
    const files = new Set<string>();
    const link = (a: number): void => {
      const holder = member.get(rows[a]) ?? heldout.get(rows[a]);
      if (holder !== undefined && files.size < exampleFiles) files.add(holder.file.found.absolute);
    };
    const set = { sketches, rows: Uint32Array.from(rows.keys()) };
    const found = await groupNearCopies(set, isHeldout, link, () => {});
    await letSignalsIn();
    return { version, duplicates: { count: found.copies, files: [...files] }, rows: standings };
  }
}

/** Held-out texts of a corpus that also are texts that are trained on. */
function contaminated({ rows }: Searched, trained: ReadonlyMap<number, TableFile>): Contamination[] {
  const ours = new Set<string>();
  const others = new Set<string>();
  let count = 0;
  for (const [row, holder] of rows.heldout) {
    const match = trained.get(row);
    if (match === undefined) continue;
    count++;
    if (ours.size >= exampleFiles) continue;
    ours.add(holder.file.found.absolute);
    others.add(match.file.found.absolute);
  }
  return count === 0 ? [] : [{ heldout: [...ours], others: [...others], count }];
}
