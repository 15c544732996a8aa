/**
 * Exported folders in programs that are not ours: PyTorch finds each token as likely in float64 (skipped where no python3
 * has it), transformers.js does so with the ONNX graph, and the tokenizer of transformers gives the ids of ours.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { AutoModelForCausalLM, AutoTokenizer, pipeline, Tensor } from '@huggingface/transformers';
import * as z from 'zod';
import type { ModelSize } from '../../../src/common/model-size.ts';
import { writeHuggingFaceModel } from '../../../src/experiments/export/hugging-face.ts';
import { openModelSource } from '../../../src/experiments/export/model-source.ts';
import { writeOnnxModel } from '../../../src/experiments/export/onnx.ts';
import { logSumExp } from '../../../src/inference/sampling.ts';
import type { Tokenizer } from '../../../src/tokenizer/tokenizer.ts';
import { trainTokenizer } from '../../../src/tokenizer/train.ts';
import { ownLogProbabilities, perplexityOf } from '../../support/log-probabilities.ts';
import { modelVariants, saveRandomModel } from '../../support/random-models.ts';
import { multilingual } from '../../unit/tokenizer/texts.ts';

const python = ['python3', '/usr/bin/python3'].find(
  (program) => spawnSync(program, ['-c', 'import torch']).status === 0,
);
const skip = python === undefined ? 'no python3 has torch (Debian: python3-torch)' : false;
const logProbabilities = z.array(z.array(z.number()));

let folder = '';
let tokenizer: Tokenizer;
let rows: readonly (readonly number[])[] = [];
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parlance-'));
  tokenizer = await trainTokenizer([await readFile('docs/methods.md', 'utf8')], { vocabularySize: 290 });
  const ids = tokenizer.encode(await readFile('docs/engines.md', 'utf8'));
  const { context } = modelVariants.plain;
  rows = Array.from({ length: 8 }, (_, row) => [
    tokenizer.beginOfText,
    ...ids.subarray(row * context, (row + 1) * context),
  ]);
});
after(() => rm(folder, { recursive: true, force: true }));

async function exported(from: string, weights: 'f32' | 'f16' | 'onnx'): Promise<string> {
  const source = await openModelSource(from);
  const to = `${from} as ${weights}`;
  await mkdir(to);
  try {
    if (weights === 'onnx') await writeOnnxModel(to, source);
    else await writeHuggingFaceModel(to, source, weights);
  } finally {
    await source.close();
  }
  return to;
}

/** For each folder; in one process, since it takes a while to start. */
function inPyTorch(folders: readonly string[]): readonly (readonly (readonly number[])[])[] {
  const { status, stdout, stderr } = spawnSync(
    python ?? '',
    [resolve('test/support/llama_folder.py'), ...folders],
    { input: JSON.stringify(rows), encoding: 'utf8' },
  );
  assert.equal(status, 0, stderr);
  return z.array(logProbabilities).parse(JSON.parse(stdout));
}

function assertAsLikely(name: string, own: readonly (readonly number[])[], theirs: typeof own): void {
  for (const [i, row] of own.entries()) {
    for (const [j, value] of row.entries()) {
      assert.ok(Math.abs(value - theirs[i][j]) < 1e-3, `${name}: ${theirs[i][j]} for ${value}`);
    }
  }
}

test('each token is as likely in PyTorch, in every variant; rounded, perplexity is', { skip }, async () => {
  const own: (readonly (readonly number[])[])[] = [];
  const folders: string[] = [];
  for (const [name, size] of Object.entries(modelVariants)) {
    const model = join(folder, name);
    await saveRandomModel(model, size, tokenizer);
    own.push(await ownLogProbabilities(model, size, rows));
    folders.push(await exported(model, 'f32'), await exported(model, 'f16'));
  }
  const theirs = inPyTorch(folders);
  for (const [i, name] of Object.keys(modelVariants).entries()) {
    const [exact, rounded] = theirs.slice(2 * i, 2 * i + 2);
    assertAsLikely(name, own[i], exact);
    assert.ok(Math.abs(perplexityOf(rounded) / perplexityOf(own[i]) - 1) < 1e-3);
    assert.notDeepEqual(rounded, exact);
  }
});

