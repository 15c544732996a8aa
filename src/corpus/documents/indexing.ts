/**
 * From a specification to a document store. One pass over the files in a fixed order extracts documents and
 * appends each new text to the shards; then splits and duplicates are decided on the index alone. The same files
 * give the same index and texts byte for byte, whether read again or taken over from a previous store.
 */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CorruptionError, InputError } from '../../common/errors.ts';
import { writeAtomic, writeFileAtomic } from '../../common/files.ts';
import { formatPlural } from '../../common/format.ts';
import { throwIfStopped } from '../../common/interruption.ts';
import type { Standing } from '../labels/holding-entries.ts';
import { LabelRules } from '../labels/label-rules.ts';
import type { Label } from '../labels/labels.ts';
import { lostWithFiles } from '../labels/lost-passages.ts';
import { limits } from '../reading/cleaning.ts';
import type { ExtractedDocument } from '../reading/extracted.ts';
import { extractFile } from '../reading/extraction.ts';
import { sketchText } from '../similarity/sketch.ts';
import { type FoundFile, isOnlyTold, stampOf } from '../sources/found-file.ts';
import { noText, textFieldHint, withLeftOut } from '../sources/no-text.ts';
import { listFiles } from '../sources/sources.ts';
import type { CorpusSource, CorpusSpecification } from '../sources/specification.ts';
import { addSkip, type CorpusFile, isLeftOut, labelFile, settingsHash } from './corpus-file.ts';
import { DocumentStore, storeFiles } from './document-store.ts';
import { type Columns, DocumentTableBuilder, encodeColumns, hashOfText } from './document-table.ts';
import { type FileEntry, FileListWriter } from './file-list.ts';
import { makeReport } from './make-report.ts';
import { type KnownFile, PreviousStore } from './previous-store.ts';
import { SkipTally } from './report.ts';
import { leaksWithin } from './split-leaks.ts';
import { splitDocuments, standingCodes } from './splitting.ts';
import { ShardWriter, writeFlushed } from './text-shards.ts';

export interface IndexOptions {
  /** The folder to write into; it is complete once `report.json` is there. */
  readonly directory: string;
  /** An older store's folder, from which unchanged files are taken over unread; all are read when it is damaged. */
  readonly previous?: string;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: { readonly fraction: number; readonly message: string }) => void;
}

/** Reads, cleans, labels and splits a corpus. Throws `InputError` for what the user can mend. */
export async function indexCorpus(
  specification: CorpusSpecification,
  options: IndexOptions,
): Promise<DocumentStore> {
  checkShares(specification);
  try {
    return await indexFiles(specification, options);
  } catch (error) {
    if (options.previous === undefined || !(error instanceof CorruptionError)) throw error;
    return indexFiles(specification, { ...options, previous: undefined });
  }
}

async function indexFiles(specification: CorpusSpecification, options: IndexOptions): Promise<DocumentStore> {
  const rules = await LabelRules.load(specification);
  options.onProgress?.({ fraction: 0, message: 'Looking for files' });
  const { files, notRead } = await listFiles(specification.sources, options.signal);
  // What an interrupted attempt left is written anew; without a report the store counts as unfinished.
  await rm(join(options.directory, storeFiles.report), { force: true });
  await rm(join(options.directory, 'texts'), { recursive: true, force: true });
  await mkdir(options.directory, { recursive: true });
  const indexer = new Indexer(specification, options);
  for (const one of notRead) {
    const tally = isOnlyTold(one) ? indexer.passedOver : indexer.skips;
    tally.add(one.reason, one.path, [], 1);
  }
  indexer.addLostFiles(rules, new Set(files.map((file) => file.absolute)));
  await indexer.readAll(files.map((found) => labelFile(found, rules, specification.sources[found.source])));
  return indexer.finish(files);
}

function checkShares({ split, name }: CorpusSpecification): void {
  const { validation, heldout } = split;
  if (validation >= 0 && heldout >= 0 && validation + heldout < 1) return;
  throw new InputError(
    `The split of corpus ${name} (validation ${validation}, heldout ${heldout}) leaves nothing to train on.`,
    'Choose shares of 0 or more that add up to less than 1, for example 0.05 each.',
  );
}

