/** What becomes of weights, and what is said of it. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { InputError } from '../../../../src/common/errors.ts';
import { writeGgufModel } from '../../../../src/experiments/export/gguf.ts';
import { keptInWords, keptWeights } from '../../../../src/experiments/export/kept-weights.ts';
import { openModelSource } from '../../../../src/experiments/export/model-source.ts';
import { GgufFile } from '../../../../src/formats/gguf/read.ts';
import { byteTokenizer } from '../../../support/random-model.ts';
import { saveRandomModel } from '../../../support/random-models.ts';

const F32 = 'F32' as const;
const matrix = (rows: number, columns: number) => ({ shape: [rows, columns], type: F32 });
const norm = { shape: [80], type: F32 };

test('of a model that eight bits fit in part, the rest is said to be float16', () => {
  const words = (...weights: (typeof norm)[]) => keptInWords(keptWeights(weights, 'q8_0'));
  assert.match(words(matrix(10, 96), norm), /^Q8_0, .*, rounded from float32$/);
  assert.match(words(matrix(10, 96), matrix(4, 80), norm), /; 25 % of them, in rows .* as float16$/);
});

test('a model of which no weight fits into eight bits is refused', () => {
  assert.throws(
    () => keptWeights([matrix(10, 80), matrix(80, 216), norm], 'q8_0'),
    (error) => error instanceof InputError && /no row is a multiple of 32 long/.test(error.message),
  );
});

test('what was stored in another type is not said to be as it was', () => {
  const words = (stored: 'F32' | 'F16' | 'BF16', type: 'f32' | 'f16') =>
    keptInWords(keptWeights([{ shape: [2, 2], type: stored }], type));
  assert.equal(words('F32', 'f32'), 'float32, as they were');
  assert.equal(words('BF16', 'f32'), 'float32, exactly as they were in bfloat16');
  assert.equal(words('F16', 'f16'), 'float16, as they were');
  assert.equal(words('BF16', 'f16'), 'float16, rounded from bfloat16');
});

test('a GGUF file says of which type most of its weights are', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'parlance-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  // Of the first only the matrix whose rows are as long as feedForward fits, of the second all others do.
  for (const [width, feedForward, fileType] of [
    [20, 32, 1],
    [64, 40, 7],
  ]) {
    const size = { layers: 1, width, heads: 2, feedForward, context: 8, vocabulary: 257 };
    await saveRandomModel(folder, size, byteTokenizer);
    const source = await openModelSource(folder);
    const kept = keptWeights(source.weights, 'q8_0');
    await writeGgufModel(join(folder, 'model.gguf'), source, { kept, name: 'x' });
    await source.close();
    const file = await GgufFile.open(join(folder, 'model.gguf'));
    await file.close();
    assert.deepEqual(file.metadata.get('general.file_type'), { type: 'uint32', value: fileType });
    assert.deepEqual(
      new Set([...file.tensors.values()].map(({ type }) => type)),
      new Set(['F32', 'F16', 'Q8_0']),
    );
  }
});
