/**
 * The readable text of an Internet message (RFC 5322 and MIME), as a document for a language model: the plain text parts,
 * without header blocks, quoted replies, signatures, and encoded or signed attachments. Nothing is rewritten, only left
 * out. A library would parse more kinds of messages; the corpus has few, and a dependency would have to be justified.
 */

/**
 * @param {Uint8Array} bytes the message as it was delivered
 * @returns {string} its text, empty when it has no plain text part
 */
export function mailText(bytes) {
  return plainParts(Buffer.from(bytes).toString('latin1'))
    .map(withoutFurniture)
    .filter((text) => text.length > 0)
    .join('\n\n');
}

/**
 * The decoded plain text parts of an entity given as one character per byte.
 * @param {string} entity
 * @returns {string[]}
 */
function plainParts(entity) {
  const normalized = entity.replace(/\r\n?/g, '\n');
  const end = normalized.startsWith('\n') ? 0 : normalized.indexOf('\n\n');
  if (end === -1) return [];
  const headers = normalized.slice(0, end).replace(/\n[ \t]+/g, ' ');
  const body = normalized.slice(end).replace(/^\n+/, '');
  const type = header(headers, 'content-type');
  if (/attachment/i.test(header(headers, 'content-disposition'))) return [];
  const boundary = /boundary="?([^";]+)"?/i.exec(type)?.[1].trim();
  if (/^multipart\//i.test(type) && boundary !== undefined) {
    return body
      .split(`--${boundary}`)
      .slice(1)
      .filter((part) => !part.startsWith('--'))
      .flatMap((part) => plainParts(part.replace(/^[^\n]*\n/, '')));
  }
  if (type !== '' && !/^text(\/plain)?\s*(;|$)/i.test(type)) return [];
  const raw = transferDecoded(body, header(headers, 'content-transfer-encoding'));
  return [charactersOf(raw, /charset="?([^";\s]+)"?/i.exec(type)?.[1] ?? 'us-ascii')];
}

/**
 * @param {string} headers unfolded
 * @param {string} name in lower case
 */
function header(headers, name) {
  return new RegExp(`^${name}:[ \\t]*(.*)$`, 'im').exec(headers)?.[1].trim() ?? '';
}

/**
 * @param {string} body
 * @param {string} encoding
 * @returns {Buffer}
 */
function transferDecoded(body, encoding) {
  if (/^base64$/i.test(encoding)) return Buffer.from(body, 'base64');
  if (!/^quoted-printable$/i.test(encoding)) return Buffer.from(body, 'latin1');
  const decoded = body
    .replace(/[ \t]*=\n/g, '')
    .replace(/=([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(decoded, 'latin1');
}

/** What the bytes 0x80 to 0x9F mean in Windows-1252. Node.js 20 decodes that character set as ISO 8859-1. */
const windows1252 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

/**
 * Decodes by the stated character set. What is in none, or not in the one that is stated, is read as Windows-1252, as the
 * mail programs of that time did. Control characters go.
 * @param {Buffer} raw
 * @param {string} charset
 */
function charactersOf(raw, charset) {
  return (strictlyDecoded(raw, charset) ?? fromWindows1252(raw))
    .replace(/\r\n?/g, '\n')
    .replace(/\p{Cc}/gu, (control) => (/[\n\t]/.test(control) ? control : ''));
}

/**
 * @param {Buffer} raw
 * @param {string} charset
 * @returns {string | undefined} `undefined` when the bytes are not of that character set, or nobody knows it
 */
function strictlyDecoded(raw, charset) {
  if (/^(?:us-ascii|ascii|iso-8859-1|windows-1252)$/i.test(charset)) return undefined;
  try {
    return new TextDecoder(charset, { fatal: true }).decode(raw);
  } catch {
    return undefined;
  }
}

/** @param {Buffer} raw */
function fromWindows1252(raw) {
  return raw.toString('latin1').replace(/[\x80-\x9f]/g, (byte) => windows1252[byte.charCodeAt(0) - 0x80]);
}

const headerLine =
  /^\s*(?:(?:Received|Return-Path|Delivered-To|Message-ID|MIME-Version|Content-[\w-]+|X-[\w-]+|List-[\w-]+|In-Reply-To|References|From|To|Cc|Bcc|Subject|Date|Sent|Reply-To|Sender|Errors-To|Precedence|Organization|Newsgroups|Resent-[\w-]+|User-Agent|Importance|Priority):|From \S+@\S+ )/i;
const quotedLine = /^\s*(?:[>|]|\w{1,4}>)/;
const attributionLine = /^(?!.{200}).*\b(?:wrote|writes|said|schrieb|spake thus)\s*:\s*$/;
const signedOrEncoded =
  /-----BEGIN PGP (?:SIGNATURE|PUBLIC KEY BLOCK)-----[\s\S]*?(?:-----END PGP [A-Z ]+-----\n?|$(?![\s\S]))|^begin \d{3} .*\n[\s\S]*?(?:^end\n?|$(?![\s\S]))/gm;
const armourLine = /^(?:-----BEGIN PGP SIGNED MESSAGE-----|Hash: \S+)$/;
/** Long runs without a space are encoded data, whatever they are called. */
const encodedLine = /^[A-Za-z0-9+/=]{60,}$/;
const signatureStart = /^(?:-- ?|_{20,})$/;

/**
 * @param {string} text
 * @returns {string} the text without what mail programs and list servers added to it
 */
function withoutFurniture(text) {
  const kept = [];
  let inHeaders = false;
  for (const line of text.replace(signedOrEncoded, '').split('\n')) {
    const trimmed = line.trimEnd();
    if (signatureStart.test(trimmed)) break;
    inHeaders = headerLine.test(trimmed) || (inHeaders && /^[ \t]+\S/.test(trimmed));
    const dropped = [quotedLine, attributionLine, armourLine, encodedLine].some((kind) => kind.test(trimmed));
    if (!inHeaders && !dropped) kept.push(trimmed);
  }
  return kept
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}
