/** Which token comes next: what the model expects, narrowed as the user wants, and one drawn from it. Pure. */
import type { Random } from '../common/random.ts';
import type { Sampling } from './language-model.ts';

/** Tokens that may come, each with its probability; these sum to 1. */
export interface Distribution {
  readonly ids: ArrayLike<number>;
  readonly probabilities: Float64Array;
}

/**
 * From which tokens one is drawn, and how: softmax(logits / temperature) after the penalty for `seen` tokens, of the
 * `topK` likeliest, and of these the fewest that reach `topP` together. Of equally likely tokens the first count as likelier.
 * @throws RangeError when a logit is no finite number.
 */
export function distributionOf(
  logits: Float32Array,
  { temperature, topK, topP, repetitionPenalty }: Omit<Sampling, 'seed'>,
  seen: ReadonlySet<number>,
): Distribution {
  const penalized = repetitionPenalty === 1 ? logits : withPenalty(logits, repetitionPenalty, seen);
  const likeliest = likeliestOf(penalized);
  if (temperature === 0) return { ids: [likeliest], probabilities: Float64Array.of(1) };
  const isCut = topK > 0 && topK < logits.length;
  const ids = isCut ? likeliestIds(penalized, topK) : Uint32Array.from(penalized.keys());
  const highest = penalized[likeliest];
  const weights = Float64Array.from(ids, (id) => Math.exp((penalized[id] - highest) / temperature));
  return topP < 1 ? nucleus(ids, weights, topP) : { ids, probabilities: normalized(weights) };
}

/** A token drawn from a distribution. */
export function draw({ ids, probabilities }: Distribution, random: Random): number {
  if (ids.length === 1) return ids[0];
  let left = random.uniform();
  let possible = 0;
  for (let i = 0; i < ids.length; i++) {
    if (probabilities[i] === 0) continue;
    possible = i;
    left -= probabilities[i];
    if (left < 0) break;
  }
  // Rounding can leave a little after the last one.
  return ids[possible];
}

/** The ids of the `count` highest logits, highest first; of equal ones the first. */
export function likeliestIds(logits: Float32Array, count: number): number[] {
  const ids: number[] = [];
  for (let id = 0; id < logits.length; id++) {
    if (ids.length === count && !(logits[id] > logits[ids[count - 1]])) continue;
    let at = Math.min(ids.length, count - 1);
    for (; at > 0 && logits[id] > logits[ids[at - 1]]; at--) ids[at] = ids[at - 1];
    if (count > 0) ids[at] = id;
  }
  return ids;
}

/** log sum_i exp(logits[i]): what is to be taken from a logit to get the token's log-probability in nats. */
export function logSumExp(logits: Float32Array): number {
  let highest = Number.NEGATIVE_INFINITY;
  for (let id = 0; id < logits.length; id++) if (logits[id] > highest) highest = logits[id];
  let sum = 0;
  for (let id = 0; id < logits.length; id++) sum += Math.exp(logits[id] - highest);
  return highest + Math.log(sum);
}

/** A token that stands in the text becomes less likely, whatever the sign of its logit (CTRL, arXiv 1909.05858). */
function withPenalty(logits: Float32Array, penalty: number, seen: ReadonlySet<number>): Float32Array {
  const penalized = logits.slice();
  for (const id of seen) {
    if (id < penalized.length) penalized[id] *= penalized[id] < 0 ? penalty : 1 / penalty;
  }
  return penalized;
}

function likeliestOf(logits: Float32Array): number {
  let likeliest = 0;
  for (let id = 0; id < logits.length; id++) {
    if (!Number.isFinite(logits[id])) throw new RangeError(`The logit of token ${id} is ${logits[id]}.`);
    if (logits[id] > logits[likeliest]) likeliest = id;
  }
  return likeliest;
}

/** Nucleus sampling (arXiv 1904.09751). */
function nucleus(ids: ArrayLike<number>, weights: Float64Array, topP: number): Distribution {
  const needed = topP * sumOf(weights);
  const order = likeliestFirst(weights, needed);
  let [reached, count] = [0, 0];
  while (count < order.length && reached < needed) reached += weights[order[count++]];
  const kept = order.slice(0, count);
  return {
    ids: kept.map((i) => ids[i]),
    probabilities: normalized(Float64Array.from(kept, (i) => weights[i])),
  };
}

/** Enough of the heaviest, in order: sorting a whole vocabulary takes longer than a small model's step. */
function likeliestFirst(weights: Float64Array, needed: number): number[] {
  const heavierThan = (least: number): number[] => {
    const found: number[] = [];
    for (let i = 0; i < weights.length; i++) if (weights[i] >= least) found.push(i);
    return found;
  };
  const isEnough = (found: readonly number[]) => found.reduce((sum, i) => sum + weights[i], 0) >= needed;
  const few = heavierThan(NOTABLE);
  const enough = isEnough(few) ? few : heavierThan(0);
  return enough.sort((a, b) => weights[b] - weights[a] || a - b);
}

/** Of the likeliest token's weight, which is 1. */
const NOTABLE = 1e-4;

const sumOf = (weights: Float64Array): number => weights.reduce((sum, weight) => sum + weight, 0);

function normalized(weights: Float64Array): Float64Array {
  const sum = sumOf(weights);
  return weights.map((weight) => weight / sum);
}
