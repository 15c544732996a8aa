/**
 * Exported folders in programs that are not ours: PyTorch finds each token as likely in float64 (skipped where no python3
 * has it), and the tokenizer of transformers gives the ids of ours.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { AutoTokenizer } from '@huggingface/transformers';
import * as z from 'zod';
import { writeHuggingFaceModel } from '../../../src/experiments/export/hugging-face.ts';
import { openModelSource } from '../../../src/experiments/export/model-source.ts';
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

async function exported(from: string, weights: 'f32' | 'f16'): Promise<string> {
  const source = await openModelSource(from);
  const to = `${from} as ${weights}`;
  await mkdir(to);
  try {
    await writeHuggingFaceModel(to, source, weights);
  } finally {
    await source.close();
  }
  return to;
}

function inPyTorch(model: string): readonly (readonly number[])[] {
  const { status, stdout, stderr } = spawnSync(
    python ?? '',
    [resolve('test/support/llama_folder.py'), model],
    { input: JSON.stringify(rows), encoding: 'utf8' },
  );
  assert.equal(status, 0, stderr);
  return logProbabilities.parse(JSON.parse(stdout));
}

for (const [name, size] of Object.entries(modelVariants)) {
  test(`each token is as likely in PyTorch: ${name}`, { skip }, async () => {
    const model = join(folder, name);
    await saveRandomModel(model, size, tokenizer);
    const own = await ownLogProbabilities(model, size, rows);
    const exact = inPyTorch(await exported(model, 'f32'));
    for (const [i, row] of own.entries()) {
      for (const [j, value] of row.entries()) assert.ok(Math.abs(value - exact[i][j]) < 1e-3);
    }
    const rounded = perplexityOf(inPyTorch(await exported(model, 'f16')));
    assert.ok(Math.abs(rounded / perplexityOf(own) - 1) < 1e-3);
    assert.notEqual(rounded, perplexityOf(exact));
  });
}

test('the tokenizer of transformers reads the folder, gives our ids and our texts back', async () => {
  const model = join(folder, 'tokenizer');
  await saveRandomModel(model, modelVariants.plain, tokenizer);
  const theirs = await AutoTokenizer.from_pretrained(await exported(model, 'f32'), {
    local_files_only: true,
  });
  for (const text of [...multilingual, await readFile('docs/engines.md', 'utf8')]) {
    const ids = theirs.encode(text);
    assert.deepEqual(ids, [...tokenizer.encode(text)]);
    assert.equal(theirs.decode(ids), text);
  }
});
