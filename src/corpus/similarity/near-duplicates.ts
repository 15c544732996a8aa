/**
 * Finds near-copies among sketches by containment: two texts are near-copies when half of one or more stands in the other.
 * What more than a few texts have in common (licences, mail footers, templates; commonness.ts) counts less the more have
 * it, so that a shared header makes no copies of files that differ otherwise; texts that share two thirds of both are
 * copies however many have it. Thresholds and what they were measured on: docs/decisions/near-copies.md.
 *
 * Texts that share a hash are compared: all of them if few have it, else each with three others, which suffices to link
 * large groups of copies. Some eight million hashes at most are sorted in memory at a time: 8 bytes each.
 */
import { letSignalsIn } from '../../common/interruption.ts';
import { commonFrom, contains, weightOf } from './commonness.ts';
import { boundOf, type Sketches } from './sketches.ts';

/** Share of the runs of both from which two texts are near-copies whatever others have. */
const mutualThreshold = 0.65;
/** Hashes that must be shared, as they count, for a containment: about 64 words in a long text. */
const leastShared = 4;
/** Hashes of both that are looked at first, and the share of them that must be shared to go on. */
const firstLook = 48;
const hopeless = 0.15;
/** Of a common hash's texts those that the others are compared with. */
const neighbours = 3;

/** Sketches of some documents. */
export interface SketchSet {
  readonly sketches: Sketches;
  /** Which rows are in the set; a place in this list names a document. */
  readonly rows: Uint32Array;
}

/** Called with how far a search is, from 0 to 1; may throw to end it. */
export type OnFraction = (fraction: number) => void;

export interface Comparison {
  /** 1 for documents that all others are compared with, such as held-out ones. */
  readonly isMarked: Uint8Array;
  /** Whether it matters if two places are near-copies. */
  readonly wants: (a: number, b: number) => boolean;
  readonly found: (a: number, b: number) => void;
}

/** Calls `found` for pairs of places whose texts are near-copies. */
export async function findNearCopies(
  set: SketchSet,
  { isMarked, wants, found }: Comparison,
  onFraction: OnFraction,
): Promise<void> {
  const sorted = new SortedHashes(set);
  const few = commonFrom(set.rows.length);
  /** What hashes that more than a few texts have count. */
  const common = new Map<number, number>();
  await sorted.forEach(
    (hash, places) => {
      if (places.length > few) common.set(hash, weightOf(places.length, few));
    },
    (fraction) => onFraction(fraction / 2),
  );
  const { sketches, rows } = set;
  const compare = (a: number, b: number): void => {
    if (wants(a, b) && areNearCopies(sketches.of(rows[a]), sketches.of(rows[b]), common)) found(a, b);
  };
  await sorted.forEach(
    (_, places) => {
      if (places.length <= few) {
        for (let i = 1; i < places.length; i++) for (let j = 0; j < i; j++) compare(places[i], places[j]);
        return;
      }
      const marked = places.filter((place) => isMarked[place] === 1).subarray(0, neighbours);
      for (let i = 0; i < places.length; i++) {
        for (let j = Math.max(0, i - neighbours); j < i; j++) compare(places[i], places[j]);
        if (isMarked[places[i]] === 0) for (const other of marked) compare(places[i], other);
      }
    },
    (fraction) => onFraction((1 + fraction) / 2),
  );
}

/** Called for a hash with the places of the documents that have it, ascending; they are valid during the call. */
type OnHash = (hash: number, places: Uint32Array) => void;

/** The hashes of all sketches in order, a part of them at a time, each part those with the same lowest bits. */
class SortedHashes {
  readonly #set: SketchSet;
  readonly #bits: number;
  /** Hashes of each part. */
  readonly #sizes: Uint32Array;
  /** In a key the place of a text stands below its hash; both together have 53 bits. */
  readonly #placeFactor: number;
  /** Kept when there is one part only. */
  #keys: Float64Array | undefined;

  constructor(set: SketchSet) {
    this.#set = set;
    let hashes = 0;
    for (const row of set.rows) hashes += set.sketches.lengthOf(row);
    let bits = 0;
    while (hashes > 2 ** (23 + bits) || set.rows.length > 2 ** (21 + bits)) bits++;
    this.#bits = bits;
    this.#placeFactor = 2 ** (21 + bits);
    this.#sizes = new Uint32Array(2 ** bits);
    for (const row of set.rows) {
      const sketch = set.sketches.of(row);
      for (let i = 0; i < sketch.length; i++) this.#sizes[sketch[i] & (this.#sizes.length - 1)]++;
    }
  }

  /** Calls `use` for each hash that two documents or more have. */
  async forEach(use: OnHash, onFraction: OnFraction): Promise<void> {
    const parts = this.#sizes.length;
    for (let part = 0; part < parts; part++) {
      const keys = this.#keys ?? this.#sorted(part);
      if (parts === 1) this.#keys = keys;
      this.#groups(keys, part, use);
      onFraction((part + 1) / parts);
      await letSignalsIn();
    }
  }

