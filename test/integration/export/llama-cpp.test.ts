/**
 * Exported GGUF in llama.cpp: every variant of the block is as likely there as here, texts have the same ids and come back,
 * and Hugging Face's own reader finds the same keys.
 */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gguf } from '@huggingface/gguf';
import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';
import * as z from 'zod';
import type { WeightType } from '../../../src/experiments/export/formats.ts';
import { writeGgufModel } from '../../../src/experiments/export/gguf.ts';
import { keptWeights } from '../../../src/experiments/export/kept-weights.ts';
import { openModelSource } from '../../../src/experiments/export/model-source.ts';
import { GgufFile } from '../../../src/formats/gguf/read.ts';
import { TOKENIZER_FILE } from '../../../src/formats/model-folder.ts';
import type { Tokenizer } from '../../../src/tokenizer/tokenizer.ts';
import { trainTokenizer } from '../../../src/tokenizer/train.ts';
import { type LlamaCpp, llamaCppLogProbabilities, startLlamaCpp } from '../../support/llama-cpp.ts';
import { ownLogProbabilities, perplexityOf } from '../../support/log-probabilities.ts';
import { modelVariants, saveRandomModel } from '../../support/random-models.ts';
import { multilingual } from '../../unit/tokenizer/texts.ts';

let folder = '';
let llama: LlamaCpp;
let tokenizer: Tokenizer;
/** Of 10,000 tokens, and of as many as show a mistake. */
let longText: readonly (readonly number[])[] = [];
let rows: typeof longText = [];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parlance-'));
  llama = await startLlamaCpp();
  tokenizer = await trainTokenizer([await readFile('docs/methods.md', 'utf8')], { vocabularySize: 290 });
  const ids = tokenizer.encode(await readFile('docs/architecture.md', 'utf8'));
  const { context } = modelVariants.plain;
  longText = Array.from({ length: 157 }, (_, row) => [
    tokenizer.beginOfText,
    ...ids.subarray(row * context, (row + 1) * context),
  ]);
  rows = longText.slice(0, 8);
});
after(async () => {
  await llama.dispose();
  await rm(folder, { recursive: true, force: true });
});

async function exported(from: string, weights: WeightType): Promise<string> {
  const source = await openModelSource(from);
  const path = join(from, `${weights}.gguf`);
  try {
    const kept = keptWeights(source.weights, weights);
    await writeGgufModel(path, source, { kept, name: 'A model' });
  } finally {
    await source.close();
  }
  return path;
}

async function inLlamaCpp(path: string, texts = rows) {
  const model = await llama.load(path);
  try {
    return await llamaCppLogProbabilities(model, texts);
  } finally {
    await model.dispose();
  }
}

function largestDifference(
  one: readonly (readonly number[])[],
  other: readonly (readonly number[])[],
): number {
  return Math.max(...one.flatMap((row, i) => row.map((value, j) => Math.abs(value - other[i][j]))));
}

for (const [name, size] of Object.entries(modelVariants)) {
  test(`each token is as likely in llama.cpp: ${name}`, async () => {
    const model = join(folder, name);
    await saveRandomModel(model, size, tokenizer);
    const own = await ownLogProbabilities(model, size, rows);
    const exact = await inLlamaCpp(await exported(model, 'f32'));
    assert.ok(Math.abs(largestDifference(own, exact)) < 1e-3, `${largestDifference(own, exact)}`);
    const perplexity = perplexityOf(own);
    assert.ok(Math.abs(perplexityOf(exact) / perplexity - 1) < 1e-3);
    const rounded = perplexityOf(await inLlamaCpp(await exported(model, 'f16')));
    assert.ok(Math.abs(rounded / perplexity - 1) < 1e-3, `${rounded} for ${perplexity}`);
    const quantized = perplexityOf(await inLlamaCpp(await exported(model, 'q8_0')));
    assert.ok(Math.abs(quantized / perplexity - 1) < 1e-2, `${quantized} for ${perplexity}`);
    assert.notEqual(quantized, perplexityOf(exact));
  });
}

