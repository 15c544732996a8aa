import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { CorruptionError, InputError } from '../../../../src/common/errors.ts';
import type { GgufMetadata, GgufValue } from '../../../../src/formats/gguf/format.ts';
import { GgufFile } from '../../../../src/formats/gguf/read.ts';
import { type GgufTensor, writeGguf } from '../../../../src/formats/gguf/write.ts';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parlance-'));
});
after(() => rm(folder, { recursive: true, force: true }));

const none: GgufMetadata = new Map();
const tensor = (name: string, shape: readonly number[], values: readonly number[]): GgufTensor => ({
  name,
  type: 'F32',
  shape,
  values: () => Float32Array.from(values),
});

async function opened<T>(path: string, use: (file: GgufFile) => T | Promise<T>): Promise<T> {
  const file = await GgufFile.open(path);
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}

async function openedBytes(bytes: Uint8Array): Promise<void> {
  const path = join(folder, 'bytes.gguf');
  await writeFile(path, bytes);
  await opened(path, () => undefined);
}

/** A file with every kind of value, whose bytes a test changes. */
async function soundBytes(): Promise<Buffer> {
  const path = join(folder, 'sound.gguf');
  const metadata = new Map<string, GgufValue>([
    ['count', { type: 'uint32', value: 7 }],
    ['rate', { type: 'float32', value: 0.5 }],
    ['yes', { type: 'bool', value: true }],
    ['name', { type: 'string', value: 'ä' }],
    ['words', { type: 'strings', value: ['a', 'bc'] }],
    ['kinds', { type: 'int32s', value: Int32Array.of(1, -1) }],
    ['scores', { type: 'float32s', value: Float32Array.of(0.25) }],
  ]);
  await writeGguf(path, metadata, [tensor('one', [2, 2], [1, 2, 3, 4]), tensor('two', [3], [5, 6, 7])]);
  return readFile(path);
}

const key = fc.string({ unit: 'binary', maxLength: 12 });
const made = <K extends string, V>(type: K, value: fc.Arbitrary<V>) =>
  value.map((value) => ({ type, value }));
const value: fc.Arbitrary<GgufValue> = fc.oneof(
  made('uint32', fc.integer({ min: 0, max: 2 ** 32 - 1 })),
  made('float32', fc.float({ noNaN: true })),
  made('bool', fc.boolean()),
  made('string', key),
  made('strings', fc.array(key, { maxLength: 5 })),
  made('int32s', fc.int32Array({ maxLength: 5 })),
  made('float32s', fc.float32Array({ maxLength: 5, noNaN: true })),
);

test('any keys, values and tensors come back as they were written', async () => {
  const path = join(folder, 'any.gguf');
  const rows = fc.array(fc.float({ noNaN: true }), { minLength: 1, maxLength: 40 });
  const tensors = fc.uniqueArray(fc.tuple(key, rows), { maxLength: 5, selector: ([name]) => name });
  const keys = fc.uniqueArray(fc.tuple(key, value), { maxLength: 6, selector: ([name]) => name });
  await fc.assert(
    fc.asyncProperty(keys, tensors, async (metadata, made) => {
      await writeGguf(
        path,
        new Map(metadata),
        made.map(([name, values]) => tensor(name, [values.length], values)),
      );
      await opened(path, async (file) => {
        assert.deepEqual([...file.metadata], metadata);
        assert.deepEqual(
          [...file.tensors.keys()],
          made.map(([name]) => name),
        );
        for (const [name, values] of made) {
          assert.deepEqual(await file.float32(name), Float32Array.from(values));
        }
      });
    }),
    { numRuns: 50 },
  );
});

test('the bytes are those of the format: sizes reversed, data at multiples of 32', async () => {
  const path = join(folder, 'bytes-of-format.gguf');
  const metadata = new Map<string, GgufValue>([['k', { type: 'strings', value: ['é'] }]]);
  await writeGguf(path, metadata, [tensor('t', [1, 3], [1, 2, 3])]);
  const header = [
    ...Buffer.from('GGUF'),
    ...[3, 0, 0, 0],
    ...[1, 0, 0, 0, 0, 0, 0, 0],
    ...[1, 0, 0, 0, 0, 0, 0, 0],
    ...[1, 0, 0, 0, 0, 0, 0, 0, ...Buffer.from('k'), 9, 0, 0, 0],
    ...[8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0xc3, 0xa9],
    ...[1, 0, 0, 0, 0, 0, 0, 0, ...Buffer.from('t'), 2, 0, 0, 0],
    ...[3, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0],
    ...[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  ];
  const data = Buffer.from(Float32Array.of(1, 2, 3).buffer);
  const filled = (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc((32 - (bytes.length % 32)) % 32)]);
  assert.deepEqual(await readFile(path), Buffer.concat([filled(Buffer.from(header)), filled(data)]));
});

