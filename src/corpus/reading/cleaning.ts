/**
 * What counts as text. All checks work on UTF-8 bytes, without making strings: most text passes from disk to
 * store untouched. Limits are generous, because a wrongly skipped document is worse than an odd one kept.
 */
import type { SkipReason } from '../documents/report.ts';

const kibibyte = 1024;
const mebibyte = 1024 * kibibyte;

/** Limits of what is read, in bytes of UTF-8 unless said otherwise. Documented in docs/formats/corpus.md. */
export const limits = {
  /** A longer text is cut at paragraphs into several documents. */
  documentBytes: mebibyte,
  /** The longest line of a JSONL file, text of a Parquet row or HTML file; longer ones are skipped. */
  recordBytes: 16 * mebibyte,
  /** A file with labelled passages is read whole, up to this size. */
  passageFileBytes: 64 * mebibyte,
  /** The longest line of prose. Some novels are one line a paragraph or even a chapter. */
  proseLineBytes: mebibyte,
  /** The longest line of source code; longer ones are minified or generated. */
  codeLineBytes: 20 * kibibyte,
  /** Of the bytes: more control characters than this are binary data. */
  controlShare: 0.01,
  /** The text column of one Parquet row group, as stored (compressed); it is read whole. */
  columnChunkBytes: 512 * mebibyte,
  /** About how much text of a Parquet file is decoded at once. */
  decodedBytes: 32 * mebibyte,
};
export type Limits = typeof limits;

const lineFeed = 10;
const carriageReturn = 13;

/** Looks at a text piece by piece and tells why it is no text that people wrote. */
export class TextChecker {
  readonly #lineLimit: number;
  readonly #controlShare: number;
  #line = 1;
  #lineBytes = 0;
  #bytes = 0;
  #controls = 0;
  #isBlank = true;

  constructor(lineLimit: number, controlShare: number) {
    this.#lineLimit = lineLimit;
    this.#controlShare = controlShare;
  }

  /** The line (from 1) that the text looked at so far ends in. */
  get line(): number {
    return this.#line;
  }

  /** Looks at the next bytes; returns a reason as soon as there is one. */
  add(bytes: Uint8Array): SkipReason | undefined {
    this.#bytes += bytes.length;
    for (const byte of bytes) {
      if (byte === lineFeed) {
        this.#line++;
        this.#lineBytes = 0;
        continue;
      }
      if (++this.#lineBytes > this.#lineLimit) return 'long-line';
      if (byte > 32) {
        this.#isBlank = false;
        if (byte === 127) this.#controls++;
      } else if (byte < 32) {
        if (byte === 0) return 'binary';
        // Tab, line feed, vertical tab, form feed and carriage return are 9 to 13.
        if (byte < 9 || byte > 13) this.#controls++;
      }
    }
    return undefined;
  }

  /** The verdict on the whole. */
  end(): SkipReason | undefined {
    if (this.#controls > this.#bytes * this.#controlShare) return 'binary';
    return this.#isBlank ? 'empty' : undefined;
  }
}

const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * Without a leading byte-order mark and with LF for each line end that an editor sees: CRLF, LF, and CR alone (old Macs,
 * progress bars in logs). Copies only if there is something to change.
 */
export function normalizeBytes(bytes: Buffer): Buffer {
  const plain = bytes.subarray(0, 3).equals(byteOrderMark) ? bytes.subarray(3) : bytes;
  return plain.includes(carriageReturn) ? withLineFeeds(plain) : plain;
}

function withLineFeeds(bytes: Buffer): Buffer {
  const result = Buffer.allocUnsafe(bytes.length);
  let length = 0;
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] === carriageReturn && bytes[i + 1] === lineFeed) continue;
    result[length++] = bytes[i] === carriageReturn ? lineFeed : bytes[i];
  }
  return result.subarray(0, length);
}

/** Checks a text that is wholly in memory; the bytes are those of `decodeBytes` (decoding.ts). */
export function checkText(
  bytes: Uint8Array,
  lineLimit: number,
  controlShare: number,
): { readonly reason: SkipReason; readonly line: number } | undefined {
  const checker = new TextChecker(lineLimit, controlShare);
  const reason = checker.add(bytes) ?? checker.end();
  return reason === undefined ? undefined : { reason, line: checker.line };
}

/** Whether a text has nothing but white space and control characters. */
export function isBlank(bytes: Uint8Array): boolean {
  return !bytes.some((byte) => byte > 32);
}

/** Cuts a stream of text into documents at blank lines, else at line ends, else between characters. */
export class ParagraphCutter {
  readonly #limitBytes: number;
  #held: Buffer = Buffer.alloc(0);

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Takes the next bytes (cut between characters) and gives the documents that are complete. */
  *push(bytes: Buffer): Generator<Buffer> {
    this.#held = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    while (this.#held.length > this.#limitBytes) {
      const cut = cutBefore(this.#held, this.#limitBytes);
      yield this.#held.subarray(0, cut);
      this.#held = this.#held.subarray(cut);
    }
  }

  /** What is left; the cutter is empty afterwards. */
  *end(): Generator<Buffer> {
    if (this.#held.length > 0) yield this.#held;
    this.#held = Buffer.alloc(0);
  }
}

/** Cuts a text in memory; see `ParagraphCutter`. */
export function* cutParagraphs(bytes: Buffer, limitBytes: number): Generator<Buffer> {
  const cutter = new ParagraphCutter(limitBytes);
  yield* cutter.push(bytes);
  yield* cutter.end();
}

/** The best place to cut in the second half of the first `limit` bytes. */
function cutBefore(bytes: Buffer, limit: number): number {
  const half = limit >> 1;
  const paragraph = bytes.lastIndexOf('\n\n', limit - 2);
  if (paragraph >= half) return paragraph + 2;
  const line = bytes.lastIndexOf(lineFeed, limit - 1);
  if (line >= half) return line + 1;
  let cut = limit;
  while ((bytes[cut] & 0xc0) === 0x80) cut--;
  return cut;
}
