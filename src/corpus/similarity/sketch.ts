/**
 * Sketches of documents for finding near-duplicates: of the hashes of a text's runs of five words the smallest ones,
 * those below 2^32 / 16, but 48 at least. Hashes below one bound are the same sample in every text, so that the share of
 * a text's runs that stand in another one (containment) is estimated whatever the two lengths are: a page inside a book
 * is found, which sketches of one size for all (MinHash) cannot do. A sketch takes 4 bytes for 16 words, 192 at least.
 *
 * Sources: Broder 1997 (shingles, containment by hashes 0 modulo m); Irber et al. 2022 (FracMinHash).
 */
import { forEachRun, mix32 } from './word-runs.ts';

/** Hashes of a sketch, unless the text has fewer runs. */
export const leastHashes = 48;
/** Hashes below it are in every sketch. */
export const sampledBelow = 2 ** 32 / 16;

let scratch = new Uint32Array(1024);
let below = new Uint32Array(1024);

/**
 * The sketch of a UTF-8 text: hashes in ascending order, each once. One without words has a hash of its bytes, which
 * only the same bytes have.
 */
export function sketchText(bytes: Uint8Array): Uint32Array {
  let count = 0;
  forEachRun(bytes, (low) => {
    if (count === scratch.length) {
      const grown = new Uint32Array(2 * count);
      grown.set(scratch);
      scratch = grown;
    }
    scratch[count++] = mix32(low);
  });
  if (count === 0) return Uint32Array.of(hashBytes(bytes));
  return smallest(scratch.subarray(0, count));
}

/** The hashes below a first guess at the bound suffice nearly always; else all are sorted. */
function smallest(hashes: Uint32Array): Uint32Array {
  if (below.length < hashes.length) below = new Uint32Array(scratch.length);
  const guess = Math.max(sampledBelow, (2 ** 32 * 2 * leastHashes) / hashes.length);
  for (const bound of [guess, Number.POSITIVE_INFINITY]) {
    let few = 0;
    for (let i = 0; i < hashes.length; i++) if (hashes[i] < bound) below[few++] = hashes[i];
    const sorted = below.subarray(0, few).sort();
    let kept = 0;
    for (const hash of sorted) {
      if (kept >= leastHashes && hash >= sampledBelow) break;
      if (kept === 0 || sorted[kept - 1] !== hash) sorted[kept++] = hash;
    }
    if (kept >= leastHashes || bound > 2 ** 32) return sorted.slice(0, kept);
  }
  throw new Error('A text has more runs than it has.');
}

function hashBytes(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
