/**
 * Reads GGUF as strictly as we write it: the types of format.ts, every tensor right behind the one before, no byte without
 * an owner. What a header claims is compared with what the file has before anything is made of it, so no file takes more
 * memory than its header is long.
 */
import type { FileHandle } from 'node:fs/promises';
import { CorruptionError, InputError } from '../../common/errors.ts';
import { openToRead, readExactly } from '../reading.ts';
import { byteLength, type GgufMetadata, type GgufTensorType, padded } from './format.ts';
import { HeaderReader, NeedsMore, Unsound } from './header-reader.ts';
import { decodeTensor } from './quantize.ts';

export interface GgufTensorInfo {
  readonly type: GgufTensorType;
  /** As in safetensors, the rows last. */
  readonly shape: readonly number[];
  /** From the beginning of the data. */
  readonly offset: number;
}

interface Header {
  readonly metadata: GgufMetadata;
  readonly tensors: ReadonlyMap<string, GgufTensorInfo>;
  readonly dataStart: number;
}

/** Vocabularies are a few million bytes; whatever claims more is a mistake or an attack. */
const MOST_HEADER_BYTES = 100_000_000;
const FIRST_BYTES = 2 ** 20;

/** An open file whose header was found sound. Close it when done. */
export class GgufFile {
  readonly path: string;
  readonly metadata: GgufMetadata;
  /** By name, in the order of the file. */
  readonly tensors: ReadonlyMap<string, GgufTensorInfo>;
  readonly #file: FileHandle;
  readonly #dataStart: number;

  private constructor(path: string, file: FileHandle, header: Header) {
    this.path = path;
    this.#file = file;
    this.metadata = header.metadata;
    this.tensors = header.tensors;
    this.#dataStart = header.dataStart;
  }

  /** A missing file is an InputError, an unsound one a CorruptionError. */
  static async open(path: string): Promise<GgufFile> {
    const file = await openToRead(path);
    try {
      return new GgufFile(path, file, await readHeader(file, path));
    } catch (error) {
      await file.close();
      throw error instanceof Unsound ? unsound(path, error.message, error.cause) : error;
    }
  }

  async float32(name: string): Promise<Float32Array> {
    const tensor = this.tensors.get(name);
    if (tensor === undefined) {
      throw new InputError(`${this.path} has no tensor "${name}".`, 'Check that it is the model you meant.');
    }
    const { type, shape, offset } = tensor;
    const bytes = byteLength(type, shape);
    return decodeTensor(await readBytes(this.#file, this.#dataStart + offset, bytes, this.path), type);
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

/** How long a header is stands nowhere: more is read until it is whole. */
async function readHeader(file: FileHandle, path: string): Promise<Header> {
  const { size } = await file.stat();
  for (let bytes = FIRST_BYTES; ; bytes *= 4) {
    const length = Math.min(bytes, size, MOST_HEADER_BYTES);
    try {
      return parseHeader(await readBytes(file, 0, length, path), size);
    } catch (error) {
      if (!(error instanceof NeedsMore)) throw error;
      if (length === size) throw new Unsound('it ends inside of its header');
      if (length === MOST_HEADER_BYTES) throw new Unsound(`its header has over ${MOST_HEADER_BYTES} bytes`);
    }
  }
}

function parseHeader(bytes: Uint8Array, fileBytes: number): Header {
  const reader = new HeaderReader(bytes);
  const counts = reader.preamble();
  const metadata = reader.metadata(counts.keys);
  const tensors = new Map<string, GgufTensorInfo>();
  let expected = 0;
  for (let i = 0; i < counts.tensors; i++) {
    const { name, ...info } = reader.tensor();
    if (tensors.has(name)) throw new Unsound(`it has two tensors named "${name}"`);
    if (info.offset !== expected) {
      throw new Unsound(
        `there is ${info.offset > expected ? 'a hole' : 'an overlap'} before the tensor "${name}"`,
      );
    }
    tensors.set(name, info);
    expected += padded(byteLength(info.type, info.shape));
  }
  const dataStart = padded(reader.at);
  const missing = dataStart + expected - fileBytes;
  if (missing > 0) throw new Unsound(`it ends ${missing} bytes too early`);
  if (missing < 0) throw new Unsound(`${-missing} bytes at its end belong to no tensor`);
  return { metadata, tensors, dataStart };
}

function readBytes(file: FileHandle, position: number, length: number, path: string): Promise<Uint8Array> {
  return readExactly(file, position, length, () => unsound(path, 'it became shorter while it was read'));
}

function unsound(path: string, what: string, cause?: unknown): CorruptionError {
  return new CorruptionError(
    `${path} is not a sound GGUF file as Parlance writes it: ${what}.`,
    'Export the model again.',
    cause,
  );
}
