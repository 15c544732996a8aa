/**
 * The files of one corpus as they are now, with what they hold: what the editor's views are made from. It knows no
 * watcher and no process. Totals are taken over all files whenever they are asked for (about 0.1 s for 100,000), so that
 * nothing can drift.
 */
import { type CorpusFile, isLeftOut, labelFile, settingsHash } from '../documents/corpus-file.ts';
import { standingCodes } from '../documents/splitting.ts';
import type { LabelRules } from '../labels/label-rules.ts';
import type { Label } from '../labels/labels.ts';
import { type FoundFile, isUnchanged } from '../sources/found-file.ts';
import { byPath } from '../sources/sources.ts';
import type { CorpusSpecification } from '../sources/specification.ts';
import { type FileContents, releaseContents } from './contents.ts';
import { type CorpusTotals, TotalsSum } from './corpus-totals.ts';
import { type TableFile, wasRead } from './table-file.ts';
import type { TextTable } from './texts.ts';

export class CorpusTable {
  readonly specification: CorpusSpecification;
  readonly #texts: TextTable;
  #rules: LabelRules;
  /** By source, then by absolute path. */
  readonly #files: readonly Map<string, TableFile>[];
  #ordered: readonly TableFile[] | undefined;
  #version = 0;
  readonly #settings = new Map<string, string>();

  constructor(specification: CorpusSpecification, rules: LabelRules, texts: TextTable) {
    this.specification = specification;
    this.#rules = rules;
    this.#texts = texts;
    this.#files = specification.sources.map(() => new Map());
  }

  /** Another number after every change. */
  get version(): number {
    return this.#version;
  }

  get count(): number {
    return this.#files.reduce((sum, files) => sum + files.size, 0);
  }

  /** Takes in what a walk says of a path; returns the file when it must be read. */
  update(source: number, absolute: string, found: FoundFile | undefined): CorpusFile | undefined {
    const files = this.#files[source];
    const known = files.get(absolute);
    if (found === undefined) {
      if (known === undefined) return undefined;
      releaseContents(known.contents, this.#texts);
      files.delete(absolute);
      this.#changed();
      return undefined;
    }
    const isSame =
      known !== undefined && isUnchanged(known.file.found, found) && known.file.found.format === found.format;
    if (isSame && wasRead(known)) return undefined;
    return this.#put(found, isSame ? known : undefined, known);
  }

  /** Changes the labels; returns the files to read. `paths` are those whose labels may differ; all when absent. */
  relabel(rules: LabelRules, paths?: ReadonlySet<string>): CorpusFile[] {
    this.#rules = rules;
    const toRead: CorpusFile[] = [];
    for (const files of this.#files) {
      for (const absolute of paths ?? files.keys()) {
        const known = files.get(absolute);
        const file = known && this.#put(known.file.found, known, known);
        if (file !== undefined) toRead.push(file);
      }
    }
    return toRead;
  }

  /** What was read of a file; let go when the file changed meanwhile. */
  fill(file: CorpusFile, contents: FileContents): void {
    const files = this.#files[file.found.source];
    const known = files.get(file.found.absolute);
    if (known?.file !== file) {
      releaseContents(contents, this.#texts);
      return;
    }
    releaseContents(known.contents, this.#texts);
    files.set(file.found.absolute, { ...known, contents });
    this.#changed();
  }

  /** Lets go of all files: another table takes the corpus's place. */
  clear(): void {
    for (const files of this.#files) {
      for (const { contents } of files.values()) releaseContents(contents, this.#texts);
      files.clear();
    }
    this.#changed();
  }

  /** All files in the order of a run: by source, then by path. */
  ordered(): readonly TableFile[] {
    this.#ordered ??= this.#files.flatMap((files) =>
      [...files.values()].sort((a, b) => byPath(a.file.found, b.file.found)),
    );
    return this.#ordered;
  }

  /** What the corpus makes of a path; the first source that has it counts. */
  find(absolute: string): TableFile | undefined {
    for (const files of this.#files) {
      const known = files.get(absolute);
      if (known !== undefined) return known;
    }
    return undefined;
  }

  /** Files with this label, or with a passage that has it, in order. */
  withLabel(label: Label): TableFile[] {
    return this.ordered().filter(
      ({ file }) => file.label === label || file.passages.some((passage) => passage.label === label),
    );
  }

  /** Rows of the held-out texts, and of the texts trained on, each with a file that holds it. */
  rowsByStanding(): { readonly heldout: Map<number, TableFile>; readonly member: Map<number, TableFile> } {
    const heldout = new Map<number, TableFile>();
    const member = new Map<number, TableFile>();
    for (const one of this.ordered()) {
      const { contents, file } = one;
      for (const [i, row] of (contents?.rows ?? []).entries()) {
        const code = contents?.standings[i] ?? 0;
        const isHeldout =
          code === standingCodes['held-out'] || (code === standingCodes.file && file.standing === 'held-out');
        const rows = isHeldout ? heldout : member;
        if (!rows.has(row)) rows.set(row, one);
      }
    }
    return { heldout, member };
  }

  /** Everything in one pass. */
  totals(): CorpusTotals {
    const sum = new TotalsSum(this.specification, this.#texts);
    for (const file of this.ordered()) sum.add(file);
    sum.addLostFiles(this.#rules, (path) => this.find(path) !== undefined);
    return sum.result();
  }

  /** Puts a file with its labels; returns it when it must be read. */
  #put(found: FoundFile, same: TableFile | undefined, known: TableFile | undefined): CorpusFile | undefined {
    const source = this.specification.sources[found.source];
    const file = labelFile(found, this.#rules, source);
    const settings = this.#settingsOf(file);
    const leftOut = isLeftOut(file);
    const wasKept = same?.contents !== undefined && wasRead(same);
    const keeps = wasKept && !leftOut && same.settings === settings;
    if (!keeps) releaseContents(known?.contents, this.#texts);
    this.#files[found.source].set(found.absolute, {
      file,
      labelled: this.#rules.mentions(found.absolute),
      settings,
      contents: keeps ? same.contents : undefined,
    });
    this.#changed();
    return leftOut || keeps ? undefined : file;
  }

  #changed(): void {
    this.#ordered = undefined;
    this.#version++;
  }

  #settingsOf(file: CorpusFile): string {
    const source = this.specification.sources[file.found.source];
    if (file.passages.length > 0) return settingsHash(file, source);
    const key = `${file.found.source} ${file.found.format}`;
    const known = this.#settings.get(key) ?? settingsHash(file, source);
    this.#settings.set(key, known);
    return known;
  }
}
