/**
 * Rotary positions (RoFormer, arXiv 2104.09864) in halves, as Hugging Face's Llama has them, and how checkpoints stretch
 * their frequencies for longer contexts.
 */
import type { ModelSize, RotaryScaling } from '../common/model-size.ts';
import { blockOf } from '../common/model-size.ts';

/** Radians a position for each pair of a head: base^(-2i / size), scaled: [size / 2]. */
export function rotaryFrequencies(size: ModelSize): Float64Array {
  const { headSize, rotaryBase, rotaryScaling } = blockOf(size);
  const half = headSize / 2;
  return Float64Array.from({ length: half }, (_, i) => scaled(rotaryBase ** (-i / half), rotaryScaling));
}

/** The angle of each position and pair, row-major: [length, size / 2]. */
export function rotaryAngles(size: ModelSize, length: number): Float64Array {
  const frequencies = rotaryFrequencies(size);
  const half = frequencies.length;
  return Float64Array.from(
    { length: length * half },
    (_, at) => Math.floor(at / half) * frequencies[at % half],
  );
}

/** `llama3` is `_compute_llama3_parameters` of transformers: long waves are stretched, short ones left, between both a mean. */
function scaled(frequency: number, scaling: RotaryScaling | undefined): number {
  if (scaling === undefined) return frequency;
  if (scaling.kind === 'linear') return frequency / scaling.factor;
  const { factor, lowFrequencyFactor: low, highFrequencyFactor: high, originalContext } = scaling;
  const waves = (originalContext * frequency) / (2 * Math.PI);
  if (waves < low) return frequency / factor;
  if (waves > high) return frequency;
  const share = (waves - low) / (high - low);
  return ((1 - share) * frequency) / factor + share * frequency;
}
