/**
 * The files of one corpus as they are now, with what they hold: what the editor's views are made from. It knows no
 * watcher and no process. Totals are taken over all files whenever they are asked for (about 0.1 s for 100,000), in
 * the order in which a run reads them, so that they equal the run's own report and nothing can drift.
 */
import { type CorpusFile, isLeftOut, labelFile, settingsHash } from '../documents/corpus-file.ts';
import { labelOfDocument } from '../documents/make-report.ts';
import type { LostPassage, SkipReason } from '../documents/report.ts';
import { standingCodes } from '../documents/splitting.ts';
import type { LabelRules } from '../labels/label-rules.ts';
import type { Label } from '../labels/labels.ts';
import { lostWithFiles } from '../labels/lost-passages.ts';
import { type FoundFile, isUnchanged } from '../sources/found-file.ts';
import { byPath } from '../sources/sources.ts';
import type { CorpusSpecification } from '../sources/specification.ts';
import { type FileContents, releaseContents } from './contents.ts';
import type { TextTable } from './texts.ts';

export interface TableFile {
  readonly file: CorpusFile;
  /** Whether an entry of the labels file speaks of it. */
  readonly labelled: boolean;
  /** What decides, beside its content, what is read from it. */
  readonly settings: string;
  /** `undefined` while it is unread, and for a file that is left out. */
  readonly contents: FileContents | undefined;
}

export interface Totals {
  files: number;
  passages: number;
  bytes: number;
  tokens: number;
  /** Bytes of texts whose tokens nobody counted. */
  uncountedBytes: number;
}

export interface CorpusTotals {
  readonly labels: ReadonlyMap<Label, Totals>;
  readonly explicitHeldout: boolean;
  /** Copies of a text that is in the corpus already, and files that hold them; the first few. */
  readonly copies: { readonly count: number; readonly files: readonly string[] };
  readonly lost: readonly (LostPassage & { readonly absolute: string })[];
  readonly skipped: ReadonlyMap<SkipReason, { count: number; readonly files: string[] }>;
  /** Texts of the corpus, each once. */
  readonly texts: number;
}

const exampleFiles = 10;

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

/** Whether nothing is left to read: a file that could not be opened is tried again. */
function wasRead({ contents, file }: TableFile): boolean {
  if (contents === undefined) return isLeftOut(file);
  return contents.skipped.every(({ reason }) => reason !== 'unreadable');
}

class TotalsSum {
  readonly #specification: CorpusSpecification;
  readonly #texts: TextTable;
  readonly #labels = new Map<Label, Totals>();
  readonly #seen = new Set<number>();
  readonly #copies = { count: 0, files: [] as string[] };
  readonly #lost: (LostPassage & { absolute: string })[] = [];
  readonly #skipped = new Map<SkipReason, { count: number; files: string[] }>();
  #explicitHeldout = false;

  constructor(specification: CorpusSpecification, texts: TextTable) {
    this.#specification = specification;
    this.#texts = texts;
  }

  add(one: TableFile): void {
    const { file, contents } = one;
    const { absolute, size } = file.found;
    const own = this.#of(file.label);
    own.files++;
    if (isLeftOut(file)) {
      own.bytes += size;
      own.uncountedBytes += size;
    }
    if (contents !== undefined) this.#addTexts(one, contents);
    for (const { label } of file.passages) this.#of(label).passages++;
    for (const passage of contents?.lost ?? []) {
      this.#of(passage.label).passages--;
      this.#lost.push({ ...passage, absolute });
    }
    for (const { reason, count } of contents?.skipped ?? []) {
      const kind = this.#skipped.get(reason) ?? { count: 0, files: [] };
      this.#skipped.set(reason, kind);
      kind.count += count;
      if (kind.files.length < exampleFiles) kind.files.push(absolute);
    }
  }

  /** Passages of files that are gone, below any source, cannot be placed. */
  addLostFiles(rules: LabelRules, isThere: (path: string) => boolean): void {
    for (const lost of lostWithFiles(rules, this.#specification, isThere)) this.#lost.push(lost);
  }

  result(): CorpusTotals {
    return {
      labels: this.#labels,
      explicitHeldout: this.#explicitHeldout,
      copies: this.#copies,
      lost: this.#lost,
      skipped: this.#skipped,
      texts: this.#seen.size,
    };
  }

  #addTexts({ file }: TableFile, contents: FileContents): void {
    const { role } = this.#specification;
    for (let i = 0; i < contents.rows.length; i++) {
      const row = contents.rows[i];
      const code = contents.standings[i];
      const isHeldout =
        code === standingCodes.file ? file.standing === 'held-out' : code === standingCodes['held-out'];
      if (isHeldout) this.#explicitHeldout = true;
      if (this.#seen.has(row)) {
        this.#copies.count++;
        const { files } = this.#copies;
        if (files.length < exampleFiles && files.at(-1) !== file.found.absolute)
          files.push(file.found.absolute);
        continue;
      }
      this.#seen.add(row);
      this.#addText(row, labelOfDocument(code, file.label, role));
    }
    // A run's report tells of what it reads; for people the size of what they took out counts as well.
    if (role === 'domain') for (const { row, label } of contents.leftOut) this.#addText(row, label);
  }

  #addText(row: number, label: Label): void {
    const total = this.#of(label);
    const bytes = this.#texts.bytesOf(row);
    total.bytes += bytes;
    const tokens = this.#texts.tokensOf(row);
    if (tokens === undefined) total.uncountedBytes += bytes;
    else total.tokens += tokens;
  }

  #of(label: Label): Totals {
    const known = this.#labels.get(label);
    if (known !== undefined) return known;
    const total = { files: 0, passages: 0, bytes: 0, tokens: 0, uncountedBytes: 0 };
    this.#labels.set(label, total);
    return total;
  }
}
