/**
 * The words of a text as features, as in c-BTM (arXiv 2303.14177): English stop words dropped, numbers folded into
 * one. A word is a run of letters, digits, marks and low lines, lower-cased, of 2 to 64 characters; one that begins
 * with a digit is a number. A language without spaces between its words gives long words that seldom recur.
 *
 * Weighed: a regular expression and a Map make a string of every word. Here a word stays in one buffer and its hash is
 * computed while it is read, which term-table.ts looks up.
 */
import { STOP_WORDS } from './stop-words.ts';

/** Stands for every number. */
export const NUMBER_TERM = '<number>';

const SHORTEST_WORD = 2;
const LONGEST_WORD = 64;
const HASH_START = 0x811c9dc5;
const HASH_FACTOR = 0x01000193;

/** The terms of a text in their order, each as often as it occurs. */
export function* termsOf(text: string): Generator<string> {
  const reader = new WordReader();
  reader.open(text);
  while (reader.next()) {
    const word = String.fromCharCode(...reader.characters.subarray(0, reader.length));
    if (!STOP_WORDS.has(word)) yield word;
  }
}

/** Reads the words of a text one after the other, stop words included, without making strings. */
export class WordReader {
  /** The characters of the word just read: the first `length` of them. */
  readonly characters = new Uint16Array(LONGEST_WORD);
  length = 0;
  /** 32 bits, of the characters of the word just read. */
  hash = 0;
  /** The text's UTF-16 code units; reading them from the string itself takes three times as long. */
  #units = new Uint16Array(1 << 12);
  #at = 0;
  #end = 0;

  open(text: string): void {
    if (text.length > this.#units.length) this.#units = new Uint16Array(2 * text.length);
    Buffer.from(this.#units.buffer).write(text, 'utf16le');
    this.#at = 0;
    this.#end = text.length;
  }

  /** Makes this the word just read. */
  set(word: string): void {
    this.length = Math.min(word.length, LONGEST_WORD);
    let hash = HASH_START;
    for (let i = 0; i < this.length; i++) {
      this.characters[i] = word.charCodeAt(i);
      hash = Math.imul(hash ^ this.characters[i], HASH_FACTOR);
    }
    this.hash = hash >>> 0;
  }

  /** Goes to the next word; false at the end of the text. */
  next(): boolean {
    const units = this.#units;
    const end = this.#end;
    const characters = this.characters;
    let at = this.#at;
    while (at < end) {
      let kind = kindOf(units[at]);
      if (kind === OUTSIDE) {
        at++;
        continue;
      }
      const isNumber = kind === DIGIT;
      const start = at;
      let hash = HASH_START;
      while (kind !== OUTSIDE) {
        const character = lowered[units[at]];
        // Beyond the buffer nothing is stored, and the word is passed over below.
        characters[at - start] = character;
        hash = Math.imul(hash ^ character, HASH_FACTOR);
        at++;
        kind = at < end ? kindOf(units[at]) : OUTSIDE;
      }
      const length = at - start;
      if (isNumber) {
        this.set(NUMBER_TERM);
      } else if (length < SHORTEST_WORD || length > LONGEST_WORD) {
        continue;
      } else {
        this.length = length;
        this.hash = hash >>> 0;
      }
      this.#at = at;
      return true;
    }
    this.#at = end;
    return false;
  }
}

const UNKNOWN = 0;
const OUTSIDE = 1;
const LETTER = 2;
const DIGIT = 3;

/** By UTF-16 code unit; filled as units are met. */
const kinds = new Uint8Array(0x10000);
const lowered = new Uint16Array(0x10000);

function kindOf(unit: number): number {
  const kind = kinds[unit];
  return kind === UNKNOWN ? classify(unit) : kind;
}

/** Surrogates count as outside of words. */
function classify(unit: number): number {
  const character = String.fromCharCode(unit);
  const lower = character.toLowerCase();
  lowered[unit] = lower.length === 1 ? lower.charCodeAt(0) : unit;
  kinds[unit] = /\p{Nd}/u.test(character) ? DIGIT : /[\p{L}\p{M}\p{N}_]/u.test(character) ? LETTER : OUTSIDE;
  return kinds[unit];
}
