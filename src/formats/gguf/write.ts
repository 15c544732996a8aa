/** Writes GGUF whole or not at all. Only one tensor's data is held at a time. */
import type { FileHandle } from 'node:fs/promises';
import { writeAtomic } from '../../common/files.ts';
import {
  byteLength,
  type GgufMetadata,
  type GgufTensorType,
  type GgufValue,
  MAGIC,
  padded,
  TENSOR_TYPES,
  VALUE_CODES,
  VERSION,
} from './format.ts';
import { encodeTensor } from './quantize.ts';

export interface GgufTensor {
  readonly name: string;
  readonly type: GgufTensorType;
  /** As in safetensors, the rows last: the file has it reversed. */
  readonly shape: readonly number[];
  /** Asked for only when this tensor is written. */
  values(): Promise<Float32Array> | Float32Array;
}

export async function writeGguf(
  path: string,
  metadata: GgufMetadata,
  tensors: readonly GgufTensor[],
): Promise<void> {
  const header = encodeHeader(metadata, tensors);
  await writeAtomic(path, async (file) => {
    await writePadded(file, header);
    for (const tensor of tensors) await writePadded(file, await dataOf(tensor));
  });
}

async function dataOf({ name, type, shape, values }: GgufTensor): Promise<Uint8Array> {
  const data = encodeTensor(await values(), type, name);
  const expected = byteLength(type, shape);
  if (data.length === expected) return data;
  throw new RangeError(`Tensor "${name}" has ${data.length} bytes; its shape needs ${expected}.`);
}

async function writePadded(file: FileHandle, bytes: Uint8Array): Promise<void> {
  await file.writeFile(bytes);
  await file.writeFile(new Uint8Array(padded(bytes.length) - bytes.length));
}

function encodeHeader(metadata: GgufMetadata, tensors: readonly GgufTensor[]): Uint8Array {
  const pieces = [Buffer.from(MAGIC), uint32(VERSION), uint64(tensors.length), uint64(metadata.size)];
  for (const [key, value] of metadata) pieces.push(text(key), ...encodeValue(value));
  let offset = 0;
  for (const { name, type, shape } of tensors) {
    const sizes = [...shape].reverse().map(uint64);
    pieces.push(text(name), uint32(shape.length), ...sizes, uint32(TENSOR_TYPES[type].code), uint64(offset));
    offset += padded(byteLength(type, shape));
  }
  return Buffer.concat(pieces);
}

/** The code of the type, then the value. */
function encodeValue({ type, value }: GgufValue): Buffer[] {
  switch (type) {
    case 'uint32':
      return [uint32(VALUE_CODES.uint32), uint32(value)];
    case 'float32':
      return [uint32(VALUE_CODES.float32), Buffer.from(Float32Array.of(value).buffer)];
    case 'bool':
      return [uint32(VALUE_CODES.bool), Buffer.of(value ? 1 : 0)];
    case 'string':
      return [uint32(VALUE_CODES.string), text(value)];
    case 'strings':
      return [...arrayOf(VALUE_CODES.string, value.length), ...value.map(text)];
    case 'int32s':
      return [...arrayOf(VALUE_CODES.int32, value.length), bytesOf(value)];
    case 'float32s':
      return [...arrayOf(VALUE_CODES.float32, value.length), bytesOf(value)];
  }
}

const arrayOf = (code: number, length: number): Buffer[] => [
  uint32(VALUE_CODES.array),
  uint32(code),
  uint64(length),
];

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([uint64(bytes.length), bytes]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

const bytesOf = (values: Int32Array | Float32Array): Buffer =>
  Buffer.from(values.buffer, values.byteOffset, values.byteLength);
