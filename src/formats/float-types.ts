/**
 * Stored floating-point numbers to Float32Array: F32 as it is, BF16 (the upper half of a float32) and F16
 * (IEEE 754 binary16) exactly, since every value of both is a float32.
 */
export type FloatType = 'F32' | 'F16' | 'BF16';

export function isFloatType(type: string): type is FloatType {
  return type === 'F32' || type === 'F16' || type === 'BF16';
}

/** The values of little-endian numbers at the start of their buffer. An F32 result shares the buffer. */
export function decodeFloat32(bytes: Uint8Array, type: FloatType): Float32Array {
  if (type === 'F32') return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  const halves = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2);
  return type === 'BF16' ? fromBfloat16(halves) : Float32Array.from(halves, fromFloat16);
}

function fromBfloat16(halves: Uint16Array): Float32Array {
  const words = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) words[i] = halves[i] << 16;
  return new Float32Array(words.buffer);
}

function fromFloat16(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Rounded to the nearest, of two equally near to the even one; what is beyond 65,504 becomes infinite. */
export function encodeFloat16(values: Float32Array): Uint16Array {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  return Uint16Array.from(words, toFloat16);
}

/** `word` is the float32 as it lies in memory. */
function toFloat16(word: number): number {
  const sign = (word >>> 16) & 0x8000;
  const magnitude = word & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  // 65,520 is half-way to the number after the last.
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  const exponent = (magnitude >>> 23) - 127;
  if (exponent < -25) return sign;
  if (exponent < -14) return sign | roundedShift((magnitude & 0x7fffff) | 0x800000, -1 - exponent);
  // A fraction that is rounded up to the next power of two counts the exponent up: their bits are neighbours.
  return sign | roundedShift(magnitude - (112 << 23), 13);
}

function roundedShift(value: number, bits: number): number {
  const kept = value >>> bits;
  const rest = value & ((1 << bits) - 1);
  const half = 1 << (bits - 1);
  return rest > half || (rest === half && kept % 2 === 1) ? kept + 1 : kept;
}
