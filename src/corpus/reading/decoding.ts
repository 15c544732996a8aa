/** Decoding bytes to clean UTF-8: whole files, and streams in pieces that are cut between characters. */
import { isAscii, isUtf8 } from 'node:buffer';
import { normalizeBytes } from './cleaning.ts';
import { encodingOf, markedEncoding, switchesToJapanese, UndecodableError } from './encodings.ts';

/**
 * A file's bytes as UTF-8 with LF line ends and without byte-order mark; of a page (HTML) the declared encoding counts.
 * Throws `UndecodableError`.
 */
export function decodeBytes(bytes: Buffer, isPage: boolean): Buffer {
  const encoding = encodingOf(bytes, isPage);
  return normalizeBytes(encoding === 'utf-8' ? utf8Decoder()(bytes, true) : decoder(encoding)(bytes, true));
}

/**
 * UTF-8 without byte-order mark and with LF line ends. The encoding is told by a byte-order mark unless it is given. Throws
 * `UndecodableError`; its reason `seven-bit` may mean that the stream is ISO-2022-JP.
 */
export async function* decodedPieces(
  chunks: AsyncIterable<Buffer>,
  encoding?: 'iso-2022-jp',
): AsyncGenerator<Buffer> {
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
    decode ??= streamDecoder(encoding ?? markedEncoding(chunk));
    const piece = clean(decode(chunk, false), false);
    if (piece.length > 0) yield piece;
  }
  const rest = decode === undefined ? Buffer.alloc(0) : clean(decode(Buffer.alloc(0), true), true);
  if (rest.length > 0) yield rest;
}

function streamDecoder(encoding: string): (chunk: Buffer, isLast: boolean) => Buffer {
  if (encoding !== 'utf-8') return decoder(encoding);
  const decode = utf8Decoder();
  let isPlain = true;
  let before: Buffer = Buffer.alloc(0);
  return (chunk, isLast) => {
    isPlain &&= isAscii(chunk);
    if (isPlain) {
      // An escape sequence may begin in the chunk before.
      const seam = Buffer.concat([before, chunk.subarray(0, 3)]);
      if (switchesToJapanese(seam) || switchesToJapanese(chunk)) throw new UndecodableError('seven-bit');
      before = chunk.length < 3 ? seam.subarray(-3) : chunk.subarray(-3);
    }
    return decode(chunk, isLast);
  };
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

/** Throws `UndecodableError` at once for an encoding that nothing here knows. */
function decoder(encoding: string): (chunk: Buffer, isLast: boolean) => Buffer {
  const reason = encoding === 'iso-2022-jp' ? 'seven-bit' : 'undecodable';
  const attempt = <Result>(decode: () => Result): Result => {
    try {
      return decode();
    } catch {
      throw new UndecodableError(reason);
    }
  };
  const text = attempt(() => new TextDecoder(encoding, { fatal: true }));
  const mended = text.encoding === 'windows-1252' ? withWindowsSigns : (decoded: string) => decoded;
  return (chunk, isLast) => attempt(() => Buffer.from(mended(text.decode(chunk, { stream: !isLast }))));
}

/** What windows-1252 has from 0x80 to 0x9f. Node.js 20 decodes it as ISO-8859-1, which has control characters there. */
const windowsSigns = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';

function withWindowsSigns(decoded: string): string {
  return decoded.replaceAll(/[\x80-\x9f]/g, (sign) => windowsSigns[sign.charCodeAt(0) - 0x80]);
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
