/**
 * What runs of words count when texts are compared. A licence or a footer that many texts have makes none of them a copy
 * of another; a text that was copied into a few others does.
 */

/** The weighted share of one text's runs that stands in another, from which the one is contained in the other. */
export const containmentThreshold = 0.5;
/** Of a text's runs what must be shared, as it counts, however common all of it is: a licence is in no text contained. */
const leastWeight = 0.125;

/** So many of some texts may have a run before it counts less: one in ten, but 2 to 4. */
export function commonFrom(texts: number): number {
  return Math.min(4, Math.max(2, Math.floor(texts / 10)));
}

/** What a run counts that so many texts have. */
export function weightOf(texts: number, few: number): number {
  return texts > few ? (few / texts) ** 2 : 1;
}

/** Whether a text counts as nobody's own that so many others hold. */
export function isCommon(texts: number, few: number): boolean {
  return weightOf(texts, few) < leastWeight;
}

/** Whether a text is contained in another: what is shared, as it counts, what all of its runs count, and their number. */
export function contains(shared: number, all: number, runs: number): boolean {
  return shared >= containmentThreshold * all && shared >= leastWeight * runs;
}
