import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeWorkspace, microExperiment, parlance } from './micro.ts';

const micro = {
  ...microExperiment,
  pretraining: { tokens: [4096], batchTokens: 512 },
  specialization: { domainTokens: [256], batchTokens: 512, maximumEpochs: 4, patience: 1024 },
  mixture: { experts: 2 },
  projection: { clusters: 2, slabs: 2, expertSize: 2, groups: 4 },
  selection: { clusters: 4 },
};

async function fill(folder: string, texts: readonly string[]): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
  for (const [i, text] of texts.entries()) await writeFile(join(folder, `${i}.txt`), text);
}

test('more clusters than windows is a mistake in the file that says how many are possible', async (t) => {
  const folder = await makeWorkspace(t, {
    ...micro,
    methods: ['slm-is'],
    selection: { clusters: 1_000_000 },
  });
  const { code, stderr } = await parlance('run', folder);
  assert.equal(code, 2);
  assert.match(stderr, /1,?000,?000 clusters/);
  assert.match(stderr, /hint: .*at most \d+/);
});

test('a generic corpus of equal documents is one document, which is too little to cluster, and it is said', async (t) => {
  const folder = await makeWorkspace(t, { ...micro, methods: ['slm-is'] });
  await fill(join(folder, 'generic'), Array(40).fill('The same words in every document of this corpus.'));
  const { code, stderr } = await parlance('run', folder);
  assert.equal(code, 2, stderr);
  assert.match(stderr, /^error: .+\nhint: .+/);
});

test('a domain that shares no word with the generic corpus, and one of fewer tokens than a batch, are specialised all the same', async (t) => {
  const methods = ['slm-is', 'slm-dsir', 'slm-mix', 'slm-pn'];
  const folder = await makeWorkspace(t, { ...micro, methods });
  const foreign = Array.from(
    { length: 30 },
    (_, i) => `щука ёрш окунь ${'рыба '.repeat((i % 5) + 1)} налим ${i}`,
  );
  await fill(join(folder, 'domain'), foreign);
  const { code, stdout, stderr } = await parlance('run', folder);
  assert.equal(code, 0, stderr);
  for (const id of methods)
    assert.match(stdout, new RegExp(`perplexity [\\d.]+: ${id} on docs, seed 1, .*trained on`));
});

test('budgets that no method meets: the plan says what the cheapest would need', async (t) => {
  const folder = await makeWorkspace(t, { ...micro, methods: ['slm-nopt', 'slm'] });
  assert.equal((await parlance('run', folder)).code, 0);
  const { code, stdout } = await parlance('plan', folder, '--inference', '10');
  assert.equal(code, 0);
  assert.match(stdout, /No measured method meets these budgets\. The cheapest, .*\(slm-nopt\), would\s+need/);
});
