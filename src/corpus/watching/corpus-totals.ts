/**
 * What a corpus holds in all: sums a label, copies, passages that are lost, texts that were skipped. Files are added in
 * the order in which a run reads them, so that the totals equal the run's own report.
 */
import { isLeftOut } from '../documents/corpus-file.ts';
import { labelOfDocument } from '../documents/make-report.ts';
import type { LostPassage, SkipReason } from '../documents/report.ts';
import { standingCodes } from '../documents/splitting.ts';
import type { LabelRules } from '../labels/label-rules.ts';
import type { Label } from '../labels/labels.ts';
import { lostWithFiles } from '../labels/lost-passages.ts';
import type { CorpusSpecification } from '../sources/specification.ts';
import type { FileContents } from './contents.ts';
import type { TableFile } from './table-file.ts';
import type { TextTable } from './texts.ts';

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

export class TotalsSum {
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
