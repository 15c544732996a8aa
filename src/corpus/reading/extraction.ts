/**
 * From one file to its documents: cleaned UTF-8 text, streamed. Whatever is not taken is reported with its reason.
 * A small file is read once and passes as bytes; a large text file is read twice, first to check all of it
 * and then to cut it, because a fault near its end would otherwise leave half a file in the corpus.
 */
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { ParlanceError, systemErrorCode } from '../../common/errors.ts';
import type { SkipReason } from '../documents/report.ts';
import type { Standing } from '../labels/holding-entries.ts';
import type { LabelledPassage } from '../labels/label-rules.ts';
import type { Label } from '../labels/labels.ts';
import { type LabelledSpan, paintSpans, placePassage } from '../labels/passages.ts';
import type { FoundFile } from '../sources/found-file.ts';
import { isReportText } from '../sources/own-output.ts';
import { checkText, cutParagraphs, isBlank, type Limits, ParagraphCutter, TextChecker } from './cleaning.ts';
import { decodeBytes, decodedPieces } from './decoding.ts';
import { UndecodableError } from './encodings.ts';
import type { DocumentStanding, Extraction, SkippedText } from './extracted.ts';
import { htmlToPlainText } from './html.ts';
import { jsonlTexts } from './jsonl.ts';
import { parquetTexts } from './parquet.ts';
import { isPointer } from './pointers.ts';
import { recordDocuments } from './record-documents.ts';

export interface ExtractionSettings {
  readonly textField: string;
  readonly passages: readonly LabelledPassage[];
  /** Whether text outside of passages is in the corpus. */
  readonly standing: Standing;
  readonly limits: Limits;
}

/**
 * The documents of a file in their order. Whatever goes wrong with one file is reported as skipped and never ends a corpus; only
 * errors meant for the user, such as an interruption, go up.
 */
export async function* extractFile(
  file: FoundFile,
  settings: ExtractionSettings,
): AsyncGenerator<Extraction> {
  try {
    if (await isPointer(file)) yield { kind: 'skipped', reason: 'pointer' };
    else yield* extractions(file, settings);
  } catch (error) {
    if (error instanceof ParlanceError) throw error;
    yield { kind: 'skipped', reason: reasonOf(error) };
  }
}

function reasonOf(error: unknown): SkipReason {
  if (error instanceof UndecodableError) return error.reason;
  const code = systemErrorCode(error);
  // Node's own refusals (ERR_…) are no fault of the disk.
  return code === undefined || code.startsWith('ERR_') ? 'failed' : 'unreadable';
}

async function* extractions(file: FoundFile, settings: ExtractionSettings): AsyncGenerator<Extraction> {
  const { limits } = settings;
  if (file.format === 'jsonl' || file.format === 'jsonl.gz') {
    yield* lostAll(file, settings, 'passages are placed in text files only');
    yield* recordDocuments(jsonlTexts(file, settings.textField, limits), settings);
  } else if (file.format === 'parquet') {
    yield* lostAll(file, settings, 'passages are placed in text files only');
    yield* recordDocuments(parquetTexts(file, settings.textField, limits), settings);
  } else if (settings.passages.length > 0 && file.size <= limits.passageFileBytes) {
    yield* wholeFile(file, settings);
  } else {
    yield* lostAll(file, settings, 'the file is too large to place passages in it');
    if (file.format === 'html' && file.size > limits.recordBytes)
      yield { kind: 'skipped', reason: 'too-large' };
    else if (file.format === 'html' || file.size <= limits.documentBytes) yield* wholeFile(file, settings);
    else yield* largeTextFile(file, settings);
  }
}

function* lostAll(file: FoundFile, settings: ExtractionSettings, reason: string): Generator<Extraction> {
  for (const passage of settings.passages) yield lost(file.path, passage, reason);
}

function lost(path: string, { anchor, label }: LabelledPassage, reason: string): Extraction {
  const quote = (anchor.quote ?? anchor.head ?? '').slice(0, 60);
  return { kind: 'lost', passage: { path, label, quote, reason } };
}

function lineLimit(file: FoundFile, limits: Limits): number {
  return file.format === 'code' ? limits.codeLineBytes : limits.proseLineBytes;
}