test('perplexity over 10,000 tokens of text is that of llama.cpp, eight bits a weight within a hundredth', async () => {
  const model = join(folder, 'long text');
  await saveRandomModel(model, modelVariants.plain, tokenizer);
  assert.ok(longText.flat().length - longText.length >= 10_000);
  const perplexity = perplexityOf(await ownLogProbabilities(model, modelVariants.plain, longText));
  const exact = perplexityOf(await inLlamaCpp(await exported(model, 'f32'), longText));
  assert.ok(Math.abs(exact / perplexity - 1) < 1e-3, `${exact} for ${perplexity}`);
  const quantized = perplexityOf(await inLlamaCpp(await exported(model, 'q8_0'), longText));
  assert.ok(Math.abs(quantized / perplexity - 1) < 1e-2, `${quantized} for ${perplexity}`);
});

/** How the tokenizers of others split text, with what else llama.cpp's rule of the name supposes. */
const splitters = {
  'granite-docling': { split: undefined, wholeWords: false },
  smollm: {
    split: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Digits', individual_digits: true },
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
      ],
    },
    wholeWords: false,
  },
  'llama-bpe': { split: byRegex('\\p{N}{1,3}'), wholeWords: true },
  qwen2: { split: byRegex('\\p{N}'), wholeWords: false },
};

function byRegex(digits: string) {
  const regex = `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|${digits}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`;
  return {
    type: 'Sequence',
    pretokenizers: [
      { type: 'Split', pattern: { Regex: regex }, behavior: 'Isolated', invert: false },
      { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
    ],
  };
}

for (const [rule, { split, wholeWords }] of Object.entries(splitters)) {
  test(`texts have the ids of Hugging Face's tokenizer and come back: ${rule}`, async () => {
    const model = join(folder, `split ${rule}`);
    await saveRandomModel(model, modelVariants.plain, tokenizer);
    const path = join(model, TOKENIZER_FILE);
    const written = JSON.parse(await readFile(path, 'utf8'));
    if (split !== undefined) written.pre_tokenizer = split;
    written.model.ignore_merges = wholeWords;
    await writeFile(path, JSON.stringify(written));
    const file = await exported(model, 'f32');
    const header = await GgufFile.open(file);
    await header.close();
    assert.deepEqual(header.metadata.get('tokenizer.ggml.pre'), { type: 'string', value: rule });
    const theirs = new HuggingFaceTokenizer(written, {});
    const loaded = await llama.load(file);
    try {
      for (const text of [...multilingual, await readFile('docs/engines.md', 'utf8')]) {
        const ids = loaded.tokenize(text);
        assert.deepEqual([...ids], theirs.encode(text).ids, text);
        // Under this name llama.cpp takes spaces before punctuation away.
        if (rule !== 'llama-bpe') assert.equal(loaded.detokenize(ids), text);
      }
    } finally {
      await loaded.dispose();
    }
  });
}

test('llama.cpp puts before a text what a model reads first here', async () => {
  const model = join(folder, 'begins');
  await saveRandomModel(model, modelVariants.plain, tokenizer);
  const loaded = await llama.load(await exported(model, 'f32'));
  try {
    assert.ok(loaded.tokens.shouldPrependBosToken);
    assert.equal(loaded.tokens.bos, tokenizer.beginOfText);
  } finally {
    await loaded.dispose();
  }
});

test('keys and tensors are those that the reader of Hugging Face finds', async () => {
  const model = join(folder, 'read by others');
  const size = modelVariants['grouped queries'];
  await saveRandomModel(model, size, tokenizer);
  const file = await exported(model, 'q8_0');
  const { metadata, tensorInfos } = await gguf(file, { allowLocalFile: true });
  const keys = new Map<string, unknown>(Object.entries(metadata));
  const own = (name: string) => keys.get(`llama.${name}`);
  assert.equal(keys.get('version'), 3);
  assert.equal(keys.get('general.architecture'), 'llama');
  assert.equal(keys.get('general.file_type'), 7);
  assert.deepEqual([own('attention.head_count'), own('attention.head_count_kv')], [4, 2]);
  assert.deepEqual([own('rope.dimension_count'), own('attention.key_length')], [24, 24]);
  assert.equal(own('context_length'), size.context);
  assert.equal(z.array(z.string()).parse(keys.get('tokenizer.ggml.tokens')).length, size.vocabulary);
  assert.equal(keys.get('tokenizer.ggml.eos_token_id'), tokenizer.endOfText);
  const header = await GgufFile.open(file);
  await header.close();
  assert.deepEqual(
    tensorInfos.map(({ name, shape, dtype }) => [name, shape.map(Number).reverse(), dtype]),
    [...header.tensors].map(([name, { shape, type }]) => [
      name,
      [...shape],
      { F32: 0, F16: 1, Q8_0: 8 }[type],
    ]),
  );
});
