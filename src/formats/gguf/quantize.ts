/**
 * Weights as GGUF keeps them. Q8_0 is llama.cpp's: blocks of 32 along a row, each a float16 scale d = max |x| / 127 and 32
 * whole numbers round(x / d), halves away from zero; the numbers are of d before it was rounded to float16.
 *
 * Source: https://github.com/ggml-org/llama.cpp, gguf-py/gguf/quants.py, `Q8_0`.
 */
import { InputError } from '../../common/errors.ts';
import { decodeFloat32, encodeFloat16 } from '../float-types.ts';
import { type GgufTensorType, TENSOR_TYPES } from './format.ts';

const { block: BLOCK, bytes: BLOCK_BYTES } = TENSOR_TYPES.Q8_0;
const LARGEST = 127;

/** `name` is the tensor's, for errors. Throws InputError when a value is beyond the type. */
export function encodeTensor(values: Float32Array, type: GgufTensorType, name: string): Uint8Array {
  if (type === 'F32') return bytesOf(values);
  return type === 'F16' ? bytesOf(halves(values, name)) : quantized(values, name);
}

/** `bytes` lie at the start of their buffer. */
export function decodeTensor(bytes: Uint8Array, type: GgufTensorType): Float32Array {
  if (type !== 'Q8_0') return decodeFloat32(bytes, type);
  const blocks = bytes.length / BLOCK_BYTES;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const scales = decodeFloat32(
    bytesOf(Uint16Array.from({ length: blocks }, (_, i) => view.getUint16(i * BLOCK_BYTES, true))),
    'F16',
  );
  return Float32Array.from({ length: blocks * BLOCK }, (_, i) => {
    const block = Math.floor(i / BLOCK);
    return scales[block] * view.getInt8(block * BLOCK_BYTES + 2 + (i % BLOCK));
  });
}

function quantized(values: Float32Array, name: string): Uint8Array {
  const blocks = values.length / BLOCK;
  const scales = Float32Array.from({ length: blocks }, (_, block) => {
    let largest = 0;
    for (let i = block * BLOCK; i < (block + 1) * BLOCK; i++)
      largest = Math.max(largest, Math.abs(values[i]));
    return largest / LARGEST;
  });
  const stored = halves(scales, name);
  const bytes = new Uint8Array(blocks * BLOCK_BYTES);
  const view = new DataView(bytes.buffer);
  for (let block = 0; block < blocks; block++) {
    const inverse = scales[block] === 0 ? 0 : Math.fround(1 / scales[block]);
    view.setUint16(block * BLOCK_BYTES, stored[block], true);
    for (let i = 0; i < BLOCK; i++) {
      const scaled = Math.fround(values[block * BLOCK + i] * inverse);
      view.setInt8(block * BLOCK_BYTES + 2 + i, Math.sign(scaled) * Math.floor(Math.abs(scaled) + 0.5));
    }
  }
  return bytes;
}

function halves(values: Float32Array, name: string): Uint16Array {
  const encoded = encodeFloat16(values);
  if (!encoded.some(isNoNumber)) return encoded;
  throw new InputError(
    `The weight ${name} has values that 16-bit numbers cannot hold.`,
    'Export it with --type f32.',
  );
}

const isNoNumber = (half: number): boolean => (half & 0x7c00) === 0x7c00;

const bytesOf = (values: Float32Array | Uint16Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