async function* wholeFile(file: FoundFile, settings: ExtractionSettings): AsyncGenerator<Extraction> {
  const { limits, passages } = settings;
  const bytes = decodeBytes(await readFile(file.absolute), file.format === 'html');
  if (isReportText(bytes)) {
    yield { kind: 'skipped', reason: 'own-output' };
    return;
  }
  // The lines of HTML say nothing about its text; the text made from it has lines of its own.
  const longest = file.format === 'html' ? Number.POSITIVE_INFINITY : lineLimit(file, limits);
  const fault = checkText(bytes, longest, limits.controlShare);
  if (fault !== undefined) {
    yield {
      kind: 'skipped',
      reason: fault.reason,
      ...(fault.reason === 'long-line' && { line: fault.line }),
    };
    return;
  }
  let record = 0;
  const pieces: Generator<Extraction | Piece> | readonly Piece[] =
    passages.length === 0
      ? [{ kind: 'piece', bytes, standing: 'file' }]
      : cutPassages(file.path, bytes.toString(), settings);
  for (const piece of pieces) {
    if (piece.kind === 'lost' || piece.kind === 'skipped') {
      yield piece;
      continue;
    }
    const text = file.format === 'html' ? Buffer.from(htmlToPlainText(piece.bytes.toString())) : piece.bytes;
    if (piece.kind === 'left-out') {
      if (!isBlank(text)) yield { ...piece, bytes: text };
      continue;
    }
    for (const part of cutParagraphs(text, limits.documentBytes)) {
      if (!isBlank(part)) yield { kind: 'document', record: record++, bytes: part, standing: piece.standing };
    }
  }
  if (record === 0 && passages.length === 0) yield { kind: 'skipped', reason: 'empty' };
}

interface Piece {
  readonly kind: 'piece';
  readonly bytes: Buffer;
  readonly standing: DocumentStanding;
}

/** Where passages overlap, the label that keeps text away from training holds. */
const ranks: Readonly<Record<Standing | 'file', number>> = { file: 0, member: 1, 'held-out': 2, out: 3 };

function* cutPassages(
  path: string,
  text: string,
  settings: ExtractionSettings,
): Generator<Extraction | Piece> {
  const painted: LabelledSpan<Standing>[] = [];
  const out: LabelledSpan<Label | undefined>[] = [];
  for (const passage of settings.passages) {
    const span = placePassage(text, passage.anchor);
    if (span === undefined) yield lost(path, passage, 'its text is no longer in its place');
    else painted.push({ ...span, value: passage.standing });
    if (span !== undefined && passage.standing === 'out') out.push({ ...span, value: passage.label });
  }
  const base: Standing | 'file' = settings.standing === 'out' ? 'out' : 'file';
  for (const { start, end, value } of paintSpans<Standing | 'file'>(
    text.length,
    base,
    painted,
    (of) => ranks[of],
  )) {
    if (value !== 'out') yield { kind: 'piece', bytes: Buffer.from(text.slice(start, end)), standing: value };
  }
  for (const { start, end, value } of paintSpans(text.length, undefined, out, (label) =>
    Number(label !== undefined),
  )) {
    if (value !== undefined)
      yield { kind: 'left-out', label: value, bytes: Buffer.from(text.slice(start, end)) };
  }
}

async function* largeTextFile(file: FoundFile, settings: ExtractionSettings): AsyncGenerator<Extraction> {
  const { limits } = settings;
  const { encoding, fault } = await checkedStream(file, limits);
  if (fault !== undefined) {
    yield fault;
    return;
  }
  const cutter = new ParagraphCutter(limits.documentBytes);
  let record = 0;
  function* documents(parts: Iterable<Buffer>): Generator<Extraction> {
    for (const bytes of parts)
      if (!isBlank(bytes)) yield { kind: 'document', record: record++, bytes, standing: 'file' };
  }
  for await (const piece of decodedPieces(streamOf(file), encoding)) yield* documents(cutter.push(piece));
  yield* documents(cutter.end());
}

type StreamEncoding = Parameters<typeof decodedPieces>[1];

/** How to decode a file, and why it is no text. */
async function checkedStream(
  file: FoundFile,
  limits: Limits,
): Promise<{ readonly encoding: StreamEncoding; readonly fault: SkippedText | undefined }> {
  try {
    return { encoding: undefined, fault: await faultOf(file, limits, undefined) };
  } catch (error) {
    if (!(error instanceof UndecodableError) || error.reason !== 'seven-bit') throw error;
    return { encoding: 'iso-2022-jp', fault: await faultOf(file, limits, 'iso-2022-jp') };
  }
}

async function faultOf(
  file: FoundFile,
  limits: Limits,
  encoding: StreamEncoding,
): Promise<SkippedText | undefined> {
  const checker = new TextChecker(lineLimit(file, limits), limits.controlShare);
  for await (const piece of decodedPieces(streamOf(file), encoding)) {
    const reason = checker.add(piece);
    if (reason === undefined) continue;
    return { kind: 'skipped', reason, ...(reason === 'long-line' && { line: checker.line }) };
  }
  const reason = checker.end();
  return reason && { kind: 'skipped', reason };
}

function streamOf({ absolute }: FoundFile): AsyncIterable<Buffer> {
  return createReadStream(absolute, { highWaterMark: 1 << 20 });
}
