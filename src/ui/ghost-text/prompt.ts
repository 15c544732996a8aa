/** What of a text a model is asked to continue, and what of its answer is shown. Pure. */
import type { GenerationEnd } from '../../inference/language-model.ts';

/** The model sees no more than this, however long its context: to read it takes time before the first word. */
const mostPromptTokens = 1024;
/** UTF-16 units. A prompt begins with a word where one begins within so many: other scripts have no spaces. */
const longestCutWord = 50;
/** So far from what was assumed, a measured ratio replaces it: else the prompt would begin elsewhere with each key. */
const ratioChange = 1.5;

/** Tokens of a prompt that leaves room for what is to be written, but not more than half of the context. */
export function promptTokens(context: number, mostWritten: number): number {
  return Math.min(context, mostPromptTokens) - Math.min(mostWritten, Math.floor(context / 2));
}

/**
 * UTF-16 units a token after an answer, if it was `known` before: less when the prompt was too long for the context, more
 * when one that was cut had far fewer tokens than it could have had.
 */
export function correctedRatio(
  known: number,
  { prompt, isWhole }: Asked,
  { promptTokens: tokens, dropped }: Pick<GenerationEnd, 'promptTokens' | 'dropped'>,
): number {
  const measured = prompt.length / Math.max(1, tokens);
  const isMuchMore = !isWhole && measured > ratioChange * known;
  return dropped > 0 || isMuchMore ? measured : known;
}

/**
 * Where the prompt begins for a cursor: with at most `budget` UTF-16 units before the cursor, and at the same place for
 * half of that many keys, because a prompt that begins elsewhere has to be read anew by the model.
 */
export function promptStart(cursor: number, budget: number): number {
  if (cursor <= budget) return 0;
  const step = Math.max(1, Math.floor(budget / 2));
  return (Math.floor(cursor / step) - 1) * step;
}

/** What is left of a word, or else of a character outside of the basic plane, that begins before the prompt. */
const cutWord = new RegExp(`^(?:\\S{0,${longestCutWord}}\\s+|[\\uDC00-\\uDFFF])`);

export interface Asked {
  readonly prompt: string;
  /** Nothing of the text before the cursor was left out. */
  readonly isWhole: boolean;
  /** The text ends in a space that belongs to the next token: the answer begins with it. */
  readonly heldSpace: string;
}

/**
 * The text before the cursor as the model is given it: from a word's beginning unless it is the whole text or no word
 * ends near, with LF line ends, and without a single last space, since tokens hold the space before them.
 */
export function askedWith(before: string, isWhole: boolean): Asked {
  const text = before.replaceAll(/\r\n?/g, '\n');
  const begun = isWhole ? text : text.replace(cutWord, '');
  const heldSpace = /\S $/.test(begun) ? ' ' : '';
  return { prompt: begun.slice(0, begun.length - heldSpace.length), isWhole, heldSpace };
}

/** What is shown: without the line's end, the space that stands there already, and a word that was cut off; empty for none. */
export function shownText(answer: string, { heldSpace }: Asked, ending: GenerationEnd['ending']): string {
  if (!answer.startsWith(heldSpace)) return '';
  const [line] = answer.slice(heldSpace.length).split(/[\r\n]/);
  const whole = ending === 'most tokens' ? line.replace(/(?<=\S)\s+\S*$/, '') : line;
  return whole.trimEnd();
}
