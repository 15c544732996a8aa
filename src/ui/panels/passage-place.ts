/**
 * Where a passage stands in a file. What a model read is the text that was extracted: spaces and line ends may differ from
 * the file's, and in a file of JSON records it is escaped. Pure.
 */

/** Offsets in the file's text, in UTF-16 units. */
export interface Place {
  readonly start: number;
  readonly end: number;
}

/** So many words at the beginning and the end find a passage whose middle was changed. */
const WORDS_AT_ENDS = 6;

/** The first place of the passage at or after `from`; `undefined` where it is not in the file as it is now. */
export function placeOfPassage(text: string, passage: string, from = 0): Place | undefined {
  // A window may begin or end inside of a character.
  const whole = passage.replace(/^\ufffd+|\ufffd+$/g, '').trim();
  if (whole === '') return undefined;
  const escaped = JSON.stringify(whole).slice(1, -1);
  const at = (form: string): Place | undefined => {
    const start = text.indexOf(form, from);
    return start < 0 ? undefined : { start, end: start + form.length };
  };
  return at(whole) ?? at(escaped) ?? byWords(text, whole, from) ?? byEnds(text, whole, from);
}

function byWords(text: string, passage: string, from: number): Place | undefined {
  return matchOf(text, passage.split(/\s+/), from);
}

/** From its first words to the next place of its last ones, if that is about as far as the passage is long. */
function byEnds(text: string, passage: string, from: number): Place | undefined {
  const words = passage.split(/\s+/);
  if (words.length < 2 * WORDS_AT_ENDS) return undefined;
  const beginning = matchOf(text, words.slice(0, WORDS_AT_ENDS), from);
  const ending = beginning && matchOf(text, words.slice(-WORDS_AT_ENDS), beginning.end);
  if (beginning === undefined || ending === undefined) return undefined;
  return ending.end - beginning.start > 2 * passage.length
    ? undefined
    : { start: beginning.start, end: ending.end };
}

function matchOf(text: string, words: readonly string[], from: number): Place | undefined {
  const pattern = new RegExp(
    words.map((word) => word.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('\\s+'),
    'gu',
  );
  pattern.lastIndex = from;
  const match = pattern.exec(text);
  return match === null ? undefined : { start: match.index, end: match.index + match[0].length };
}