test('a file that breaks off anywhere is refused', async () => {
  const whole = await soundBytes();
  for (let length = 0; length < whole.length; length++) {
    await assert.rejects(openedBytes(whole.subarray(0, length)), CorruptionError, `${length} bytes`);
  }
  await assert.rejects(openedBytes(Buffer.concat([whole, Buffer.alloc(1)])), /1 bytes at its end/);
});

test('any change of bytes is refused in words, or is another sound file', async () => {
  const whole = await soundBytes();
  const change = fc.tuple(fc.nat(whole.length - 1), fc.constantFrom(0, 1, 2, 3, 4, 9, 0x7f, 0x80, 0xff));
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
      const changed = Buffer.from(whole);
      for (const [at, byte] of changes) changed[at] = byte;
      await openedBytes(changed).catch((error: unknown) =>
        assert.ok(error instanceof CorruptionError, `${error}`),
      );
    }),
    { numRuns: 500 },
  );
});

test('what a file claims and does not have takes no memory', async () => {
  const preamble = (tensors: bigint, keys: bigint) => {
    const bytes = Buffer.alloc(24);
    bytes.write('GGUF');
    bytes.writeUInt32LE(3, 4);
    bytes.writeBigUInt64LE(tensors, 8);
    bytes.writeBigUInt64LE(keys, 16);
    return bytes;
  };
  const words = (...numbers: readonly bigint[]) => Buffer.from(BigUint64Array.from(numbers).buffer);
  const array = (code: number, length: bigint) =>
    Buffer.concat([words(1n), Buffer.from('k'), Buffer.of(9, 0, 0, 0, code, 0, 0, 0), words(length)]);
  const cases = {
    'claims 65537 tensors': preamble(65_537n, 0n),
    'claims 70000 keys': preamble(0n, 70_000n),
    'ends inside of its header': Buffer.concat([preamble(0n, 1n), words(2n ** 40n)]),
    'length or place of': Buffer.concat([preamble(0n, 1n), words(2n ** 63n)]),
    'of the unknown type 9': Buffer.concat([preamble(0n, 1n), array(9, 1n)]),
  };
  for (const [what, bytes] of Object.entries(cases)) {
    await assert.rejects(openedBytes(bytes), new RegExp(what));
  }
  for (const code of [5, 6, 8]) {
    const claimed = Buffer.concat([preamble(0n, 1n), array(code, 2n ** 50n)]);
    await assert.rejects(openedBytes(claimed), /ends inside of its header/);
  }
});

test('two tensors of one name, holes and sizes that overflow are refused', async () => {
  const path = join(folder, 'odd.gguf');
  await writeGguf(path, none, [tensor('t', [1], [1]), tensor('t', [1], [1])]);
  await assert.rejects(GgufFile.open(path), /two tensors named "t"/);
  await writeGguf(path, none, [tensor('t', [1, 1, 1, 1], [1])]);
  const bytes = await readFile(path);
  const sizes = bytes.indexOf(Buffer.of(4, 0, 0, 0)) + 4;
  for (let i = 0; i < 4; i++) bytes.writeBigUInt64LE(2n ** 50n, sizes + 8 * i);
  await assert.rejects(openedBytes(bytes), /cannot have the sizes/);
  bytes.writeBigUInt64LE(0n, sizes);
  await assert.rejects(openedBytes(bytes), /cannot have the sizes/);
  const moved = await soundBytes();
  moved.writeBigUInt64LE(64n, moved.indexOf('two') + 3 + 4 + 8 + 4);
  await assert.rejects(openedBytes(moved), /a hole before the tensor "two"/);
});

test('nothing is left of a file whose tensor cannot be had', async () => {
  const before = await readdir(folder);
  const path = join(folder, 'failed.gguf');
  const failing = { ...tensor('t', [1], []), values: () => Promise.reject(new InputError('gone', '')) };
  await assert.rejects(writeGguf(path, none, [tensor('s', [1], [1]), failing]), /gone/);
  await assert.rejects(writeGguf(path, none, [tensor('s', [2], [1])]), /its shape needs 8/);
  assert.deepEqual(await readdir(folder), before);
  await assert.rejects(GgufFile.open(path), InputError);
});
