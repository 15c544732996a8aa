/**
 * The one source of randomness: xoshiro128** seeded through SplitMix32. Its state is four 32-bit words
 * and is part of every checkpoint, so that a resumed run draws what the uninterrupted one would have.
 *
 * Source: Blackman and Vigna, "Scrambled linear pseudorandom number generators" (2021).
 */
export type RandomState = readonly [number, number, number, number];

export class Random {
  #state: Uint32Array;

  private constructor(state: Uint32Array) {
    this.#state = state;
  }

  /** A generator for a seed and a purpose: equal seeds with other purposes give unrelated streams. */
  static fromSeed(seed: number, purpose: string): Random {
    let mixed = seed >>> 0;
    for (const byte of new TextEncoder().encode(purpose)) mixed = splitMix32(mixed ^ byte);
    const state = new Uint32Array(4);
    for (let i = 0; i < 4; i++) {
      mixed = (mixed + 0x9e3779b9) >>> 0;
      state[i] = splitMix32(mixed);
    }
    if (state.every((word) => word === 0)) state[0] = 1;
    return new Random(state);
  }

  static fromState(state: RandomState): Random {
    return new Random(Uint32Array.from(state));
  }

  get state(): RandomState {
    const [a, b, c, d] = this.#state;
    return [a, b, c, d];
  }

  /** A uniform integer in [0, 2^32). */
  uint32(): number {
    const s = this.#state;
    const result = Math.imul(rotateLeft(Math.imul(s[1], 5), 7), 9) >>> 0;
    const shifted = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotateLeft(s[3], 11);
    return result;
  }

  /** A uniform number in [0, 1) with 53 random bits. */
  uniform(): number {
    return ((this.uint32() >>> 5) * 67108864 + (this.uint32() >>> 6)) / 9007199254740992;
  }

  /** A uniform integer in [0, limit). */
  below(limit: number): number {
    return Math.floor(this.uniform() * limit);
  }

  /** A draw from the standard normal distribution (Box and Muller 1958). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }
}

function rotateLeft(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

function splitMix32(value: number): number {
  let z = (value + 0x9e3779b9) >>> 0;
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return (z ^ (z >>> 16)) >>> 0;
}
