import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { env } from '@huggingface/transformers';
import { InputError } from '../../../../src/common/errors.ts';
import { encoderContent, SentenceEncoder } from '../../../../src/selection/embedding/sentence-encoder.ts';
import { DIMENSIONS, expectedVector, writeTinyEncoder } from './tiny-encoder.ts';

let root = '';
let folder = '';
/** What was asked of the network. */
let asked: string[] = [];

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'parlance-encoder-'));
  folder = join(root, 'tiny');
  await writeTinyEncoder(folder);
  env.fetch = async (address: string | URL) => {
    asked.push(String(address));
    return new Response('', { status: 404 });
  };
});

after(() => rm(root, { recursive: true, force: true }));

beforeEach(() => {
  asked = [];
});

function assertRows(vectors: Float32Array, texts: readonly string[]) {
  assert.equal(vectors.length, texts.length * DIMENSIONS);
  for (const [i, value] of texts.flatMap(expectedVector).entries()) {
    assert.ok(Math.abs(vectors[i] - value) < 1e-5, `${i}: ${vectors[i]} is not ${value}`);
  }
}

test('a vector is the mean of the hidden states of its text alone, of length 1, whatever shares the batch', async () => {
  const encoder = await SentenceEncoder.open({ folder });
  assert.equal(encoder.dimensions, DIMENSIONS);
  const texts = ['boil the soup', 'sail', 'the wind the sail the wind', 'unheard the'];
  assertRows(await encoder.embed(texts), texts);
  assertRows(await encoder.embed([texts[1]]), [texts[1]]);
  assert.equal(asked.length, 0);
  await encoder.close();
});

test('more texts than a batch keep their order, and a long text is cut at the limit of the model', async () => {
  const encoder = await SentenceEncoder.open({ folder });
  const words = ['the', 'soup', 'sail', 'wind', 'boil'];
  const texts = Array.from({ length: 100 }, (_, i) =>
    Array.from({ length: 1 + ((i * 7) % 11) }, (_, j) => words[(i + j * j) % 5]).join(' '),
  );
  assertRows(await encoder.embed(texts), texts);
  assert.equal((await encoder.embed([])).length, 0);
  await encoder.close();
});

test('where the tokenizer states no limit, a long text is cut at the positions that the model has', async () => {
  const text = 'the soup the sail the wind boil the soup the sail';
  for (const stated of [undefined, null, 1e30]) {
    const unlimited = join(root, `unlimited-${stated}`);
    await writeTinyEncoder(unlimited, { model_max_length: stated }, { max_position_embeddings: 8 });
    const encoder = await SentenceEncoder.open({ folder: unlimited });
    assertRows(await encoder.embed([text]), [text]);
    await encoder.close();
  }
});

test('a folder that lacks a file which the encoder is opened with is refused when its content is asked for', async () => {
  const lacking = join(root, 'lacking');
  await writeTinyEncoder(lacking);
  assert.match(await encoderContent(lacking), /^[0-9a-f]{64}$/);
  await rm(join(lacking, 'tokenizer_config.json'));
  await assert.rejects(
    encoderContent(lacking),
    (error) => error instanceof InputError && /tokenizer_config\.json/.test(error.message),
  );
});

test('a folder without a model is refused by name, and nothing is asked of the network', async () => {
  const missing = join(root, 'missing');
  await assert.rejects(
    SentenceEncoder.open({ folder: missing }),
    (error) => error instanceof InputError && error.message.includes(missing),
  );
  assert.equal(asked.length, 0);
});

test('an encoder books each token that it computes, padding included, by the sizes that its configuration tells', async () => {
  const known = join(root, 'known');
  await writeTinyEncoder(known);
  const path = join(known, 'config.json');
  const own: object = JSON.parse(await readFile(path, 'utf8'));
  const sizes = { hidden_size: DIMENSIONS, num_hidden_layers: 2, intermediate_size: 8 };
  await writeFile(path, JSON.stringify({ ...own, ...sizes }));
  const encoder = await SentenceEncoder.open({ folder: known });
  // Three tokens of "sail" with those around it, padded to the five of the longer text.
  await encoder.embed(['sail', 'boil the soup']);
  const perToken = 2 * (2 * (4 * DIMENSIONS ** 2 + 2 * DIMENSIONS * 8) + 4 * DIMENSIONS * 5);
  assert.equal(encoder.flops, 2 * 5 * perToken);
  await encoder.close();
});

test('where the configuration tells no sizes, every number of the model counts as a weight', async () => {
  const encoder = await SentenceEncoder.open({ folder });
  await encoder.embed(['sail']);
  const { size } = await stat(join(folder, 'onnx', 'model.onnx'));
  assert.equal(encoder.flops, 3 * ((2 * size) / 4));
  await encoder.close();
});
