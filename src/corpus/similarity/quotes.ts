/**
 * Finds given texts where they stand inside others, whole or in part. A text is known by all its runs of five words, so
 * that a quote of one sentence in a long file is found, and one that was wrapped or capitalized anew; it is kept in
 * memory, unlike the sketches of near-duplicates, which all texts have but which know a sixteenth of the runs.
 *
 * What stands in more than a few texts counts less the more have it, once `count` was called for all of them.
 * Runs are kept as 64 bits of hash, in open addressing: about 60 bytes a run, up to a limit. Looking up costs a hash a
 * word, about 30 ns, and nothing while there is no text to find.
 */
import { commonFrom, containmentThreshold, contains, weightOf } from './commonness.ts';
import { RunTable } from './run-table.ts';
import { forEachRun, forEachWord, mix32, runsOf, runWords } from './word-runs.ts';

/** Texts of fewer words are not looked for: anything is found anywhere. */
const leastWords = 5;
/** Runs of a text that are needed, unless it has fewer; 12 words. */
const leastRuns = 8;
/** Words of a text that stand in another one after another, from which a part of it counts as quoted. */
export const quotedWords = 50;
/** A part is long from so many words on, or from this share of the text. */
const longWords = 200;
const longShare = 0.25;
/** Runs kept at most. */
export const runLimit = 1_000_000;

export interface Quoted {
  readonly key: string;
  /** Of its runs of words, as they count, those that stand in the other text; 0 to 1. */
  readonly share: number;
  /** The longest part in words, not counting what more than a few texts have. */
  readonly words: number;
  /** Whether it is contained in the other text, and the other text in it; if neither, a part of it is quoted. */
  readonly isWhole: boolean;
  readonly holdsOther: boolean;
}

/** Whether so much of one of the two stands in the other that the one must not train what the other judges. */
export function isMuch({ isWhole, holdsOther, words, share }: Quoted): boolean {
  return isWhole || holdsOther || words >= longWords || share >= longShare;
}

interface Wanted {
  readonly key: string;
  readonly runs: number;
}

/** What one text has of another. */
interface Shared {
  /** Runs, and their weight, each once. */
  runs: number;
  weight: number;
  /** The same as runs of the text that is looked through, where each counts as often as it stands there. */
  ownRuns: number;
  ownWeight: number;
  last: number;
  streak: number;
  longest: number;
}

export class QuoteFinder {
  readonly #limit: number;
  /** Texts that are looked for; a place in this list names one. */
  #wanted: Wanted[] = [];
  readonly #known = new Set<string>();
  readonly #refused = new Set<string>();
  #table = new RunTable();
  /** What all runs of each wanted text count, once it is asked for. */
  #weights: Float64Array | undefined;
  /** Texts that were counted. */
  #texts = 0;

  constructor(limit = runLimit) {
    this.#limit = limit;
  }

  get isEmpty(): boolean {
    return this.#wanted.length === 0;
  }

  /** Texts that are not looked for because the limit was met. */
  get refused(): number {
    return this.#refused.size;
  }

  /** Whether `add` was called with the text. */
  knows(key: string): boolean {
    return this.#known.has(key);
  }

