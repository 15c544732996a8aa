/** The built-in embedding against TF-IDF and eigenvectors computed densely in float64. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { CorruptionError, InputError, InterruptedError } from '../../../../src/common/errors.ts';
import { Random } from '../../../../src/common/random.ts';
import { symmetricEigen } from '../../../../src/selection/embedding/eigen.ts';
import { LsiEmbedding } from '../../../../src/selection/embedding/lsi.ts';
import { termsOf } from '../../../../src/selection/embedding/terms.ts';

const TOPICS = [
  ['sail', 'harbour', 'anchor', 'tide', 'captain', 'storm', 'deck', 'mast'],
  ['flour', 'oven', 'butter', 'sugar', 'dough', 'bake', 'crust', 'yeast'],
  ['court', 'judge', 'verdict', 'appeal', 'clause', 'trial', 'jury', 'bail'],
];

/** Texts of ten words, nine of one topic and one of any; topic i mod 3. */
function topicTexts(count: number): string[] {
  const random = Random.fromSeed(6, 'topics');
  return Array.from({ length: count }, (_, i) =>
    Array.from({ length: 10 }, (_, j) => {
      const words = TOPICS[j === 9 ? random.below(3) : i % 3];
      return words[random.below(words.length)];
    }).join(' '),
  );
}

async function* inBatches(texts: readonly string[], size = 17) {
  for (let i = 0; i < texts.length; i += size) yield texts.slice(i, i + size);
}

const fit = (texts: readonly string[], options: Partial<Parameters<typeof LsiEmbedding.fit>[1]> = {}) =>
  LsiEmbedding.fit(() => inBatches(texts), { seed: 1, ...options });

/** Inner products of the rows of `vectors`. */
function similarities(vectors: ArrayLike<number>, dimensions: number): number[][] {
  const rows = Array.from({ length: vectors.length / dimensions }, (_, i) =>
    Array.from({ length: dimensions }, (_, d) => vectors[i * dimensions + d]),
  );
  return rows.map((a) => rows.map((b) => a.reduce((sum, x, d) => sum + x * b[d], 0)));
}

/** Sublinear TF-IDF with smooth idf, projected to the leading eigenvectors of A^T A and scaled to length 1. */
function denseLsi(texts: readonly string[], dimensions: number): number[] {
  const words = texts.map((text) => [...termsOf(text)]);
  const all = [...new Set(words.flat())];
  const terms = all.filter((term) => words.filter((own) => own.includes(term)).length >= 2);
  const rows = words.map((own) => {
    const row = terms.map((term) => {
      const count = own.filter((word) => word === term).length;
      const having = words.filter((other) => other.includes(term)).length;
      return count === 0 ? 0 : (1 + Math.log(count)) * (Math.log((1 + texts.length) / (1 + having)) + 1);
    });
    return unit(row);
  });
  const n = terms.length;
  const gram = Float64Array.from({ length: n * n }, (_, at) =>
    rows.reduce((sum, row) => sum + row[Math.floor(at / n)] * row[at % n], 0),
  );
  const { vectors } = symmetricEigen(gram, n);
  return rows.flatMap((row) =>
    unit(
      Array.from({ length: dimensions }, (_, d) =>
        row.reduce((sum, x, i) => sum + x * vectors[d * n + i], 0),
      ),
    ),
  );
}

function unit(row: readonly number[]): number[] {
  const length = Math.hypot(...row);
  return row.map((x) => (length === 0 ? 0 : x / length));
}

test('texts are as similar as by a dense decomposition', async () => {
  const texts = topicTexts(60);
  const lsi = await fit(texts, { dimensions: 3 });
  const ours = similarities(await lsi.embed(texts), 3);
  const dense = similarities(denseLsi(texts, 3), 3);
  for (const [i, row] of ours.entries()) {
    for (const [j, value] of row.entries()) assert.ok(Math.abs(value - dense[i][j]) < 1e-3, `${i}, ${j}`);
  }
});