  #groups(keys: Float64Array, part: number, use: OnHash): void {
    const factor = this.#placeFactor;
    const places = new Uint32Array(this.#set.rows.length);
    for (let from = 0; from < keys.length; ) {
      const high = Math.floor(keys[from] / factor);
      const start = high * factor;
      const end = start + factor;
      let count = 0;
      for (; from < keys.length && keys[from] < end; from++) places[count++] = keys[from] - start;
      if (count > 1) use(high * 2 ** this.#bits + part, places.subarray(0, count));
    }
  }

  #sorted(part: number): Float64Array {
    const { sketches, rows } = this.#set;
    const bits = this.#bits;
    const factor = this.#placeFactor;
    const keys = new Float64Array(this.#sizes[part]);
    const mask = this.#sizes.length - 1;
    let at = 0;
    for (let place = 0; place < rows.length; place++) {
      const sketch = sketches.of(rows[place]);
      for (let i = 0; i < sketch.length; i++)
        if ((sketch[i] & mask) === part) keys[at++] = (sketch[i] >>> bits) * factor + place;
    }
    return keys.sort();
  }
}

/** Whether two sketches are of near-copies; `common` has what hashes count that do not count 1. */
export function areNearCopies(a: Uint32Array, b: Uint32Array, common: ReadonlyMap<number, number>): boolean {
  const bound = Math.min(boundOf(a), boundOf(b));
  const one = a.subarray(0, countBelow(a, bound));
  const other = b.subarray(0, countBelow(b, bound));
  const shared = one.length < other.length ? sharedHashes(one, other) : sharedHashes(other, one);
  if (shared.length >= mutualThreshold * Math.max(one.length, other.length)) return true;
  if (shared.length < leastShared) return false;
  const weight = (hashes: Uint32Array): number => {
    if (common.size === 0) return hashes.length;
    let sum = 0;
    for (let i = 0; i < hashes.length; i++) sum += common.get(hashes[i]) ?? 1;
    return sum;
  };
  const of = weight(shared);
  if (of < leastShared) return false;
  return contains(of, weight(one), one.length) || contains(of, weight(other), other.length);
}

const met = new Uint32Array(2 ** 20);

/**
 * The hashes that two lists share; of unlike lists perhaps fewer. Long texts share some runs with many others: when few
 * of the first 48 hashes of both are shared, the rest is not looked at; in a much longer list each is looked up.
 */
function sharedHashes(shorter: Uint32Array, longer: Uint32Array): Uint32Array {
  let count = 0;
  if (longer.length > 8 * shorter.length) {
    for (const hash of shorter) if (longer[countBelow(longer, hash)] === hash) met[count++] = hash;
    return met.subarray(0, count);
  }
  for (let i = 0, j = 0; i < shorter.length && j < longer.length; ) {
    if (shorter[i] === longer[j]) {
      met[count++] = shorter[i++];
      j++;
    } else if (shorter[i] < longer[j]) i++;
    else j++;
    if (Math.min(i, j) === firstLook && count < hopeless * firstLook) break;
  }
  return met.subarray(0, count);
}

/** How many of ascending hashes are below a bound. */
function countBelow(sketch: Uint32Array, bound: number): number {
  let [low, high] = [0, sketch.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sketch[middle] < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Groups of linked documents (union-find with path halving). */
export class Groups {
  readonly #parents: Int32Array;

  constructor(count: number) {
    this.#parents = Int32Array.from({ length: count }, (_, i) => i);
  }

  link(a: number, b: number): void {
    this.#parents[this.rootOf(a)] = this.rootOf(b);
  }

  /** The same number for all of a group. */
  rootOf(start: number): number {
    let node = start;
    while (this.#parents[node] !== node) {
      this.#parents[node] = this.#parents[this.#parents[node]];
      node = this.#parents[node];
    }
    return node;
  }
}

export interface NearCopies {
  readonly groups: Groups;
  /** For each place the held-out one of which it is a near-copy, or -1. */
  readonly twins: Int32Array;
  /** Texts that are near-copies of another, but for one of each group. */
  readonly copies: number;
  /** Groups of two or more. */
  readonly count: number;
}

/**
 * Groups the near-copies of a corpus. What is held out by a label links no others: a text that resembles it is its twin.
 * `onLink` is called for each pair that links two groups and for each twin.
 */
export async function groupNearCopies(
  set: SketchSet,
  isHeldout: Uint8Array,
  onLink: (a: number, b: number) => void,
  onFraction: OnFraction,
): Promise<NearCopies> {
  const count = set.rows.length;
  const groups = new Groups(count);
  const all = new Groups(count);
  const twins = new Int32Array(count).fill(-1);
  const wants = (a: number, b: number): boolean => {
    if (isHeldout[a] !== isHeldout[b]) return twins[isHeldout[a] === 1 ? b : a] < 0;
    return groups.rootOf(a) !== groups.rootOf(b);
  };
  const found = (a: number, b: number): void => {
    if (isHeldout[a] === isHeldout[b]) groups.link(a, b);
    else if (isHeldout[a] === 1) twins[b] = a;
    else twins[a] = b;
    all.link(a, b);
    onLink(a, b);
  };
  await findNearCopies(set, { isMarked: isHeldout, wants, found }, onFraction);
  const sizes = new Uint32Array(count);
  for (let place = 0; place < count; place++) sizes[all.rootOf(place)]++;
  const large = sizes.filter((size) => size > 1);
  return {
    groups,
    twins,
    count: large.length,
    copies: large.reduce((sum, size) => sum + size - 1, 0),
  };
}
