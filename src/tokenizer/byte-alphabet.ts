/**
 * GPT-2's byte-to-character alphabet: each of the 256 bytes gets one printable character, so that a token can be
 * written in JSON whatever its bytes are. Printable Latin-1 characters stand for themselves; the other 68 bytes
 * take U+0100 and up in order (the space becomes Ġ, the line feed Ċ).
 *
 * Source: `bytes_to_unicode` in openai/gpt-2, `src/encoder.py`.
 */
const CHARACTER_OF_BYTE: readonly string[] = makeAlphabet();
const BYTE_OF_CHARACTER: ReadonlyMap<string, number> = new Map(
  CHARACTER_OF_BYTE.map((character, byte) => [character, byte]),
);

/** The printable form of bytes: one character of the alphabet for each. */
export function bytesToCharacters(bytes: Uint8Array): string {
  let characters = '';
  for (const byte of bytes) characters += CHARACTER_OF_BYTE[byte];
  return characters;
}

/** The bytes that a printable form stands for, or `undefined` when a character is not of the alphabet. */
export function charactersToBytes(characters: string): Uint8Array | undefined {
  const bytes = new Uint8Array(characters.length);
  for (let i = 0; i < characters.length; i++) {
    const byte = BYTE_OF_CHARACTER.get(characters[i]);
    if (byte === undefined) return undefined;
    bytes[i] = byte;
  }
  return bytes;
}

function makeAlphabet(): string[] {
  let spare = 0x100;
  return Array.from({ length: 256 }, (_, byte) => {
    const printable = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte !== 0xad);
    return String.fromCharCode(printable ? byte : spare++);
  });
}
