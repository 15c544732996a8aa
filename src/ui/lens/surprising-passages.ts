/**
 * Where the surprising passages of a text are: all maximal runs of lines whose surprise above the text's middle adds up
 * (Ruzzo and Tompa, 1999), so that a passage keeps an ordinary line between two odd ones and ends where ordinary text
 * goes on. Pure.
 */
import type { LineSurprise } from './surprise.ts';

/** Both from 0 and part of the passage. */
export interface SurprisingPassage {
  readonly first: number;
  readonly last: number;
}

/** Bits per byte above the middle that a line must have to make a passage longer: about what shades it for the second time. */
const margin = 0.7;
/** Bits above that, over the whole passage: fewer may be one rare word. */
const leastBits = 24;

/** In the order of the text. */
export function surprisingPassages(
  lines: readonly (LineSurprise | undefined)[],
  middle: number,
): readonly SurprisingPassage[] {
  const scores = lines.map((line) =>
    line === undefined || line.isBlank ? 0 : line.bits - (middle + margin) * line.bytes,
  );
  return maximalRuns(scores)
    .filter(({ score }) => score >= leastBits)
    .map(({ first, last }) => ({ first, last }));
}

/** The passage that a line lies in, or the next one after it, or else the first of the text. */
export function passageFrom(
  passages: readonly SurprisingPassage[],
  line: number,
): SurprisingPassage | undefined {
  return passages.find(({ last }) => last >= line) ?? passages.at(0);
}

interface Run extends SurprisingPassage {
  readonly score: number;
  /** The sum of all scores before it, and with it. */
  readonly before: number;
  readonly through: number;
  /** Index of the nearest run before it that begins at a lower sum; -1 for none. Following these, each run is passed once. */
  readonly lower: number;
}

/** All maximal runs of positive score, each beginning and ending with a positive number. */
export function maximalRuns(scores: readonly number[]): readonly Run[] {
  const runs: Run[] = [];
  let sum = 0;
  for (const [index, score] of scores.entries()) {
    const before = sum;
    sum += score;
    if (score <= 0) continue;
    let lower = runs.length - 1;
    while (lower >= 0 && runs[lower].before >= before) lower = runs[lower].lower;
    let run: Run = { first: index, last: index, score, before, through: sum, lower };
    while (run.lower >= 0 && runs[run.lower].through < sum) {
      const joined = runs[run.lower];
      runs.length = run.lower;
      run = { ...joined, last: index, score: sum - joined.before, through: sum };
    }
    runs.push(run);
  }
  return runs;
}
