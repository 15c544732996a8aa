/**
 * GPT-2's pre-tokenizer as a hand-written scanner. It cuts text into the words that
 *
 *     's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
 *
 * matches, without a regular expression engine. It works on UTF-16 code units copied out of the string in windows:
 * a typed array is read several times faster than a string, and the copy runs at memory speed. Working on UTF-8 was
 * weighed: decoding each letter outside ASCII before its class is known costs more than UTF-16 does.
 *
 * `\s` is Unicode's White_Space, as in GPT-2's own Python and in Hugging Face's Rust code. JavaScript's `\s` differs
 * at two characters (U+0085 is missing, U+FEFF is added), and so does `@huggingface/tokenizers`, which uses it.
 * Letters and numbers are those of the Unicode version of the running Node.js. A lone surrogate counts as what it is
 * encoded as: U+FFFD, neither letter, number nor white space.
 */
const OTHER = 0;
const LETTER = 1;
const NUMBER = 2;
const WHITE_SPACE = 3;
/** A high surrogate: the class is that of the code point which it begins. */
const HIGH_SURROGATE = 4;

const SPACE_UNIT = 0x20;
const APOSTROPHE_UNIT = 0x27;
/** Code units copied at a time: small enough for the processor's second-level cache. */
const WINDOW_UNITS = 1 << 15;

const CLASS_OF_UNIT = makeUnitClasses();
/** Classes of code points above U+FFFF, in pages of 256 made when first needed: most text has few of them. */
const ASTRAL_PAGES: (Uint8Array | undefined)[] = [];

/** Receives the words of a text in order; `units` is reused afterwards. */
export interface WordSink {
  word(units: Uint16Array, start: number, end: number): void;
}

/** Splits texts into words. One scanner serves one text at a time and keeps its window between texts. */
export class WordScanner {
  #bytes = Buffer.alloc(0);
  #units = new Uint16Array(0);

  /** Hands each word of the text to the sink. Linear in the length of the text, whatever it holds. */
  scan(text: string, sink: WordSink): void {
    let offset = 0;
    let wanted = WINDOW_UNITS;
    while (offset < text.length) {
      const count = Math.min(wanted, text.length - offset);
      this.#fill(text, offset, count);
      const used = scanWindow(this.#units, count, offset + count === text.length, sink);
      offset += used;
      // A word longer than the window: look again with twice the window, so that the work stays linear.
      wanted = used === 0 ? wanted * 2 : WINDOW_UNITS;
    }
  }

  #fill(text: string, offset: number, count: number): void {
    if (this.#units.length < count) {
      this.#bytes = Buffer.alloc(2 * Math.max(count, WINDOW_UNITS));
      this.#units = new Uint16Array(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.length / 2);
    }
    // Typed arrays are little-endian on every platform that VS Code and ONNX Runtime run on.
    this.#bytes.write(text.substring(offset, offset + count), 'utf16le');
  }
}

/** Scans one window and returns how many units were used; a word that more text could change is left. */
function scanWindow(units: Uint16Array, count: number, last: boolean, sink: WordSink): number {
  // The longest look-ahead is that of 're, 've and 'll: two units after the apostrophe.
  const decided = last ? count : count - 2;
  let position = 0;
  while (position < count) {
    const end = wordEnd(units, position, count);
    if (end > decided) break;
    sink.word(units, position, end);
    position = end;
  }
  return position;
}

/** The end of the word that begins at `start`, when the text ends at `limit`. */
export function wordEnd(units: Uint16Array, start: number, limit: number): number {
  const first = units[start];
  if (first === APOSTROPHE_UNIT) {
    const length = contractionLength(units, start, limit);
    if (length > 0) return start + length;
  }
  // One space is taken along by the letters, numbers or signs that follow it.
  const begin = first === SPACE_UNIT && start + 1 < limit ? start + 1 : start;
  const kind = classAt(units, begin, limit);
  if (kind === WHITE_SPACE) return whiteSpaceEnd(units, start, limit);
  return runEnd(units, begin, limit, kind);
}

/** A run of white space leaves its last character to the word that follows, unless the text or the run ends there. */
function whiteSpaceEnd(units: Uint16Array, start: number, limit: number): number {
  let end = start + 1;
  while (end < limit && CLASS_OF_UNIT[units[end]] === WHITE_SPACE) end++;
  return end < limit && end > start + 1 ? end - 1 : end;
}

function runEnd(units: Uint16Array, start: number, limit: number, kind: number): number {
  let end = start;
  for (;;) {
    while (end < limit && CLASS_OF_UNIT[units[end]] === kind) end++;
    if (end === limit || CLASS_OF_UNIT[units[end]] !== HIGH_SURROGATE) return end;
    if (classAt(units, end, limit) !== kind) return end;
    end += isPair(units, end, limit) ? 2 : 1;
  }
}

function classAt(units: Uint16Array, position: number, limit: number): number {
  const kind = CLASS_OF_UNIT[units[position]];
  if (kind !== HIGH_SURROGATE) return kind;
  return isPair(units, position, limit) ? astralClass(units[position], units[position + 1]) : OTHER;
}

function isPair(units: Uint16Array, position: number, limit: number): boolean {
  return position + 1 < limit && (units[position + 1] & 0xfc00) === 0xdc00;
}

function astralClass(high: number, low: number): number {
  const codePoint = ((high & 0x3ff) << 10) + (low & 0x3ff) + 0x10000;
  const page = codePoint >> 8;
  ASTRAL_PAGES[page] ??= classesOf(page << 8, 256);
  return ASTRAL_PAGES[page][codePoint & 0xff];
}

/** The length of 's, 't, 'm, 'd, 're, 've or 'll (lower case only, as in GPT-2) at an apostrophe, else 0. */
function contractionLength(units: Uint16Array, start: number, limit: number): number {
  if (start + 1 >= limit) return 0;
  const second = String.fromCharCode(units[start + 1]);
  if (second === 's' || second === 't' || second === 'm' || second === 'd') return 2;
  if (start + 2 >= limit) return 0;
  const third = String.fromCharCode(units[start + 2]);
  if (third === 'e' && (second === 'r' || second === 'v')) return 3;
  return third === 'l' && second === 'l' ? 3 : 0;
}

function makeUnitClasses(): Uint8Array {
  const classes = classesOf(0, 0x10000);
  classes.fill(HIGH_SURROGATE, 0xd800, 0xdc00);
  return classes;
}

function classesOf(firstCodePoint: number, count: number): Uint8Array {
  const classes = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    const character = String.fromCodePoint(firstCodePoint + i);
    if (/\p{L}/u.test(character)) classes[i] = LETTER;
    else if (/\p{N}/u.test(character)) classes[i] = NUMBER;
    else if (/\p{White_Space}/u.test(character)) classes[i] = WHITE_SPACE;
  }
  return classes;
}