/** Documents between two looks at the signal. */
const breath = 1024;

class Indexer {
  readonly skips = new SkipTally();
  /** What is reported only when there is too little text (passed-over.ts). */
  readonly passedOver = new SkipTally();
  readonly #specification: CorpusSpecification;
  readonly #options: IndexOptions;
  readonly #table = new DocumentTableBuilder();
  readonly #shards: ShardWriter;
  readonly #list: FileListWriter;
  readonly #lost: FileEntry['lost'] = [];
  readonly #counts = { read: 0, reused: 0, leftOut: 0 };
  /** How far it is, and the file that is read. */
  #at = { fraction: 0, path: '' };
  /** Of the files in the index: path, label and standing, by their place in `files.jsonl`. */
  readonly #files: { readonly path: string; readonly label: Label; readonly standing: Standing }[] = [];
  readonly #leftOut: { readonly label: Label; readonly size: number }[] = [];

  constructor(specification: CorpusSpecification, options: IndexOptions) {
    this.#specification = specification;
    this.#options = options;
    this.#shards = new ShardWriter(options.directory);
    this.#list = new FileListWriter(join(options.directory, storeFiles.files));
  }

  /** Passages of files that are gone, below any source, cannot be placed. */
  addLostFiles(rules: LabelRules, found: ReadonlySet<string>): void {
    const gone = lostWithFiles(rules, this.#specification, (path) => found.has(path));
    for (const { path, label, quote, reason } of gone) this.#lost.push({ path, label, quote, reason });
  }

  async readAll(files: readonly CorpusFile[]): Promise<void> {
    const previous =
      this.#options.previous === undefined ? undefined : await PreviousStore.open(this.#options.previous);
    const totalBytes = files.reduce((sum, { found }) => sum + found.size, 0);
    let doneBytes = 0;
    try {
      for (const file of files) {
        throwIfStopped(this.#options.signal);
        this.#at = { fraction: 0.9 * (doneBytes / Math.max(1, totalBytes)), path: file.found.path };
        this.#progress(this.#at.fraction, `Reading ${this.#at.path}`);
        await this.#file(file, previous);
        doneBytes += file.found.size;
      }
      await this.#shards.close();
      await this.#list.close();
    } finally {
      await previous?.close();
      await this.#shards.abandon();
      await this.#list.abandon();
    }
  }

  /** `found` are the files of the corpus. */
  async finish(found: readonly FoundFile[]): Promise<DocumentStore> {
    const leftOut = () => [...this.skips.list(), ...this.passedOver.list()];
    const hint = () => textFieldHint(this.#specification, found, leftOut());
    if (this.#table.count === 0) throw noText(this.#specification, leftOut(), await hint());
    const standings = Uint8Array.from(this.#files, ({ standing }) =>
      standing === 'held-out' ? standingCodes['held-out'] : standingCodes.member,
    );
    const { directory, signal } = this.#options;
    const split = await splitDocuments(this.#table, this.#specification, {
      fileStandings: standings,
      findLeaks: leaksWithin(directory, this.#specification.role, this.#table.columns, signal),
      onProgress: (fraction) => {
        throwIfStopped(signal);
        this.#progress(0.9 + 0.05 * fraction, 'Looking for near-duplicates');
      },
    }).catch(async (error: unknown) => {
      throw error instanceof InputError ? withLeftOut(error, leftOut(), await hint()) : error;
    });
    this.#progress(0.99, 'Writing the index');
    const columns = this.#table.finish();
    await writeAtomic(join(directory, storeFiles.sketches), async (file) => {
      for (const piece of this.#table.sketches.encode(this.#table.count))
        await file.writeFile(new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength));
    });
    await writeFlushed(join(directory, storeFiles.documents), encodeColumns(columns));
    const report = makeReport({
      specification: this.#specification,
      columns,
      files: this.#files,
      leftOut: this.#leftOut,
      counts: this.#counts,
      skips: this.skips,
      lost: this.#lost,
      split,
    });
    await writeFileAtomic(join(directory, storeFiles.report), `${JSON.stringify(report, undefined, 2)}\n`);
    this.#progress(1, 'Corpus indexed');
    return DocumentStore.open(directory);
  }

  async #file(file: CorpusFile, previous: PreviousStore | undefined): Promise<void> {
    const { found } = file;
    if (isLeftOut(file)) {
      this.#counts.leftOut++;
      this.#leftOut.push({ label: file.label, size: found.size });
      return;
    }
    const source = this.#specification.sources[found.source];
    const settings = settingsHash(file, source);
    const known = previous?.find(source.path, found.path, found, settings);
    const entry =
      previous === undefined || known === undefined
        ? await this.#read(file, source, settings)
        : await this.#takeOver(known, previous);
    for (const { reason, count, lines } of entry.skipped) this.skips.add(reason, found.path, lines, count);
    this.#lost.push(...entry.lost);
    this.#files.push({ path: found.path, label: file.label, standing: file.standing });
    await this.#list.add(entry);
  }

  async #read(file: CorpusFile, source: CorpusSource, settings: string): Promise<FileEntry> {
    const { found, passages, standing } = file;
    const before = this.#table.count;
    const skipped: FileEntry['skipped'] = [];
    const lost: FileEntry['lost'] = [];
    this.#counts.read++;
    const textField = source.textField ?? 'text';
    for await (const item of extractFile(found, { textField, passages, standing, limits })) {
      if (item.kind === 'document') await this.#document(item);
      else if (item.kind === 'lost') lost.push(item.passage);
      else if (item.kind === 'skipped') addSkip(skipped, item);
    }
    return {
      source: source.path,
      path: found.path,
      ...stampOf(found),
      settings,
      rows: this.#table.count - before,
      skipped,
      lost,
    };
  }

  async #document({ bytes, record, standing }: ExtractedDocument): Promise<void> {
    const { row, first } = this.#add(hashOfText(bytes), record, standingCodes[standing]);
    if (row !== first) return;
    this.#table.sketches.set(row, sketchText(bytes));
    this.#place(row, await this.#shards.append(bytes));
  }

  async #takeOver(known: KnownFile, previous: PreviousStore): Promise<FileEntry> {
    this.#counts.reused++;
    for (const document of previous.documents(known)) {
      const { row, first } = this.#add(document.hash, document.record, document.standing);
      if (row !== first) continue;
      this.#table.sketches.set(row, document.sketch);
      this.#place(row, await this.#shards.append(await previous.read(document)));
    }
    return known.entry;
  }

