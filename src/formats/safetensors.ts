/**
 * Reads and writes safetensors: eight bytes with the length of a JSON header, the header, then the data of
 * all tensors without gaps. Reading checks what the format demands (every byte of the data belongs to exactly
 * one tensor, sizes agree with shapes), so a truncated or altered file is found when it is opened.
 *
 * Tensors are written one after the other, in the order of the reference implementation (wide types first,
 * so that all are aligned, then by name): equal tensors give equal files. Not supported: types of less than
 * a byte. Source: https://github.com/huggingface/safetensors, "Format".
 */
import type { FileHandle } from 'node:fs/promises';
import * as z from 'zod';
import { CorruptionError, InputError } from '../common/errors.ts';
import { writeAtomic } from '../common/files.ts';
import { parseStrictJson } from '../common/strict-json.ts';
import { decodeFloat32, isFloatType } from './float-types.ts';
import { openToRead, readExactly } from './reading.ts';

/** Bytes of an element of each type, in the reference implementation's order of types. */
const ELEMENT_BYTES = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E5M2: 1,
  F8_E4M3: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  F64: 8,
  I64: 8,
  U64: 8,
} as const;

type TensorType = keyof typeof ELEMENT_BYTES;

export interface TensorInfo {
  readonly type: TensorType;
  readonly shape: readonly number[];
  /** First byte and end in the data part of the file. */
  readonly begin: number;
  readonly end: number;
}

export interface TensorToWrite {
  readonly name: string;
  readonly type: TensorType;
  readonly shape: readonly number[];
  /** The elements, little-endian in row-major order; asked for only when this tensor is written. */
  data(): Promise<ArrayBufferView> | ArrayBufferView;
}

/** The reference implementation reads no longer headers. */
const MAXIMUM_HEADER_BYTES = 100_000_000;
const METADATA = '__metadata__';

const size = z.number().int().nonnegative();
const entrySchema = z.object({
  dtype: z.string().refine((name): name is TensorType => Object.hasOwn(ELEMENT_BYTES, name), 'unknown type'),
  shape: z.array(size),
  data_offsets: z.tuple([size, size]),
});
const metadataSchema = z.record(z.string(), z.string());

/** An open file whose header was found sound. Close it when done. */
export class SafetensorsFile {
  readonly path: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** By name, in the order of the file. */
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  readonly #file: FileHandle;
  readonly #dataStart: number;

  private constructor(path: string, file: FileHandle, header: Header, dataStart: number) {
    this.path = path;
    this.#file = file;
    this.metadata = header.metadata;
    this.tensors = header.tensors;
    this.#dataStart = dataStart;
  }

