/** The tokens and merges of a `tokenizer.json`: what each id stands for, checked. */
import { bytesToCharacters, charactersToBytes } from './byte-alphabet.ts';
import { damaged, type TokenizerFile, unusable } from './tokenizer-file.ts';

/** How SentencePiece writes a space. */
export const SPACE_MARK = '▁';

export interface Vocabulary {
  /** The bytes of text of each id; none for a special token and for an id that no token has. */
  readonly tokens: readonly Uint8Array[];
  /** The tokens that stand for no text, as the file writes them. */
  readonly specialTokens: ReadonlyMap<number, string>;
  /** Three ids a merge, in order of rank: left, right, merged. */
  readonly merges: Uint32Array;
}

/** Whether a vocabulary writes each byte as a character (GPT-2); otherwise it writes text, with a mark for the space. */
export function writesBytes({ pre_tokenizer }: TokenizerFile): boolean {
  return pre_tokenizer.some(({ type }) => type === 'ByteLevel');
}

/**
 * `strict`: as our own encoder needs it, with all bytes and no token that is not made of them. Published vocabularies
 * lack bytes that hardly any text has (those are passed over, as by their own programs) and hold tokens that nothing makes.
 * @throws CorruptionError where ids or merges contradict each other, InputError where whole scripts have no tokens.
 */
export function readVocabulary(file: TokenizerFile, strict: boolean, name: string): Vocabulary {
  const ids = idsOf(file, name);
  requireAlphabet(file, ids, strict, name);
  const special = file.added_tokens.filter((token) => token.special);
  const specialTokens = new Map(special.map(({ id, content }) => [id, content]));
  return {
    tokens: tokensOf(file, ids, specialTokens, strict ? name : undefined),
    specialTokens,
    merges: mergesOf(file, ids, specialTokens, name),
  };
}

function idsOf({ model, added_tokens }: TokenizerFile, name: string): Map<string, number> {
  const ids = new Map(Object.entries(model.vocab));
  for (const { id, content } of added_tokens) {
    const before = ids.get(content) ?? id;
    if (before !== id) throw damaged(name, `${JSON.stringify(content)} has the two ids ${before} and ${id}`);
    ids.set(content, id);
  }
  const seen = new Set<number>();
  for (const id of ids.values()) {
    if (seen.has(id)) throw damaged(name, `two tokens have the id ${id}`);
    seen.add(id);
  }
  if (ids.size === 0) throw damaged(name, 'it has no tokens');
  return ids;
}

/** Text without a token would be lost without a word. */
function requireAlphabet(
  file: TokenizerFile,
  ids: ReadonlyMap<string, number>,
  strict: boolean,
  name: string,
): void {
  const { byte_fallback, unk_token } = file.model;
  const nameOf = writesBytes(file) ? (byte: number) => bytesToCharacters(Uint8Array.of(byte)) : byteToken;
  const missing = Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => !ids.has(nameOf(byte)));
  if (writesBytes(file)) {
    const needed = missing.filter((byte) => strict || isNeeded(byte)).length;
    if (needed > 0) throw damaged(name, `it has tokens for ${256 - missing.length} of the 256 bytes`);
  } else if (!(byte_fallback && missing.length === 0) && !(unk_token != null && ids.has(unk_token))) {
    throw unusable(name, 'it has no tokens for characters that it does not know');
  }
}

/** All but control characters and what only characters beyond U+FFFF or no character at all begin with. */
const isNeeded = (byte: number) =>
  byte >= 0x20 && byte !== 0x7f && byte < 0xf0 && byte !== 0xc0 && byte !== 0xc1;

function byteToken(byte: number): string {
  return `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`;
}

function tokensOf(
  file: TokenizerFile,
  ids: ReadonlyMap<string, number>,
  specialTokens: ReadonlyMap<number, string>,
  /** The file's, where a token that is not made of bytes is an error. */
  strict: string | undefined,
): Uint8Array[] {
  let size = 0;
  for (const id of ids.values()) size = Math.max(size, id + 1);
  const nothing = new Uint8Array(0);
  const tokens: Uint8Array[] = Array.from({ length: size }, () => nothing);
  const verbatim = new Set(file.added_tokens.map(({ content }) => content));
  for (const [token, id] of ids) {
    if (specialTokens.has(id)) continue;
    const bytes = verbatim.has(token) ? new TextEncoder().encode(token) : bytesOf(token, file);
    if (bytes === undefined && strict !== undefined) {
      throw damaged(
        strict,
        `token ${id}, ${JSON.stringify(token)}, is not written in the byte-level alphabet`,
      );
    }
    tokens[id] = bytes ?? new TextEncoder().encode(token);
  }
  return tokens;
}

function bytesOf(token: string, file: TokenizerFile): Uint8Array | undefined {
  if (writesBytes(file)) return token === '' ? undefined : charactersToBytes(token);
  const byte = file.model.byte_fallback ? /^<0x([0-9A-F]{2})>$/.exec(token) : null;
  if (byte !== null) return Uint8Array.of(Number.parseInt(byte[1], 16));
  return new TextEncoder().encode(token.replaceAll(SPACE_MARK, ' '));
}

function mergesOf(
  { model }: TokenizerFile,
  ids: ReadonlyMap<string, number>,
  specialTokens: ReadonlyMap<number, string>,
  name: string,
): Uint32Array {
  const merges = new Uint32Array(3 * model.merges.length);
  for (const [rank, merge] of model.merges.entries()) {
    const [left, right, ...rest] = typeof merge === 'string' ? merge.split(' ') : merge;
    const triple = [left, right, `${left}${right}`].map((token) => ids.get(token));
    const fault = () => `merge ${rank}, ${JSON.stringify(merge).slice(0, 200)},`;
    for (const [i, id] of triple.entries()) {
      if (id === undefined || rest.length > 0) {
        throw damaged(name, `${fault()} does not join two tokens of the vocabulary to a third`);
      }
      if (specialTokens.has(id)) throw damaged(name, `${fault()} makes a special token of text`);
      merges[3 * rank + i] = id;
    }
  }
  return merges;
}