/** One row after the other, as the graph wants them. */
async function inTransformersJs(model: string): Promise<readonly (readonly number[])[]> {
  const loaded = await AutoModelForCausalLM.from_pretrained(model, { local_files_only: true });
  try {
    const results: number[][] = [];
    for (const row of rows) {
      const ids = row.slice(0, -1);
      const int64 = (values: readonly number[]) =>
        new Tensor('int64', BigInt64Array.from(values, BigInt), [1, values.length]);
      const { logits } = await loaded({ input_ids: int64(ids), attention_mask: int64(ids.map(() => 1)) });
      const vocabulary = logits.dims[2];
      results.push(
        ids.map((_, at) => {
          const own: Float32Array = logits.data.subarray(at * vocabulary, (at + 1) * vocabulary);
          return own[row[at + 1]] - logSumExp(own);
        }),
      );
    }
    return results;
  } finally {
    await loaded.dispose();
  }
}

for (const [name, size] of Object.entries(modelVariants)) {
  test(`each token is as likely in transformers.js: ${name}`, async () => {
    const model = join(folder, `${name} for JavaScript`);
    await saveRandomModel(model, size, tokenizer);
    const own = await ownLogProbabilities(model, size, rows);
    const theirs = await inTransformersJs(await exported(model, 'onnx'));
    assertAsLikely(name, own, theirs);
  });
}

test('transformers.js continues a text with its cache as the model does without one', async () => {
  const model = join(folder, 'continued');
  // Rows of the embedding that are no tokens have no text.
  const vocabulary = tokenizer.vocabularySize;
  const grouped = modelVariants['grouped queries'];
  const size = {
    ...grouped,
    vocabulary,
    ...(grouped.variant && { variant: { ...grouped.variant, vocabulary } }),
  };
  await saveRandomModel(model, size, tokenizer);
  const generate = await pipeline('text-generation', await exported(model, 'onnx'), {
    local_files_only: true,
  });
  try {
    // Of an empty one the model reads what stands before every text.
    for (const prompt of ['The engine ', '']) {
      const options = { max_new_tokens: 12, do_sample: false, return_full_text: false };
      const [{ generated_text: text }] = await generate(prompt, options);
      const ids = [tokenizer.beginOfText, ...tokenizer.encode(prompt)];
      const length = ids.length + 12;
      while (ids.length < length) ids.push(await likeliestAfter(model, size, ids));
      assert.equal(text, tokenizer.decode(ids.slice(-12)));
    }
  } finally {
    await generate.dispose();
  }
});

/** By the graph that models are trained with: each token of the vocabulary is tried. */
async function likeliestAfter(model: string, size: ModelSize, ids: readonly number[]): Promise<number> {
  const tried = Array.from({ length: size.vocabulary }, (_, id) => [...ids, id]);
  const all = (await ownLogProbabilities(model, size, tried)).map((row) => row[row.length - 1]);
  return all.indexOf(Math.max(...all));
}

test('the tokenizer of transformers reads the folder, gives the ids that a model reads here and our texts back', async () => {
  const model = join(folder, 'tokenizer');
  await saveRandomModel(model, modelVariants.plain, tokenizer);
  const theirs = await AutoTokenizer.from_pretrained(await exported(model, 'f32'), {
    local_files_only: true,
  });
  for (const text of [...multilingual, await readFile('docs/engines.md', 'utf8')]) {
    const ids = theirs.encode(text);
    assert.deepEqual(ids, [tokenizer.beginOfText, ...tokenizer.encode(text)]);
    assert.equal(theirs.decode(ids.slice(1)), text);
  }
  // transformers' own third input would be refused by the model.
  assert.deepEqual(Object.keys(await theirs('text')).sort(), ['attention_mask', 'input_ids']);
});
