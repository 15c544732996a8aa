import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { CorruptionError, InputError } from '../../../src/common/errors.ts';
import { SafetensorsFile, type TensorToWrite, writeSafetensors } from '../../../src/formats/safetensors.ts';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parlance-'));
});
after(() => rm(folder, { recursive: true, force: true }));

const tensor = (
  name: string,
  type: TensorToWrite['type'],
  shape: readonly number[],
  data: ArrayBufferView,
): TensorToWrite => ({ name, type, shape, data: () => data });

/** A file with this header (as text) and this many bytes of data. */
async function fileWith(header: string, dataBytes: number): Promise<string> {
  const path = join(folder, 'made.safetensors');
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(BigInt(Buffer.byteLength(header)));
  await writeFile(path, Buffer.concat([prefix, Buffer.from(header), Buffer.alloc(dataBytes)]));
  return path;
}

const f32 = (begin: number, end: number, shape = [(end - begin) / 4]) => ({
  dtype: 'F32',
  shape,
  data_offsets: [begin, end],
});

test('any tensors, names and metadata come back as they were written', async () => {
  const path = join(folder, 'any.safetensors');
  const values = fc.array(fc.float(), { maxLength: 20 });
  const text = fc.string({ unit: 'binary', maxLength: 20 }).filter((name) => name !== '__proto__');
  const named = fc.uniqueArray(fc.tuple(text, values), { maxLength: 8, selector: ([name]) => name });
  await fc.assert(
    fc.asyncProperty(named, fc.dictionary(text, text), async (made, metadata) => {
      const tensors = made.map(([name, data]) => tensor(name, 'F32', [data.length], Float32Array.from(data)));
      await writeSafetensors(path, tensors, metadata);
      const file = await SafetensorsFile.open(path);
      assert.deepEqual({ ...file.metadata }, { ...metadata });
      assert.equal(file.tensors.size, made.length);
      for (const [name, data] of made)
        assert.deepEqual([...(await file.float32(name))], [...Float32Array.from(data)]);
      await file.close();
    }),
    { numRuns: 50 },
  );
});

test('the bytes on disk are those of the format, wide types first and then by name', async () => {
  const path = join(folder, 'bytes.safetensors');
  await writeSafetensors(
    path,
    [
      tensor('half', 'U16', [2, 1], Uint16Array.of(1, 0xabcd)),
      tensor('b', 'F32', [1], Float32Array.of(1)),
      tensor('a', 'F32', [1], Float32Array.of(-2)),
      tensor('step', 'I64', [], BigInt64Array.of(-1n)),
    ],
    { format: 'pt' },
  );
  const data = await readFile(path);
  const headerBytes = Number(data.readBigUInt64LE(0));
  const header =
    '{"__metadata__":{"format":"pt"},' +
    '"step":{"dtype":"I64","shape":[],"data_offsets":[0,8]},' +
    '"a":{"dtype":"F32","shape":[1],"data_offsets":[8,12]},' +
    '"b":{"dtype":"F32","shape":[1],"data_offsets":[12,16]},' +
    '"half":{"dtype":"U16","shape":[2,1],"data_offsets":[16,20]}}';
  assert.equal(headerBytes % 8, 0);
  assert.equal(
    data
      .subarray(8, 8 + headerBytes)
      .toString()
      .trimEnd(),
    header,
  );
  assert.equal(data.subarray(8 + headerBytes).toString('hex'), 'ffffffffffffffff000000c00000803f0100cdab');
});

test('half-precision types are read as the float32 values they stand for', async () => {
  const path = join(folder, 'half.safetensors');
  const f16 = Uint16Array.of(0x3c00, 0xc000, 0x7bff, 0x0001, 0x8000, 0x7c00, 0x3555, 0x0400);
  const bf16 = Uint16Array.of(0x3f80, 0xc000, 0x7f7f, 0xff80, 0x0001, 0x3eab);
  await writeSafetensors(path, [tensor('f16', 'F16', [8], f16), tensor('bf16', 'BF16', [6], bf16)]);
  const file = await SafetensorsFile.open(path);
  const third = 0.333251953125;
  const fromF16 = [1, -2, 65504, 2 ** -24, -0, Number.POSITIVE_INFINITY, third, 2 ** -14];
  assert.deepEqual([...(await file.float32('f16'))], fromF16);
  const largest = (2 - 2 ** -7) * 2 ** 127;
  const fromBf16 = [1, -2, largest, Number.NEGATIVE_INFINITY, 2 ** -133, 0.333984375];
  assert.deepEqual([...(await file.float32('bf16'))], fromBf16);
  await file.close();
});

test('a file that ends too early anywhere is refused by name', async () => {
  const path = join(folder, 'short.safetensors');
  await writeSafetensors(path, [tensor('w', 'F32', [3], Float32Array.of(1, 2, 3))]);
  const whole = await readFile(path);
  for (let length = 0; length < whole.length; length++) {
    await writeFile(path, whole.subarray(0, length));
    await assert.rejects(SafetensorsFile.open(path), (error) => {
      assert.ok(error instanceof CorruptionError);
      assert.match(error.message, /short\.safetensors/);
      assert.ok(error.hint.length > 0);
      return true;
    });
  }
});

