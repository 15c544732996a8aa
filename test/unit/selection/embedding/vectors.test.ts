/** Vectors on disk and in memory. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { CorruptionError, InputError } from '../../../../src/common/errors.ts';
import { MemoryVectors, VectorFile, writeVectors } from '../../../../src/selection/embedding/vectors.ts';
import { noise } from '../made-vectors.ts';

const folder = () => mkdtemp(join(tmpdir(), 'vectors-'));

async function written(values: Float32Array, dimensions: number): Promise<string> {
  const path = join(await folder(), 'vectors.npy');
  await writeVectors(path, dimensions, [values]);
  return path;
}

test('vectors written in chunks are read whole, in parts and by row', async () => {
  const values = noise(10, 3);
  const path = join(await folder(), 'vectors.npy');
  const chunks = [values.subarray(0, 6), values.subarray(6, 6), values.subarray(6)];
  assert.equal(await writeVectors(path, 3, chunks), 10);
  const file = await VectorFile.open(path);
  const memory = new MemoryVectors(values, 3);
  for (const source of [file, memory]) {
    assert.deepEqual([source.count, source.dimensions], [10, 3]);
    assert.deepEqual(await source.read(0, 10), values);
    assert.deepEqual(await source.read(4, 2), values.slice(12, 18));
    assert.deepEqual(
      await source.readRows([9, 0, 9]),
      Float32Array.of(...values.slice(27), ...values.slice(0, 3), ...values.slice(27)),
    );
  }
  await file.close();
});

test('the file is a NumPy array of version 1.0', async () => {
  const path = await written(Float32Array.of(1, 2, 3, 4, 5, 6), 2);
  const bytes = await readFile(path);
  assert.equal(bytes.toString('latin1', 0, 8), '\x93NUMPY\x01\x00');
  assert.equal((10 + bytes.readUInt16LE(8)) % 64, 0);
  assert.match(
    bytes.toString('latin1', 10, 128),
    /^\{'descr': '<f4', 'fortran_order': False, 'shape': \(3, 2\), \} +\n$/,
  );
  assert.deepEqual(
    Array.from({ length: 6 }, (_, i) => bytes.readFloatLE(128 + 4 * i)),
    [1, 2, 3, 4, 5, 6],
  );
});

test('a truncated, prolonged or foreign file is found when it is opened', async () => {
  const path = await written(noise(5, 4), 4);
  const whole = await readFile(path);
  await truncate(path, whole.length - 1);
  await assert.rejects(VectorFile.open(path), CorruptionError);
  await truncate(path, 50);
  await assert.rejects(VectorFile.open(path), CorruptionError);
  await writeFile(path, Buffer.concat([whole, Buffer.alloc(4)]));
  await assert.rejects(VectorFile.open(path), CorruptionError);
  await writeFile(path, whole.toString('latin1').replace('<f4', '<f8'), 'latin1');
  await assert.rejects(VectorFile.open(path), CorruptionError);
  await writeFile(path, 'no vectors at all, but long enough for a header');
  await assert.rejects(VectorFile.open(path), CorruptionError);
});

test('a file that becomes shorter while it is read is found', async () => {
  const path = await written(noise(5, 4), 4);
  const file = await VectorFile.open(path);
  await truncate(path, 140);
  await assert.rejects(file.read(0, 5), CorruptionError);
  await file.close();
});

test('a file that is not there is the caller’s mistake', async () => {
  await assert.rejects(VectorFile.open(join(await folder(), 'none.npy')), InputError);
});

test('vectors that end in an error leave no file', async () => {
  const directory = await folder();
  async function* failing() {
    yield noise(2, 3);
    throw new InputError('no more', 'none');
  }
  await assert.rejects(writeVectors(join(directory, 'vectors.npy'), 3, failing()), InputError);
  assert.deepEqual(await readdir(directory), []);
});
