import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeFloat32, encodeFloat16 } from '../../../../src/formats/float-types.ts';
import { decodeTensor, encodeTensor } from '../../../../src/formats/gguf/quantize.ts';

const decoded = (halves: Uint16Array) => decodeFloat32(new Uint8Array(halves.buffer), 'F16');

test('every float16 comes back, and between two neighbours the nearer is taken, in the middle the even one', () => {
  const finite = Uint16Array.from({ length: 0x7c00 }, (_, half) => half);
  const values = decoded(finite);
  assert.deepEqual(encodeFloat16(values), finite);
  assert.deepEqual(
    encodeFloat16(values.map((value) => -value)),
    finite.map((half) => half | 0x8000),
  );
  for (let half = 0; half < 0x7bff; half++) {
    const [low, high] = [values[half], values[half + 1]];
    const middle = (low + high) / 2;
    const step = (high - low) / 64;
    const even = half % 2 === 0 ? half : half + 1;
    const around = Float32Array.of(middle - step, middle, middle + step);
    assert.deepEqual([...encodeFloat16(around)], [half, even, half + 1], `${middle}`);
  }
});

test('numbers beyond float16 become infinite, and what is no number stays none', () => {
  const given = Float32Array.of(65_519.996, 65_520, -1e30, Number.POSITIVE_INFINITY, Number.NaN);
  assert.deepEqual(
    [...encodeFloat16(given)].map((half) => half.toString(16)),
    ['7bff', '7c00', 'fc00', '7c00', '7e00'],
  );
});

test('a block of Q8_0 is its scale, then each value by it, halves away from zero', () => {
  const values = new Float32Array(64);
  values.set([127, -127, 0.5, -0.5, 1.5, 0.49, -1]);
  const bytes = encodeTensor(values, 'Q8_0', 'w');
  assert.equal(bytes.length, 68);
  // 1 as float16; the second block is of zeros.
  assert.deepEqual([...bytes.subarray(0, 9)], [0x00, 0x3c, 127, 129, 1, 255, 2, 0, 255]);
  assert.ok(bytes.subarray(9).every((byte) => byte === 0));
  assert.deepEqual([...decodeTensor(bytes, 'Q8_0').subarray(0, 7)], [127, -127, 1, -1, 2, 0, -1]);
});

test('a value comes back from Q8_0 within half a step of its block, and what float16 adds', () => {
  const block = fc.float32Array({ minLength: 32, maxLength: 32, noNaN: true, min: -1000, max: 1000 });
  fc.assert(
    fc.property(block, (values) => {
      const largest = Math.max(...values.map(Math.abs));
      const back = decodeTensor(encodeTensor(values, 'Q8_0', 'w'), 'Q8_0');
      const most = largest * (0.5 / 127 + 2 ** -11) + 2 ** -17;
      for (const [i, value] of values.entries()) assert.ok(Math.abs(back[i] - value) <= most);
    }),
  );
});

test('values that the type cannot hold are refused by the name of their weight', () => {
  const values = new Float32Array(32).fill(1e5);
  assert.throws(() => encodeTensor(values, 'F16', 'blk.0'), /blk\.0 has values that 16-bit/);
  values[3] = Number.NaN;
  assert.throws(() => encodeTensor(values, 'Q8_0', 'blk.0'), /blk\.0 has values that 16-bit/);
});
