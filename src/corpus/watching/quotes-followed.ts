/**
 * Which held-out texts are quoted in text that is trained on. Like likeness a fact of two contents, kept by content: a
 * file that is read is looked through for the held-out texts known then, and looked through again, in the background,
 * when there are more. Only text that labels hold out is looked for: what is drawn by its hash changes with every edit.
 */

import { isHeldout } from '../documents/corpus-file.ts';
import { limits } from '../reading/cleaning.ts';
import { extractFile } from '../reading/extraction.ts';
import { commonFrom, isCommon } from '../similarity/commonness.ts';
import { type Quoted, QuoteFinder } from '../similarity/quotes.ts';
import { contentHash, type FileContents } from './contents.ts';
import type { CorpusTable } from './corpus-table.ts';
import type { TableFile } from './table-file.ts';
import type { TextTable } from './texts.ts';

export interface HeldoutQuote {
  /** The file that holds the text, and whether it is a passage of it. */
  readonly heldout: string;
  readonly isPassage: boolean;
  /** Files that are trained on and quote it, the largest share of it (above 0 up to 1) first. */
  readonly others: readonly { readonly file: string; readonly share: number }[];
}

/** Files looked through side by side. */
const readers = 4;
/** Pairs of texts remembered at most. */
const pairLimit = 500_000;

export class QuotesFollowed {
  readonly #texts: TextTable;
  readonly #finder: QuoteFinder;
  /** For the hash of a text the held-out texts that it quotes, by their hashes. */
  readonly #quotes = new Map<string, readonly Quoted[]>();
  #pairs = 0;
  /** How many held-out texts were known, ever, when contents were looked through. */
  readonly #lookedAt = new WeakMap<FileContents, number>();
  #added = 0;
  #found = new Map<string, readonly HeldoutQuote[]>();

  constructor(texts: TextTable, finder = new QuoteFinder()) {
    this.#texts = texts;
    this.#finder = finder;
  }

  /** Held-out texts that are not looked for: there are too many. */
  get refused(): number {
    return this.#finder.refused;
  }

  /** Whether quotes were found that are not remembered. */
  get isPartial(): boolean {
    return this.#pairs >= pairLimit;
  }

  /** What was found for a domain when it was last reviewed. */
  of(corpus: string): readonly HeldoutQuote[] {
    return this.#found.get(corpus) ?? [];
  }

  /** A number for `lookedThrough`, taken before a file is read. */
  get now(): number {
    return this.#added;
  }

