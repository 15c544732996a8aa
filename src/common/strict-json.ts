/**
 * JSON of files that others wrote. `JSON.parse` takes the last of two members of one name without a word, so that a
 * checker and a reader may see different files; and values nested a million deep overflow whatever walks them later.
 * Both are errors here.
 */

/** Deeper than any file that is read; walking a value this deep is safe. */
const MOST_DEPTH = 64;

/**
 * The value of a JSON text.
 * @throws SyntaxError when it is no JSON, names a member twice or nests deeper than 64 values; `message` says which.
 */
export function parseStrictJson(text: string): unknown {
  checkMembers(text);
  return JSON.parse(text);
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const OBJECT = 0x7b;
const OBJECT_END = 0x7d;
const LIST = 0x5b;
const LIST_END = 0x5d;

/** Reads no grammar, only strings and brackets: what is no JSON is found by `JSON.parse` afterwards. */
function checkMembers(text: string): void {
  /** The names so far of each object that is open; `undefined` for a list. */
  const open: (Set<string> | undefined)[] = [];
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === OBJECT || unit === LIST) {
      if (open.length === MOST_DEPTH) throw new SyntaxError(`it nests deeper than ${MOST_DEPTH} values`);
      open.push(unit === OBJECT ? new Set() : undefined);
    } else if (unit === OBJECT_END || unit === LIST_END) {
      open.pop();
    } else if (unit === QUOTE) {
      const end = stringEnd(text, at);
      if (isName(text, end)) addName(open.at(-1), text.slice(at + 1, end - 1));
      at = end - 1;
    }
  }
}

/** Where the string that begins at `start` ends, after its closing quote. */
function stringEnd(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at + 1;
}

function isName(text: string, end: number): boolean {
  let at = end;
  while (' \n\r\t'.includes(text.charAt(at)) && at < text.length) at++;
  return text.charCodeAt(at) === COLON;
}

function addName(names: Set<string> | undefined, written: string): void {
  if (names === undefined) return;
  const name = written.includes('\\') ? String(JSON.parse(`"${written}"`)) : written;
  if (names.has(name)) throw new SyntaxError(`it has two members named ${JSON.stringify(name.slice(0, 80))}`);
  names.add(name);
}