  /** Adds a row; a copy gets the text place and the sketch of the first row with its content. */
  #add(hash: Uint8Array, record: number, standing: number): { readonly row: number; readonly first: number } {
    const added = this.#table.add(hash);
    if (this.#table.count % breath === 0) this.#breathe();
    const { columns } = this.#table;
    columns.file[added.row] = this.#files.length;
    columns.record[added.row] = record;
    columns.standing[added.row] = standing;
    if (added.row !== added.first) {
      this.#place(added.row, placeOf(columns, added.first));
      this.#table.sketches.share(added.row, added.first);
    }
    return added;
  }

  #place(row: number, { shard, offset, bytes }: ReturnType<typeof placeOf>): void {
    const { columns } = this.#table;
    columns.shard[row] = shard;
    columns.offset[row] = offset;
    columns.bytes[row] = bytes;
  }

  /** Within a file too: all text may be in one. */
  #breathe(): void {
    throwIfStopped(this.#options.signal);
    const documents = formatPlural(this.#table.count, 'document');
    this.#progress(this.#at.fraction, `Reading ${this.#at.path}, ${documents} so far`);
  }

  #progress(fraction: number, message: string): void {
    this.#options.onProgress?.({ fraction, message });
  }
}

function placeOf(
  { shard, offset, bytes }: Columns,
  row: number,
): { shard: number; offset: number; bytes: number } {
  return { shard: shard[row], offset: offset[row], bytes: bytes[row] };
}
