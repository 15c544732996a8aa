/** Which token comes next: one drawn from what the model expects. Pure. */
import type { Random } from '../common/random.ts';

/**
 * Draws a token id with probability softmax(logits / temperature); at temperature 0 the likeliest, of equals the first.
 * @throws RangeError when the logits are not all finite.
 */
export function drawToken(logits: Float32Array, temperature: number, random: Random): number {
  let likeliest = 0;
  for (let id = 0; id < logits.length; id++) {
    if (!Number.isFinite(logits[id])) throw new RangeError(`The logit of token ${id} is ${logits[id]}.`);
    if (logits[id] > logits[likeliest]) likeliest = id;
  }
  if (temperature === 0) return likeliest;
  const weights = Float64Array.from(logits, (logit) => Math.exp((logit - logits[likeliest]) / temperature));
  let left = random.uniform() * weights.reduce((sum, weight) => sum + weight, 0);
  for (let id = 0; id < weights.length; id++) {
    left -= weights[id];
    if (left < 0) return id;
  }
  // Rounding can leave a little after the last one.
  return likeliest;
}
