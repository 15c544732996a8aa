/** Damaged and hostile variants of valid files, by a seed: bytes changed, parts moved, numbers and brackets exaggerated. */
import type { Random } from '../../src/common/random.ts';

const INTERESTING = [
  ...['-1', '0', '1', '4294967296', '9007199254740993', '18446744073709551615', '1e308', '-0.5', 'NaN'],
  ...['null', 'true', '""', '[]', '{}', '"\\u0000"', '"../../x"', '"__proto__"', `"${'x'.repeat(5000)}"`],
  ...['['.repeat(2000), '{"a":'.repeat(2000), '"(a+)+$"', '"\ud800"', '"▁"', '\ufeff'],
];

type Mutation = (data: Buffer, random: Random) => Buffer;

const somewhere = (data: Buffer, random: Random) => random.below(data.length + 1);
const spliced = (data: Buffer, at: number, remove: number, insert: Uint8Array) =>
  Buffer.concat([data.subarray(0, at), insert, data.subarray(at + remove)]);

const mutations: readonly Mutation[] = [
  (data, random) => {
    const copy = Buffer.from(data);
    for (let left = 1 + random.below(4); left > 0 && copy.length > 0; left--) {
      copy[random.below(copy.length)] ^= 1 << random.below(8);
    }
    return copy;
  },
  (data, random) => {
    const copy = Buffer.from(data);
    if (copy.length > 0) copy[random.below(Math.min(copy.length, 16))] = random.below(256);
    return copy;
  },
  (data, random) => data.subarray(0, somewhere(data, random)),
  (data, random) => spliced(data, somewhere(data, random), random.below(32), Buffer.alloc(0)),
  (data, random) => {
    const from = somewhere(data, random);
    return spliced(data, somewhere(data, random), 0, data.subarray(from, from + random.below(64)));
  },
  (data, random) =>
    spliced(
      data,
      somewhere(data, random),
      random.below(4),
      Buffer.from(INTERESTING[random.below(INTERESTING.length)]),
    ),
  (data, random) => replaceToken(data, random, /-?\d+(\.\d+)?/g),
  (data, random) => replaceToken(data, random, /"(?:[^"\\]|\\.)*"/g),
  (data, random) => replaceToken(data, random, /[{}[\]:,]/g),
  (data, random) => Buffer.concat([data, data.subarray(0, somewhere(data, random))]),
];

/** One token of a text (or of the text in a binary file) becomes another of its kind or an interesting value. */
function replaceToken(data: Buffer, random: Random, kind: RegExp): Buffer {
  const text = data.toString('latin1');
  const tokens = [...text.matchAll(kind)];
  if (tokens.length === 0) return data;
  const token = tokens[random.below(tokens.length)];
  const others = [tokens[random.below(tokens.length)][0], INTERESTING[random.below(INTERESTING.length)]];
  return spliced(data, token.index, token[0].length, Buffer.from(others[random.below(2)]));
}

/** A variant of the file, one to three changes away. */
export function mutate(data: Buffer, random: Random): Buffer {
  let variant = data;
  for (let left = 1 + random.below(3); left > 0; left--)
    variant = mutations[random.below(mutations.length)](variant, random);
  return variant;
}