  /** Looks for a text from now on. Returns false for one that is known, too short or beyond the limit. */
  add(key: string, text: Uint8Array): boolean {
    if (this.#known.has(key)) return false;
    this.#known.add(key);
    const words = forEachWord(text, () => {});
    if (words < leastWords) return false;
    if (this.#table.count + runsOf(words) > this.#limit) {
      this.#refused.add(key);
      return false;
    }
    const owner = this.#wanted.length;
    let runs = 0;
    forEachRun(text, (low, high) => {
      if (this.#table.add(mix32(low), mix32(high), owner)) runs++;
    });
    this.#wanted.push({ key, runs });
    this.#weights = undefined;
    return true;
  }

  /** Forgets all texts but these. */
  keep(keys: ReadonlySet<string>): void {
    const isSame = [...this.#known].every((key) => keys.has(key));
    if (isSame) return;
    for (const key of this.#known) if (!keys.has(key)) this.#known.delete(key);
    // There may be room for them now.
    for (const key of this.#refused) this.#known.delete(key);
    this.#refused.clear();
    const kept = this.#wanted.map(({ key }) => keys.has(key));
    if (kept.every(Boolean)) return;
    const places = new Map<number, number>();
    for (const [owner, isKept] of kept.entries()) if (isKept) places.set(owner, places.size);
    this.#wanted = this.#wanted.filter((_, owner) => kept[owner]);
    this.#table = this.#table.renamed(places);
    this.#weights = undefined;
  }

  /** Counts a text among those that have its runs; tells whether `find` may find anything in it. */
  count(text: Uint8Array): boolean {
    if (this.isEmpty) return false;
    this.#weights = undefined;
    this.#texts++;
    const { shared, runs } = this.#meet(text, true);
    return [...shared].some(([owner, one]) => {
      const wanted = this.#wanted[owner].runs;
      const least = containmentThreshold / 2;
      return (
        one.longest + runWords - 1 >= quotedWords || one.runs >= least * wanted || one.ownRuns >= least * runs
      );
    });
  }

  /** The texts that are quoted in another one, the largest share first. */
  find(text: Uint8Array): Quoted[] {
    if (this.isEmpty) return [];
    const found: Quoted[] = [];
    this.#weights ??= this.#table.weights(this.#wanted.length, this.#few);
    const { shared, runs: ownRuns, weight } = this.#meet(text, false);
    for (const [owner, one] of shared) {
      const { key, runs } = this.#wanted[owner];
      const all = this.#weights[owner];
      const isEnough = one.weight >= Math.min(runs, leastRuns);
      const isWhole = isEnough && contains(one.weight, all, runs);
      const holdsOther = isEnough && contains(one.ownWeight, weight, ownRuns);
      const words = one.longest === 0 ? 0 : one.longest + runWords - 1;
      if (isWhole || holdsOther || words >= quotedWords)
        found.push({ key, share: one.weight / all, words, isWhole, holdsOther });
    }
    return found.sort((a, b) => b.share - a.share);
  }

  get #few(): number {
    return this.#texts === 0 ? commonFrom(Number.POSITIVE_INFINITY) : commonFrom(this.#texts);
  }

  /** What a text has of each wanted one, with the number and weight of its own runs. */
  #meet(text: Uint8Array, isCounting: boolean) {
    const shared = new Map<number, Shared>();
    const table = this.#table;
    // How many have a run is not known while it is counted: then rather too much is found.
    const few = isCounting ? commonFrom(Number.POSITIVE_INFINITY) : this.#few;
    table.nextText();
    let runs = 0;
    let weight = 0;
    forEachRun(text, (low, high, index) => {
      runs++;
      const slot = table.slotOf(mix32(low), mix32(high));
      if (isCounting && slot >= 0) table.countText(slot);
      const documents = slot < 0 ? 0 : table.documentsOf(slot);
      const own = weightOf(documents, few);
      weight += own;
      if (slot < 0) return;
      const isOwn = documents <= few;
      table.forEachOwner(slot, (owner, isFirst) => {
        let one = shared.get(owner);
        if (one === undefined) {
          one = { runs: 0, weight: 0, ownRuns: 0, ownWeight: 0, last: -1, streak: 0, longest: 0 };
          shared.set(owner, one);
        }
        one.ownRuns++;
        one.ownWeight += own;
        if (isFirst) {
          one.runs++;
          one.weight += own;
        }
        if (!isOwn) return;
        one.streak = one.last === index - 1 ? one.streak + 1 : 1;
        one.last = index;
        one.longest = Math.max(one.longest, one.streak);
      });
    });
    return { shared, runs, weight };
  }
}
