/**
 * Which encoding a file is in. A byte-order mark tells; what is valid UTF-8 beyond ASCII is UTF-8, whatever it declares; for
 * all else a page's own declaration holds. Encodings of seven bits pass for ASCII, so their escape sequences are looked for:
 * ISO-2022-JP is decoded wherever they stand (mail has no other mark), its relatives are not read.
 */
import { isAscii, isUtf8 } from 'node:buffer';

/** Why bytes are no text. */
export type UndecodableReason = 'binary' | 'undecodable' | 'seven-bit';

/** Bytes that are no text in the encoding that their file seems to have. */
export class UndecodableError extends Error {
  readonly reason: UndecodableReason;

  constructor(reason: UndecodableReason) {
    super(reason);
    this.reason = reason;
  }
}

/** The encoding that a byte-order mark tells, UTF-8 without one. */
export function markedEncoding(start: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  if (start[0] === 0xff && start[1] === 0xfe) return 'utf-16le';
  if (start[0] === 0xfe && start[1] === 0xff) return 'utf-16be';
  return 'utf-8';
}

/** The encoding (a label of the WHATWG standard) of a whole file; `isPage` says that it is HTML. Throws `UndecodableError`. */
export function encodingOf(bytes: Buffer, isPage: boolean): string {
  const marked = markedEncoding(bytes);
  if (marked !== 'utf-8') return marked;
  const declared = isPage ? declaredEncoding(bytes) : undefined;
  if (isUtf8(bytes)) {
    if (!isAscii(bytes)) return 'utf-8';
    if (declared !== undefined && isUnreadSevenBit(bytes, declared)) throw new UndecodableError('seven-bit');
    return switchesToJapanese(bytes) ? 'iso-2022-jp' : 'utf-8';
  }
  if (bytes.includes(0)) throw new UndecodableError('binary');
  // A declaration that can be read as ASCII is none of UTF-16.
  if (declared === undefined || declared.startsWith('utf-16')) throw new UndecodableError('undecodable');
  return declared;
}

/** What HTML or XHTML says of itself near its beginning, in lower case. */
function declaredEncoding(bytes: Buffer): string | undefined {
  const start = bytes.toString('latin1', 0, 4096).replaceAll(/<!--.*?(?:-->|$)/gs, '');
  for (const [tag] of start.matchAll(/<meta\b[^>]*>/gi)) {
    const charset = /\bcharset\s*=\s*["']?\s*([\w.:+-]+)/i.exec(tag);
    if (charset !== null) return charset[1].toLowerCase();
  }
  return /^\s*<\?xml\b[^>]*?\bencoding\s*=\s*["']([\w.:+-]+)["']/i.exec(start)?.[1].toLowerCase();
}

const escapeSign = 0x1b;
const shiftOut = 0x0e;

/** Whether ASCII bytes use the signs of a declared encoding of seven bits that nothing here decodes. */
function isUnreadSevenBit(bytes: Buffer, declared: string): boolean {
  if (/^(?:cs)?hz-gb-2312$/.test(declared)) return bytes.includes('~{');
  if (/^(?:cs)?iso-?2022-?(?:kr|cn)/.test(declared))
    return bytes.includes(escapeSign) || bytes.includes(shiftOut);
  return /^(?:unicode-1-1-)?utf-7$/.test(declared) && /\+[\w+/]+-/.test(bytes.toString('latin1'));
}

/**
 * Whether ASCII bytes hold a sequence that switches to two-byte characters, as in ISO-2022-JP: ESC, `$` and the set's name.
 * Escape sequences of terminals never have the `$`. Throws `UndecodableError` for sets of other ISO-2022 encodings.
 */
export function switchesToJapanese(bytes: Buffer): boolean {
  let found = false;
  for (let at = bytes.indexOf('\x1b$'); at >= 0; at = bytes.indexOf('\x1b$', at + 2)) {
    const set = bytes.toString('latin1', at + 2, at + 4);
    if (/^[@B]/.test(set) || set === '(D') found = true;
    else if (/^(?:A|\([@ABC]|[)*+][A-M])/.test(set)) throw new UndecodableError('seven-bit');
  }
  return found;
}