  /** Opens and checks a file. A missing file is an InputError, an unsound one a CorruptionError. */
  static async open(path: string): Promise<SafetensorsFile> {
    const file = await openToRead(path);
    try {
      const found = await file.stat();
      if (!found.isFile()) throw new InputError(`${path} is not a file.`, 'Check the path of the model.');
      const fileBytes = found.size;
      const headerBytes = await readHeaderLength(file, fileBytes, path);
      const text = await readBytes(file, 8, headerBytes, path);
      const dataStart = 8 + headerBytes;
      return new SafetensorsFile(path, file, parseHeader(text, fileBytes - dataStart, path), dataStart);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** The bytes of a tensor as they are in the file, at the start of a buffer of their own. */
  async bytes(name: string): Promise<Uint8Array> {
    const { begin, end } = this.#info(name);
    return readBytes(this.#file, this.#dataStart + begin, end - begin, this.path);
  }

  /** The values of a tensor of type F32, F16 or BF16. */
  async float32(name: string): Promise<Float32Array> {
    const { type } = this.#info(name);
    if (!isFloatType(type)) {
      throw new InputError(
        `${this.path}: the tensor "${name}" is of type ${type}.`,
        'Convert the weights to F32, F16 or BF16.',
      );
    }
    return decodeFloat32(await this.bytes(name), type);
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  #info(name: string): TensorInfo {
    const info = this.tensors.get(name);
    if (info) return info;
    throw new InputError(
      `${this.path} has no tensor "${name}".`,
      'Check that it is the model you meant to open.',
    );
  }
}

/** Writes a file whole or not at all; only one tensor's data is held at a time. */
export async function writeSafetensors(
  path: string,
  tensors: Iterable<TensorToWrite>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const ordered = [...tensors].sort(compareAsReference);
  const header = encodeHeader(ordered, metadata);
  await writeAtomic(path, async (file) => {
    await file.writeFile(header);
    for (const tensor of ordered) await writeTensor(file, tensor);
  });
}

/** The last type comes first, so that every tensor is aligned to its elements; then by name. */
function compareAsReference(a: TensorToWrite, b: TensorToWrite): number {
  const types = Object.keys(ELEMENT_BYTES);
  return types.indexOf(b.type) - types.indexOf(a.type) || (a.name < b.name ? -1 : 1);
}

async function writeTensor(file: FileHandle, tensor: TensorToWrite): Promise<void> {
  const data = await tensor.data();
  const expected = byteLength(tensor.type, tensor.shape);
  if (data.byteLength !== expected) {
    throw new RangeError(
      `Tensor "${tensor.name}" has ${data.byteLength} bytes; its shape needs ${expected}.`,
    );
  }
  await file.writeFile(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

/** The length and the header, padded with spaces so that the data start at a multiple of eight bytes. */
function encodeHeader(
  tensors: readonly TensorToWrite[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const entries = new Map<string, unknown>();
  if (Object.keys(metadata).length > 0) entries.set(METADATA, metadata);
  let begin = 0;
  for (const { name, type, shape } of tensors) {
    if (entries.has(name) || name === METADATA) throw new RangeError(`Two entries are named "${name}".`);
    const end = begin + byteLength(type, shape);
    entries.set(name, { dtype: type, shape, data_offsets: [begin, end] });
    begin = end;
  }
  const json = [...entries]
    .map(([name, entry]) => `${JSON.stringify(name)}:${JSON.stringify(entry)}`)
    .join(',');
  const text = Buffer.from(`{${json}}`);
  const padded = Math.ceil(text.length / 8) * 8;
  const header = Buffer.alloc(8 + padded, ' ');
  header.writeBigUInt64LE(BigInt(padded), 0);
  header.set(text, 8);
  return header;
}

interface Header {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, TensorInfo>;
}

function parseHeader(text: Uint8Array, dataBytes: number, path: string): Header {
  let parsed: unknown;
  try {
    parsed = parseStrictJson(new TextDecoder('utf-8', { fatal: true }).decode(text));
  } catch (error) {
    const what = error instanceof SyntaxError ? `: ${error.message}` : '';
    throw unsound(path, `its header is not JSON${what}`, error);
  }
  const entries = z.record(z.string(), z.unknown()).safeParse(parsed);
  if (!entries.success) throw unsound(path, 'its header is not an object', entries.error);
  const { [METADATA]: metadataValue = {}, ...rest } = entries.data;
  const metadata = metadataSchema.safeParse(metadataValue);
  if (!metadata.success) throw unsound(path, 'its metadata are not all text', metadata.error);
  const tensors = Object.entries(rest).map(([name, value]) => [name, parseEntry(name, value, path)] as const);
  tensors.sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end);
  checkCoverage(tensors, dataBytes, path);
  return { metadata: metadata.data, tensors: new Map(tensors) };
}

function parseEntry(name: string, value: unknown, path: string): TensorInfo {
  const entry = entrySchema.safeParse(value);
  if (!entry.success) throw unsound(path, `its entry for the tensor "${name}" is not valid`, entry.error);
  const { dtype, shape, data_offsets } = entry.data;
  const [begin, end] = data_offsets;
  if (end - begin !== byteLength(dtype, shape)) {
    throw unsound(
      path,
      `the tensor "${name}" has ${end - begin} bytes where its shape needs ${byteLength(dtype, shape)}`,
    );
  }
  return { type: dtype, shape, begin, end };
}

/** Every byte of the data belongs to exactly one tensor. `tensors` are in the order of their data. */
function checkCoverage(
  tensors: readonly (readonly [string, TensorInfo])[],
  dataBytes: number,
  path: string,
): void {
  let covered = 0;
  for (const [name, { begin, end }] of tensors) {
    if (begin !== covered) {
      throw unsound(
        path,
        `there is ${begin > covered ? 'a hole' : 'an overlap'} before the tensor "${name}"`,
      );
    }
    covered = end;
  }
  if (covered > dataBytes) throw unsound(path, `it ends ${covered - dataBytes} bytes too early`);
  if (covered < dataBytes) throw unsound(path, `${dataBytes - covered} bytes at its end belong to no tensor`);
}

function byteLength(type: TensorType, shape: readonly number[]): number {
  return shape.reduce((product, dimension) => product * dimension, ELEMENT_BYTES[type]);
}

async function readHeaderLength(file: FileHandle, fileBytes: number, path: string): Promise<number> {
  if (fileBytes < 8) throw unsound(path, `it has only ${fileBytes} bytes`);
  const prefix = await readBytes(file, 0, 8, path);
  const length = Number(new DataView(prefix.buffer).getBigUint64(0, true));
  if (length > MAXIMUM_HEADER_BYTES) throw unsound(path, `its header claims ${length} bytes`);
  if (8 + length > fileBytes) throw unsound(path, `it ends inside of its header of ${length} bytes`);
  return length;
}

function readBytes(file: FileHandle, position: number, length: number, path: string): Promise<Uint8Array> {
  return readExactly(file, position, length, () => unsound(path, 'it became shorter while it was read'));
}

function unsound(path: string, what: string, cause?: unknown): CorruptionError {
  return new CorruptionError(
    `${path} is not a sound safetensors file: ${what}.`,
    'Copy or download the file again; if Parlance wrote it, remove it and run the same command again.',
    cause,
  );
}