test('texts of one topic are nearer to each other than to those of another', async () => {
  const texts = topicTexts(90);
  const lsi = await fit(texts, { dimensions: 3 });
  const likeness = similarities(await lsi.embed(texts), 3);
  for (const [i, row] of likeness.entries()) {
    for (const [j, value] of row.entries()) {
      assert.ok(i % 3 === j % 3 ? value > 0.6 : value < 0.6, `${texts[i]} | ${texts[j]}: ${value}`);
    }
  }
});

test('a text without any known word is all zeros, every other of length 1', async () => {
  const lsi = await fit(topicTexts(60), { dimensions: 4 });
  const vectors = await lsi.embed(['zebra xylophone', 'the captain', '']);
  assert.deepEqual([...vectors.subarray(0, 4), ...vectors.subarray(8)], new Array(8).fill(0));
  assert.ok(Math.abs(Math.hypot(...vectors.subarray(4, 8)) - 1) < 1e-6);
});

test('a text has the same vector whatever it is embedded with', async () => {
  const texts = topicTexts(40);
  const lsi = await fit(texts, { dimensions: 4 });
  const together = await lsi.embed(texts);
  for (const [i, text] of texts.entries()) {
    assert.deepEqual(await lsi.embed([text]), together.slice(4 * i, 4 * i + 4));
  }
});

test('equal texts have one direction', async () => {
  const texts = new Array<string>(12).fill('the captain reads the tide');
  const lsi = await fit(texts);
  const vectors = await lsi.embed(texts);
  assert.equal(lsi.dimensions, 1);
  assert.ok(vectors.every((value) => value === vectors[0] && Math.abs(value) > 0.999));
});

test('texts that share no word are refused', async () => {
  await assert.rejects(
    fit(['alpha beta', 'gamma delta']),
    (error) => error instanceof InputError && /sentence encoder/.test(error.hint),
  );
  await assert.rejects(fit(['', 'the of and']), InputError);
});

test('a sample of the windows is drawn by the seed', async () => {
  const texts = topicTexts(200);
  const options = { dimensions: 4, sampleWindows: 50 };
  const [a, b] = [await fit(texts, options), await fit(texts, options)];
  const other = await fit(texts, { ...options, seed: 2 });
  const embedded = await a.embed(texts);
  assert.deepEqual(await b.embed(texts), embedded);
  assert.notDeepEqual(await other.embed(texts), embedded);
});

test('what is saved is loaded bit for bit', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'lsi-'));
  const texts = topicTexts(60);
  const lsi = await fit(texts, { dimensions: 5 });
  await lsi.save(directory);
  const loaded = await LsiEmbedding.load(directory);
  assert.deepEqual(loaded.terms, lsi.terms);
  assert.deepEqual(await loaded.embed(texts), await lsi.embed(texts));
});

test('a truncated file and one without terms are found when loaded', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'lsi-'));
  await (await fit(topicTexts(60), { dimensions: 5 })).save(directory);
  const path = join(directory, 'lsi.safetensors');
  const whole = await readFile(path);
  await truncate(path, whole.length - 1);
  await assert.rejects(LsiEmbedding.load(directory), CorruptionError);
  await writeFile(path, Buffer.from(whole.toString('latin1').replace('"terms"', '"trems"'), 'latin1'));
  await assert.rejects(LsiEmbedding.load(directory), CorruptionError);
});

test('a signal stops the fitting', async () => {
  await assert.rejects(fit(topicTexts(60), { signal: AbortSignal.abort() }), InterruptedError);
});

test('embedding books two operations for each known term of a text and dimension, and fitting its own', async () => {
  const texts = topicTexts(60);
  const embedding = await fit(texts, { dimensions: 4 });
  const fitted = embedding.flops;
  assert.ok(fitted > 0);
  const known = new Set(embedding.terms);
  await embedding.embed(texts);
  const entries = texts.reduce(
    (sum, text) => sum + new Set([...termsOf(text)].filter((term) => known.has(term))).size,
    0,
  );
  assert.equal(embedding.flops - fitted, 2 * entries * embedding.dimensions);
});
