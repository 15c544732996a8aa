/** What of a text a model is asked to continue, and what of its answer is shown. Pure. */
import type { GenerationEnd } from '../../inference/language-model.ts';

/**
 * Where the prompt begins for a cursor: with at most `budget` UTF-16 units before the cursor, and at the same place for
 * half of that many keys, because a prompt that begins elsewhere has to be read anew by the model.
 */
export function promptStart(cursor: number, budget: number): number {
  if (cursor <= budget) return 0;
  const step = Math.max(1, Math.floor(budget / 2));
  return (Math.floor(cursor / step) - 1) * step;
}

export interface Asked {
  readonly prompt: string;
  /** The text ends in a space that belongs to the next token: the answer begins with it. */
  readonly heldSpace: string;
}

/**
 * The text before the cursor as the model is given it: from a word's beginning unless it is the whole text, with LF line
 * ends, and without a single last space, since tokens hold the space before them.
 */
export function askedWith(before: string, isWhole: boolean): Asked {
  const text = before.replaceAll(/\r\n?/g, '\n');
  const begun = isWhole ? text : text.replace(/^\S*\s+/, '');
  const heldSpace = /\S $/.test(begun) ? ' ' : '';
  return { prompt: begun.slice(0, begun.length - heldSpace.length), heldSpace };
}

/** What is shown: without the line's end, the space that stands there already, and a word that was cut off; empty for none. */
export function shownText(answer: string, { heldSpace }: Asked, ending: GenerationEnd['ending']): string {
  if (!answer.startsWith(heldSpace)) return '';
  const [line] = answer.slice(heldSpace.length).split(/[\r\n]/);
  const whole = ending === 'most tokens' ? line.replace(/(?<=\S)\s+\S*$/, '') : line;
  return whole.trimEnd();
}