  /** Takes in a text while its file is read. */
  take(hash: string, text: Uint8Array, isHeldout: boolean): void {
    if (isHeldout && this.#finder.add(hash, text)) this.#added++;
    // Held-out text too: it may be trained on after the next label.
    if (this.#finder.isEmpty) return;
    this.#pairs -= this.#quotes.get(hash)?.length ?? 0;
    this.#quotes.delete(hash);
    const found = this.#finder.find(text).filter(({ key }) => key !== hash);
    if (found.length === 0 || this.#pairs >= pairLimit) return;
    this.#pairs += found.length;
    this.#quotes.set(hash, found);
  }

  lookedThrough(contents: FileContents, at: number): void {
    this.#lookedAt.set(contents, at);
  }

  /** Reads again what was not looked through for all held-out texts. Stops early when it may not go on. */
  async catchUp(tables: readonly CorpusTable[], mayGoOn: () => boolean): Promise<void> {
    const wanted = new Set<string>();
    const rows = tables
      .filter(({ specification }) => specification.role === 'domain')
      .map((table) => ({ table, heldout: table.rowsByStanding().heldout }));
    for (const { heldout } of rows) for (const row of heldout.keys()) wanted.add(this.#texts.hashOf(row));
    this.#finder.keep(wanted);
    const isUnknown = (row: number): boolean => !this.#finder.knows(this.#texts.hashOf(row));
    for (const { table, heldout } of rows) {
      const files = new Set([...heldout].filter(([row]) => isUnknown(row)).map(([, file]) => file));
      await this.#lookThrough(table, [...files], mayGoOn);
    }
    if (this.#finder.isEmpty) return;
    for (const table of tables) {
      const files = table
        .ordered()
        .filter(({ contents }) => contents !== undefined && this.#lookedAt.get(contents) !== this.#added);
      await this.#lookThrough(table, files, mayGoOn);
    }
  }

  /** Takes the findings anew, from who holds which text now; what is a held-out text's very own is reported elsewhere. */
  review(tables: readonly CorpusTable[]): void {
    this.#found = new Map();
    this.#forgetGone();
    if (this.#quotes.size === 0) return;
    const standings = tables.map((table) => ({ table, ...table.rowsByStanding() }));
    for (const own of standings) {
      const { name, role } = own.table.specification;
      if (role !== 'domain') continue;
      const trained = standings.filter((one) => one === own || one.table.specification.role === 'generic');
      const others = new Map<number, Map<string, number>>();
      const isCommonQuote = this.#commonQuotes();
      for (const [hash, quotes] of this.#quotes) {
        const row = this.#texts.rowOf(hash);
        const files = row === undefined ? [] : trained.flatMap(({ member }) => member.get(row) ?? []);
        if (row === undefined || files.length === 0) continue;
        for (const quote of quotes) {
          if (isCommonQuote(quote)) continue;
          const { key, share } = quote;
          const quoted = this.#texts.rowOf(key);
          if (quoted === undefined || !own.heldout.has(quoted)) continue;
          if (quoted === row) continue;
          const shares = others.get(quoted) ?? new Map<string, number>();
          others.set(quoted, shares);
          for (const { file } of files) {
            const { absolute } = file.found;
            shares.set(absolute, Math.max(share, shares.get(absolute) ?? 0));
          }
        }
      }
      const found = [...own.heldout]
        .filter(([row]) => others.has(row))
        .map(([row, { file }]) => ({
          heldout: file.found.absolute,
          isPassage: file.standing !== 'held-out',
          others: [...(others.get(row) ?? [])]
            .map(([path, share]) => ({ file: path, share }))
            .sort((a, b) => b.share - a.share || (a.file < b.file ? -1 : 1)),
        }));
      this.#found.set(name, found);
    }
  }

  /**
   * Which quotes are of what many texts have, by how many were found to have them: a run counts each run of words, which
   * the editor cannot without reading all files again after each edit.
   */
  #commonQuotes(): (quote: Quoted) => boolean {
    const few = commonFrom(this.#texts.count);
    const holders = { whole: new Map<string, number>(), part: new Map<string, number>() };
    const mapOf = ({ isWhole }: Quoted) => (isWhole ? holders.whole : holders.part);
    for (const quotes of this.#quotes.values()) {
      for (const quote of quotes) mapOf(quote).set(quote.key, (mapOf(quote).get(quote.key) ?? 0) + 1);
    }
    return (quote) => {
      const texts = 1 + (mapOf(quote).get(quote.key) ?? 0);
      return quote.isWhole ? isCommon(texts, few) : texts > few;
    };
  }

  async #lookThrough(table: CorpusTable, files: readonly TableFile[], mayGoOn: () => boolean): Promise<void> {
    let next = 0;
    const reader = async (): Promise<void> => {
      while (next < files.length) {
        const file = files[next++];
        const { contents } = file;
        if (contents === undefined) continue;
        if (!mayGoOn()) return;
        const at = this.#added;
        await this.#read(table, file);
        this.lookedThrough(contents, at);
      }
    };
    await Promise.all(Array.from({ length: readers }, reader));
  }

  async #read(table: CorpusTable, { file }: TableFile): Promise<void> {
    const { found, passages, standing } = file;
    const textField = table.specification.sources[found.source].textField ?? 'text';
    for await (const item of extractFile(found, { textField, passages, standing, limits })) {
      if (item.kind === 'document')
        this.take(contentHash(item.bytes), item.bytes, isHeldout(file, item.standing));
    }
  }

  #forgetGone(): void {
    for (const [hash, quotes] of this.#quotes) {
      if (this.#texts.rowOf(hash) !== undefined) continue;
      this.#pairs -= quotes.length;
      this.#quotes.delete(hash);
    }
  }
}
