/** Random draws of windows from pools, one a cluster, by given shares. */
import type { Random } from '../../common/random.ts';

/** The windows at hand in each cluster. */
export interface Pools {
  readonly windows: readonly Uint32Array[];
  /** Tokens of each cluster. */
  readonly tokens: Float64Array;
  readonly tokensOf: (window: number) => number;
}

export interface Draws {
  readonly windows: Uint32Array;
  readonly tokens: number;
  /** Of each cluster. */
  readonly windowsOf: Float64Array;
  readonly tokensOf: Float64Array;
}

export interface DrawOptions {
  readonly wantedTokens: number;
  /** The most repetition of a cluster's text. */
  readonly cap: number;
  readonly random: Random;
}

/** Draws a cluster, then a window uniformly in it. Chance cannot break the cap: a cluster that reached it is closed. */
export function drawFromPools(
  shares: Float64Array,
  pools: Pools,
  { wantedTokens, cap, random }: DrawOptions,
): Draws {
  const open = shares.slice();
  let cumulative = cumulativeSums(open);
  const windows = new GrowingList();
  const windowsOf = new Float64Array(shares.length);
  const tokensOf = new Float64Array(shares.length);
  let tokens = 0;
  while (tokens < wantedTokens) {
    const cluster = drawCluster(cumulative, random);
    const pool = pools.windows[cluster];
    const window = pool[random.below(pool.length)];
    const length = pools.tokensOf(window);
    windows.push(window);
    tokens += length;
    windowsOf[cluster]++;
    tokensOf[cluster] += length;
    if (tokensOf[cluster] >= cap * pools.tokens[cluster]) {
      open[cluster] = 0;
      cumulative = cumulativeSums(open);
    }
  }
  return { windows: windows.toArray(), tokens, windowsOf, tokensOf };
}

function cumulativeSums(shares: Float64Array): Float64Array {
  let sum = 0;
  return shares.map((share) => {
    sum += share;
    return sum;
  });
}

/** The first cluster whose cumulative share is above a uniform number: never one without a share. */
function drawCluster(cumulative: Float64Array, random: Random): number {
  const point = random.uniform() * cumulative[cumulative.length - 1];
  let low = 0;
  let high = cumulative.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (cumulative[middle] > point) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Window numbers whose count is not known beforehand, four bytes each. */
class GrowingList {
  #values = new Uint32Array(1024);
  #length = 0;

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const larger = new Uint32Array(Math.ceil(this.#length * 1.5));
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#length++] = value;
  }

  toArray(): Uint32Array {
    return this.#values.slice(0, this.#length);
  }
}
