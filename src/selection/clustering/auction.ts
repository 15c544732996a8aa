/**
 * Clusters of equal size: the assignment of vectors to clusters of a fixed capacity that nearly minimises the sum of
 * costs, by auction (Bertsekas 1988; Bertsekas and Castanon 1989 for objects of several places), as c-BTM does while
 * fitting (arXiv 2303.14177). A vector bids for the cluster that is cheapest at its cost plus its price; a full
 * cluster keeps the highest bids and its price is the lowest of these. The sum of costs is within rows times epsilon
 * of the smallest possible.
 */

/** epsilon = (largest - smallest cost) / 50, at least 1e-4: c-BTM's. */
const RANGE_PARTS = 50;
const LEAST_EPSILON = 1e-4;

/** `costs` [rows, clusters]; no cluster gets more than ceil(rows / clusters) rows. */
export function balancedAssignment(costs: Float32Array, clusters: number): Uint32Array {
  const rows = costs.length / clusters;
  const epsilon = epsilonOf(costs);
  const places = Array.from({ length: clusters }, () => new Places(Math.ceil(rows / clusters)));
  const prices = new Float64Array(clusters);
  const assigned = new Uint32Array(rows);
  const waiting = Array.from({ length: rows }, (_, i) => rows - 1 - i);
  for (let row = waiting.pop(); row !== undefined; row = waiting.pop()) {
    const { cluster, lead } = cheapest(costs, row * clusters, prices);
    const evicted = places[cluster].take(row, prices[cluster] + lead + epsilon);
    if (evicted !== undefined) waiting.push(evicted);
    prices[cluster] = places[cluster].price;
    assigned[row] = cluster;
  }
  return assigned;
}

function epsilonOf(costs: Float32Array): number {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const cost of costs) {
    if (cost < least) least = cost;
    if (cost > most) most = cost;
  }
  return Math.max(LEAST_EPSILON, (most - least) / RANGE_PARTS);
}

/** The cluster of the smallest cost plus price, and by how much the second is dearer. */
function cheapest(costs: Float32Array, at: number, prices: Float64Array) {
  let cluster = 0;
  let first = costs[at] + prices[0];
  let second = Number.POSITIVE_INFINITY;
  for (let c = 1; c < prices.length; c++) {
    const total = costs[at + c] + prices[c];
    if (total < first) {
      second = first;
      first = total;
      cluster = c;
    } else if (total < second) second = total;
  }
  return { cluster, lead: prices.length === 1 ? 0 : second - first };
}

/** The places of one cluster: the rows with the highest bids, the lowest of them first (a binary heap). */
class Places {
  readonly #capacity: number;
  readonly #rows: number[] = [];
  readonly #bids: number[] = [];

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** What a row must outbid: nothing while there are free places. */
  get price(): number {
    return this.#rows.length < this.#capacity ? 0 : this.#bids[0];
  }

  /** Gives a place to a row whose bid is above the price; returns the row that loses its place, if one does. */
  take(row: number, bid: number): number | undefined {
    if (this.#rows.length < this.#capacity) {
      this.#rows.push(row);
      this.#bids.push(bid);
      this.#rise(this.#rows.length - 1);
      return undefined;
    }
    const evicted = this.#rows[0];
    this.#rows[0] = row;
    this.#bids[0] = bid;
    this.#sink(0);
    return evicted;
  }

  #rise(from: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#bids[parent] <= this.#bids[at]) return;
      this.#swap(parent, at);
      at = parent;
    }
  }

  #sink(from: number): void {
    let at = from;
    for (;;) {
      const left = 2 * at + 1;
      if (left >= this.#rows.length) return;
      const right = left + 1;
      const child = right < this.#rows.length && this.#bids[right] < this.#bids[left] ? right : left;
      if (this.#bids[at] <= this.#bids[child]) return;
      this.#swap(at, child);
      at = child;
    }
  }

  #swap(a: number, b: number): void {
    [this.#rows[a], this.#rows[b]] = [this.#rows[b], this.#rows[a]];
    [this.#bids[a], this.#bids[b]] = [this.#bids[b], this.#bids[a]];
  }
}
