/**
 * Vectors of windows on disk, as a NumPy array file (.npy, version 1.0, float32 [count, dimensions]) that other tools
 * read: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html. It is written as the vectors come and
 * read in chunks or by row, so that ten million windows need no more memory than a chunk.
 */
import { readSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { CorruptionError, InputError, systemErrorCode } from '../../common/errors.ts';
import { writeAtomic } from '../../common/files.ts';

/** Vectors that can be read piece by piece. */
export interface VectorSource {
  readonly count: number;
  readonly dimensions: number;
  /** Rows [start, start + count): [count, dimensions]. */
  read(start: number, count: number): Promise<Float32Array>;
  /** The rows of these numbers, in their order: [rows, dimensions]. */
  readRows(rows: ArrayLike<number>): Promise<Float32Array>;
}

const MAGIC = Buffer.from('\x93NUMPY\x01\x00', 'latin1');
const HEADER_BYTES = 128;
const ELEMENT_BYTES = 4;
const HEADER = /^\{'descr': '<f4', 'fortran_order': False, 'shape': \((\d+), (\d+)\), \} *\n$/;

/** Writes vectors of `dimensions` values, whole or not at all, and returns how many they are. */
export async function writeVectors(
  path: string,
  dimensions: number,
  chunks: AsyncIterable<Float32Array> | Iterable<Float32Array>,
): Promise<number> {
  let count = 0;
  await writeAtomic(path, async (file) => {
    await file.writeFile(Buffer.alloc(HEADER_BYTES));
    for await (const chunk of chunks) {
      if (chunk.length % dimensions !== 0) {
        throw new RangeError(`${chunk.length} values are no vectors of ${dimensions} dimensions.`);
      }
      await file.writeFile(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength));
      count += chunk.length / dimensions;
    }
    await file.write(header(count, dimensions), 0, HEADER_BYTES, 0);
  });
  return count;
}

function header(count: number, dimensions: number): Buffer {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${count}, ${dimensions}), }`;
  const bytes = Buffer.alloc(HEADER_BYTES, ' ');
  MAGIC.copy(bytes);
  bytes.writeUInt16LE(HEADER_BYTES - MAGIC.length - 2, MAGIC.length);
  bytes.write(text, MAGIC.length + 2, 'latin1');
  bytes.write('\n', HEADER_BYTES - 1);
  return bytes;
}

/** An open file of vectors whose header and length were found sound. Close it when done. */
export class VectorFile implements VectorSource {
  readonly path: string;
  readonly count: number;
  readonly dimensions: number;
  readonly #file: FileHandle;
  readonly #dataStart: number;

  private constructor(path: string, file: FileHandle, { count, dimensions, dataStart }: Layout) {
    this.path = path;
    this.#file = file;
    this.count = count;
    this.dimensions = dimensions;
    this.#dataStart = dataStart;
  }

  /** A missing file is an `InputError`, a truncated or altered one a `CorruptionError`. */
  static async open(path: string): Promise<VectorFile> {
    const file = await openToRead(path);
    try {
      return new VectorFile(path, file, await readLayout(file, path));
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async read(start: number, count: number): Promise<Float32Array> {
    const rows = new Float32Array(count * this.dimensions);
    this.#readInto(rows, start);
    return rows;
  }

  async readRows(rows: ArrayLike<number>): Promise<Float32Array> {
    const { dimensions } = this;
    const result = new Float32Array(rows.length * dimensions);
    for (let i = 0; i < rows.length; i++) {
      this.#readInto(result.subarray(i * dimensions, (i + 1) * dimensions), rows[i]);
    }
    return result;
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  #readInto(target: Float32Array, start: number): void {
    const { dimensions } = this;
    if (!(start >= 0 && start + target.length / dimensions <= this.count)) {
      throw new RangeError(`${this.path} has no rows ${start} to ${start + target.length / dimensions}.`);
    }
    const bytes = new Uint8Array(target.buffer, target.byteOffset, target.byteLength);
    const position = this.#dataStart + start * dimensions * ELEMENT_BYTES;
    readExactly(this.#file, bytes, position, this.path);
  }
}

interface Layout {
  readonly count: number;
  readonly dimensions: number;
  readonly dataStart: number;
}

async function readLayout(file: FileHandle, path: string): Promise<Layout> {
  const prefix = Buffer.alloc(MAGIC.length + 2);
  readExactly(file, prefix, 0, path);
  if (!prefix.subarray(0, MAGIC.length).equals(MAGIC))
    throw unsound(path, 'it is no NumPy file of version 1.0');
  const text = Buffer.alloc(prefix.readUInt16LE(MAGIC.length));
  readExactly(file, text, prefix.length, path);
  const shape = HEADER.exec(text.toString('latin1'));
  if (shape === null) throw unsound(path, 'its header is not that of a float32 matrix stored row by row');
  const [count, dimensions] = shape.slice(1).map(Number);
  const dataStart = prefix.length + text.length;
  const expected = dataStart + count * dimensions * ELEMENT_BYTES;
  const { size } = await file.stat();
  if (size !== expected) throw unsound(path, `it has ${size} bytes where its header needs ${expected}`);
  return { count, dimensions, dataStart };
}

/** Synchronous, since a row that is cached takes two microseconds so and ten times that through the thread pool. */
function readExactly({ fd }: FileHandle, target: Uint8Array, position: number, path: string): void {
  let done = 0;
  while (done < target.length) {
    const bytesRead = readSync(fd, target, done, target.length - done, position + done);
    if (bytesRead === 0) throw unsound(path, 'it ends too early');
    done += bytesRead;
  }
}

async function openToRead(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw error;
    throw new InputError(`There is no file of vectors ${path}.`, 'Run the clustering again.', error);
  }
}

function unsound(path: string, what: string): CorruptionError {
  return new CorruptionError(
    `${path} is not a sound file of vectors: ${what}.`,
    'Remove the folder it is in and run the same command again; the vectors are made again from the text.',
  );
}

/** Vectors in memory. */
export class MemoryVectors implements VectorSource {
  readonly count: number;
  readonly dimensions: number;
  readonly #values: Float32Array;

  constructor(values: Float32Array, dimensions: number) {
    if (values.length % dimensions !== 0) {
      throw new RangeError(`${values.length} values are no vectors of ${dimensions} dimensions.`);
    }
    this.#values = values;
    this.dimensions = dimensions;
    this.count = values.length / dimensions;
  }

  async read(start: number, count: number): Promise<Float32Array> {
    return this.#values.subarray(start * this.dimensions, (start + count) * this.dimensions);
  }

  async readRows(rows: ArrayLike<number>): Promise<Float32Array> {
    const { dimensions } = this;
    const result = new Float32Array(rows.length * dimensions);
    for (let i = 0; i < rows.length; i++) {
      const row = this.#values.subarray(rows[i] * dimensions, (rows[i] + 1) * dimensions);
      result.set(row, i * dimensions);
    }
    return result;
  }
}