test('a header that breaks a rule of the format is refused with the rule', async () => {
  const cases: [RegExp, string | object, number][] = [
    [/not JSON/, '{"a":', 0],
    [/not an object/, '[1]', 0],
    [/metadata/, { __metadata__: { step: 3 } }, 0],
    [/"a" is not valid/, { a: { dtype: 'F31', shape: [1], data_offsets: [0, 4] } }, 4],
    [/"a" is not valid/, { a: { dtype: 'toString', shape: [1], data_offsets: [0, 4] } }, 4],
    [/"a" is not valid/, { a: { dtype: 'F32', shape: [-1], data_offsets: [0, 4] } }, 4],
    [/"a" is not valid/, { a: { dtype: 'F32', shape: [1], data_offsets: [0] } }, 4],
    [/"a" has 8 bytes where its shape needs 4/, { a: f32(0, 8, [1]) }, 8],
    [/"a" has .* bytes where its shape needs/, { a: f32(0, 0, [2 ** 40, 2 ** 40]) }, 0],
    [/hole before the tensor "b"/, { a: f32(0, 4), b: f32(8, 12) }, 12],
    [/hole before the tensor "a"/, { a: f32(4, 8) }, 8],
    [/overlap before the tensor "b"/, { a: f32(0, 8), b: f32(4, 12) }, 12],
    [/4 bytes too early/, { a: f32(0, 8) }, 4],
    [/3 bytes at its end belong to no tensor/, { a: f32(0, 8) }, 11],
  ];
  for (const [message, header, dataBytes] of cases) {
    const path = await fileWith(typeof header === 'string' ? header : JSON.stringify(header), dataBytes);
    await assert.rejects(SafetensorsFile.open(path), (error) => {
      assert.ok(error instanceof CorruptionError, String(error));
      assert.match(error.message, message);
      return true;
    });
  }
});

test('a huge claimed header is refused before memory is asked for it', async () => {
  const path = join(folder, 'huge.safetensors');
  await writeFile(path, Buffer.from('ffffffffffffff7f7b7d', 'hex'));
  await assert.rejects(SafetensorsFile.open(path), /header claims/);
});

test('a failure while writing leaves the file that was there, and nothing else', async () => {
  const place = await mkdtemp(join(folder, 'atomic-'));
  const path = join(place, 'model.safetensors');
  await writeSafetensors(path, [tensor('w', 'F32', [1], Float32Array.of(1))]);
  const before = await readFile(path);
  const failing = {
    ...tensor('x', 'F32', [1], new Float32Array(1)),
    data: () => Promise.reject(new Error('no')),
  };
  await assert.rejects(writeSafetensors(path, [tensor('w', 'F32', [1], Float32Array.of(2)), failing]), /no/);
  assert.deepEqual(await readFile(path), before);
  assert.deepEqual(await readdir(place), ['model.safetensors']);
});

test('data that do not fit their shape, and names used twice, are refused', async () => {
  const path = join(folder, 'wrong.safetensors');
  await assert.rejects(writeSafetensors(path, [tensor('w', 'F32', [2], new Float32Array(3))]), RangeError);
  const twice = [tensor('w', 'F32', [1], new Float32Array(1)), tensor('w', 'F32', [1], new Float32Array(1))];
  await assert.rejects(writeSafetensors(path, twice), RangeError);
});

test('asking for what is not there says so', async () => {
  const path = join(folder, 'few.safetensors');
  await assert.rejects(SafetensorsFile.open(join(folder, 'none')), InputError);
  await writeSafetensors(path, [tensor('ids', 'I32', [1], Int32Array.of(7))]);
  const file = await SafetensorsFile.open(path);
  await assert.rejects(file.bytes('w'), InputError);
  await assert.rejects(file.float32('ids'), /type I32/);
  assert.deepEqual([...(await file.bytes('ids'))], [7, 0, 0, 0]);
  await file.close();
});

test('a tensor named twice, a deep nest and shapes beyond all numbers are found when the file is opened', async () => {
  const entry = JSON.stringify(f32(0, 8));
  const hostile: [string, RegExp][] = [
    [`{"a":${entry},"a":${entry}}`, /two members named "a"/],
    [`{"a":${'['.repeat(100_000)}`, /nests deeper/],
    [
      JSON.stringify({ a: { ...f32(0, 8), shape: [2 ** 52, 2 ** 52, 2] } }),
      /"a" has 8 bytes where its shape needs/,
    ],
    [
      JSON.stringify({
        a: {
          ...f32(0, 8),
          shape: Array(40)
            .fill(2 ** 52)
            .concat(0),
        },
      }),
      /"a" has 8 bytes/,
    ],
  ];
  for (const [header, message] of hostile) {
    await assert.rejects(fileWith(header, 8).then(SafetensorsFile.open), (error) => {
      assert.ok(error instanceof CorruptionError, String(error));
      assert.match(error.message, message);
      return true;
    });
  }
  await assert.rejects(SafetensorsFile.open(folder), InputError);
});
