/** Decoding a stream of file bytes to clean UTF-8 pieces, each cut between characters. */
import { isUtf8 } from 'node:buffer';
import { type Encoding, normalizeBytes, sniffEncoding } from './cleaning.ts';

/** Bytes that are no text in the encoding that their file seems to have. */
export class UndecodableError extends Error {
  readonly reason: 'binary' | 'undecodable';

  constructor(reason: 'binary' | 'undecodable') {
    super(reason);
    this.reason = reason;
  }
}

/** UTF-8 without byte-order mark and with LF line ends. Throws `UndecodableError`. */
export async function* decodedPieces(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let decode: ((chunk: Buffer, isLast: boolean) => Buffer) | undefined;
  // A CR at the end of a piece waits for the next piece, which may begin with LF.
  let held: Buffer = Buffer.alloc(0);
  const clean = (bytes: Buffer, isLast: boolean): Buffer => {
    const joined = held.length === 0 ? bytes : Buffer.concat([held, bytes]);
    const keep = !isLast && joined.at(-1) === 13 ? joined.length - 1 : joined.length;
    held = joined.subarray(keep);
    return normalizeBytes(joined.subarray(0, keep));
  };
  for await (const chunk of chunks) {
    decode ??= decoder(sniffEncoding(chunk));
    const piece = clean(decode(chunk, false), false);
    if (piece.length > 0) yield piece;
  }
  const rest = decode === undefined ? Buffer.alloc(0) : clean(decode(Buffer.alloc(0), true), true);
  if (rest.length > 0) yield rest;
}

function decoder(encoding: Encoding): (chunk: Buffer, isLast: boolean) => Buffer {
  return encoding === 'utf-8' ? utf8Decoder() : utf16Decoder(encoding);
}

/** Passes valid bytes on; the start of a character at the end of a chunk waits for the next chunk. */
function utf8Decoder(): (chunk: Buffer, isLast: boolean) => Buffer {
  let held: Buffer = Buffer.alloc(0);
  return (chunk, isLast) => {
    const bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    const end = isLast ? bytes.length : bytes.length - unfinished(bytes);
    held = bytes.subarray(end);
    const whole = bytes.subarray(0, end);
    if (!isUtf8(whole)) throw new UndecodableError(whole.includes(0) ? 'binary' : 'undecodable');
    return whole;
  };
}

function utf16Decoder(encoding: Encoding): (chunk: Buffer, isLast: boolean) => Buffer {
  const text = new TextDecoder(encoding, { fatal: true });
  return (chunk, isLast) => {
    try {
      return Buffer.from(text.decode(chunk, { stream: !isLast }));
    } catch {
      throw new UndecodableError('undecodable');
    }
  };
}

/** How many bytes at the end begin a UTF-8 character that is not complete: 0 to 3. */
function unfinished(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back];
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) {
      const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return needed > back ? back : 0;
    }
  }
  return 0;
}
