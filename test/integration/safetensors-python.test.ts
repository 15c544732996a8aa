/**
 * Files that we write, read by a program that shares no code with ours: the official Python package where it
 * is installed, else twelve lines on Python's standard library. Skipped where there is no python3.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { SafetensorsFile, writeSafetensors } from '../../src/formats/safetensors.ts';

const python = (script: string, ...args: string[]) =>
  spawnSync('python3', ['-c', script, ...args], { encoding: 'utf8' });

const skip = python('').status === 0 ? false : 'there is no python3';

/** Prints { tensor: [type, shape, values] } and the metadata of a file as JSON. */
const READ_BY_STANDARD_LIBRARY = `
import json, struct, sys
data = open(sys.argv[1], 'rb').read()
size, = struct.unpack('<Q', data[:8])
header = json.loads(data[8:8 + size])
metadata = header.pop('__metadata__', {})
codes = {'F32': 'f', 'F16': 'e', 'I32': 'i', 'I64': 'q', 'U16': 'H'}
tensors = {}
for name, t in header.items():
    begin, end = t['data_offsets']
    raw = data[8 + size + begin:8 + size + end]
    tensors[name] = [t['dtype'], t['shape'], list(struct.unpack('<%d%s' % (len(raw) // struct.calcsize(codes[t['dtype']]), codes[t['dtype']]), raw))]
print(json.dumps({'tensors': tensors, 'metadata': metadata}))
`;

/** The same by the official package and NumPy; exit status 77 where they are not installed. */
const READ_BY_OFFICIAL_PACKAGE = `
import json, sys
try:
    from safetensors import safe_open
    import numpy
except ImportError:
    sys.exit(77)
tensors = {}
with safe_open(sys.argv[1], 'np') as f:
    for name in f.keys():
        part = f.get_slice(name)
        tensors[name] = [part.get_dtype(), part.get_shape(), f.get_tensor(name).flatten().tolist()]
    print(json.dumps({'tensors': tensors, 'metadata': f.metadata() or {}}))
`;

const WRITE_HALVES = `
import json, struct, sys
values = [struct.unpack('<e', struct.pack('<H', i))[0] for i in range(0x7c00)]
header = json.dumps({'h': {'dtype': 'F16', 'shape': [2, 0x7c00], 'data_offsets': [0, 4 * 0x7c00]}}).encode()
raw = struct.pack('<%de' % (2 * len(values)), *values, *[-v for v in values])
open(sys.argv[1], 'wb').write(struct.pack('<Q', len(header)) + header + raw)
open(sys.argv[2], 'wb').write(struct.pack('<%df' % (2 * len(values)), *values, *[-v for v in values]))
`;

test('what we write is read back equal by a program that is not ours', { skip }, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'parlance-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'model.safetensors');
  const weights = Float32Array.from({ length: 24 }, (_, i) => Math.sin(i) * 10 ** (i - 12));
  await writeSafetensors(
    path,
    [
      { name: 'model.größe "q"', type: 'F32', shape: [2, 3, 4], data: () => weights },
      { name: 'half', type: 'F16', shape: [2], data: () => Uint16Array.of(0x3c00, 0xc500) },
      { name: 'step', type: 'I64', shape: [], data: () => BigInt64Array.of(-(2n ** 53n)) },
      { name: 'ids', type: 'I32', shape: [3], data: () => Int32Array.of(1, -2, 3) },
      { name: 'tokens', type: 'U16', shape: [2, 1], data: () => Uint16Array.of(0, 65535) },
      { name: 'none', type: 'F32', shape: [0, 5], data: () => new Float32Array(0) },
    ],
    { format: 'pt', note: 'ä\n"' },
  );
  const official = python(READ_BY_OFFICIAL_PACKAGE, path);
  const reader = official.status === 77 ? python(READ_BY_STANDARD_LIBRARY, path) : official;
  assert.equal(reader.status, 0, reader.stderr);
  assert.deepEqual(JSON.parse(reader.stdout), {
    tensors: {
      'model.größe "q"': ['F32', [2, 3, 4], [...weights]],
      half: ['F16', [2], [1, -5]],
      step: ['I64', [], [-(2 ** 53)]],
      ids: ['I32', [3], [1, -2, 3]],
      tokens: ['U16', [2, 1], [0, 65535]],
      none: ['F32', [0, 5], []],
    },
    metadata: { format: 'pt', note: 'ä\n"' },
  });
});

test('every finite half-precision number is read as Python reads it', { skip }, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'parlance-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const [halves, singles] = [join(folder, 'halves.safetensors'), join(folder, 'singles.bin')];
  const written = python(WRITE_HALVES, halves, singles);
  assert.equal(written.status, 0, written.stderr);
  const file = await SafetensorsFile.open(halves);
  const values = await file.float32('h');
  await file.close();
  const expected = await readFile(singles);
  assert.ok(Buffer.from(values.buffer).equals(expected));
});
