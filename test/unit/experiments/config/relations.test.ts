import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readExperiment } from '../../../../src/experiments/config/configuration.ts';
import { problemsOf } from '../../../../src/experiments/config/problems.ts';

const LEAST = {
  generic: { sources: [{ path: 'generic' }] },
  domains: [{ name: 'docs', sources: [{ path: 'domain' }] }],
};

/** Reads an experiment of these settings from a file, as all commands do. */
async function read(t: TestContext, settings: object, labels?: readonly object[]) {
  const folder = await mkdtemp(join(tmpdir(), 'parlance-relations-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  for (const name of ['generic', 'domain', '.parlance']) await mkdir(join(folder, name));
  const text = JSON.stringify({ ...LEAST, ...settings });
  const file = join(folder, 'parlance.json');
  await writeFile(file, text);
  if (labels)
    await writeFile(join(folder, '.parlance', 'labels.json'), JSON.stringify({ version: 1, labels }));
  const shown = await problemsOf(text, file);
  return { experiment: () => readExperiment(folder), shown };
}

async function refuses(t: TestContext, settings: object, message: RegExp, labels?: readonly object[]) {
  const { experiment, shown } = await read(t, settings, labels);
  await assert.rejects(experiment(), message);
  assert.match(shown.map((one) => one.message).join(), message);
}

async function accepts(t: TestContext, settings: object, labels?: readonly object[]) {
  const { experiment, shown } = await read(t, settings, labels);
  assert.deepEqual(shown, []);
  return (await experiment()).plan;
}

const odd = { layers: 1, width: 33, heads: 2, feedForward: 32 };
const falling = { tokens: [2048, 1024], batchTokens: 1000 };

test('a setting that no chosen method reads is not judged', async (t) => {
  await accepts(t, { methods: ['slm-nopt'], models: { large: odd }, pretraining: falling });
  await accepts(t, { methods: ['slm', 'slm-is'], models: { large: odd }, projection: { groups: 7 } });
});

test('the same setting is refused with its path once a chosen method reads it', async (t) => {
  await refuses(t, { methods: ['slm-nopt', 'slm-d'], models: { large: odd } }, /models\.large\.width/);
  await refuses(t, { methods: ['slm-nopt'], models: { small: odd } }, /models\.small\.width/);
  await refuses(t, { methods: ['slm'], pretraining: falling }, /pretraining\.tokens must rise/);
  await refuses(t, { methods: ['slm-pn'], projection: { groups: 7 } }, /projection\.groups: 7 groups/);
});

test('what the file leaves out fits what it says, whatever context it asks for', async (t) => {
  const plan = await accepts(t, { methods: ['slm-pn'], context: 300 });
  assert.equal(plan.pretraining.batchTokens % 300, 0);
  assert.equal(plan.fineTuning.batchTokens % 300, 0);
  await accepts(t, { methods: ['slm-pn'], context: 256, pretraining: { tokens: [8192], batchTokens: 1024 } });
});

test('budgets that would be one pretraining, or none, are refused, those of points too', async (t) => {
  const of = (...tokens: readonly number[]) => ({
    methods: ['slm'],
    pretraining: { tokens, batchTokens: 1024 },
  });
  await accepts(t, of(2048, 3072));
  await refuses(t, of(1100), /pretraining\.tokens: 1100 tokens are not two batches of 1024/);
  await refuses(t, of(65_536, 65_900), /65536 and 65900 tokens are as many batches of 1024/);
  const point = (pretraining: number) => ({
    ...of(8192),
    points: [{ pretraining, domainTokens: 'all' }],
  });
  await accepts(t, point(4096));
  await refuses(t, point(100), /points\.0\.pretraining: 100 tokens are not two batches/);
});

test('a seed or a method that is named twice is refused', async (t) => {
  await refuses(t, { seeds: [1, 1] }, /seeds:? names a value twice/);
  await refuses(t, { methods: ['slm', 'slm'] }, /methods:? names a value twice/);
});

test('a batch that is no whole number of contexts is refused, with one that is', async (t) => {
  const pretraining = { tokens: [8192], batchTokens: 1000 };
  await refuses(
    t,
    { methods: ['slm'], context: 128, pretraining },
    /pretraining\.batchTokens must be .* 1024 for example \(got 1000\)/,
  );
  await refuses(
    t,
    { context: 128, specialization: { batchTokens: 64 } },
    /specialization\.batchTokens must be .* 128 for example/,
  );
});

const split = (validation: number, heldout: number) => ({
  domains: [{ name: 'docs', sources: [{ path: 'domain' }], split: { validation, heldout } }],
});

test('a domain without validation text is refused before anything is computed', async (t) => {
  await refuses(t, split(0, 0.2), /domains\.0\.split\.validation must be above 0/);
  await refuses(t, split(0.5, 0.5), /domains\.0\.split: .*leave nothing to train on/);
});

test('a domain without held-out text is refused unless labels hold text of it out', async (t) => {
  const message = /domains\.0\.split\.heldout must be above 0/;
  const heldOut = (domain?: string) => [
    { path: 'domain/a.md', label: 'held-out', ...(domain && { domain }) },
  ];
  await refuses(t, split(0.2, 0), message);
  await refuses(t, split(0.2, 0), message, heldOut('other'));
  await accepts(t, split(0.2, 0), heldOut());
  await accepts(t, split(0.2, 0), heldOut('docs'));
  const sources = [{ path: 'domain', label: 'held-out' }];
  await accepts(t, { domains: [{ ...split(0.2, 0).domains[0], sources }] });
});

test('without generic text only what needs none is run, and the rest is refused by name', async (t) => {
  await accepts(t, { generic: undefined, methods: ['slm-nopt'] });
  const { experiment } = await read(t, { generic: undefined });
  assert.deepEqual((await experiment()).methods, ['slm-nopt']);
  await refuses(
    t,
    { generic: undefined, methods: ['slm-nopt', 'slm-is'] },
    /methods\.1: slm-is pretrains on generic text.*there is slm-nopt/,
  );
  const mixing = { replay: 0.1 };
  await refuses(t, { generic: undefined, methods: ['slm-nopt'], mixing }, /mixing\.replay must be 0/);
});

test('replay is tried only where there is generic text to replay', async (t) => {
  const search = { rates: [1, 0.3], replay: [0, 0.1] };
  const plan = await accepts(t, { methods: ['slm'], specialization: { search } });
  assert.deepEqual(plan.fineTuning.search, search);
  const alone = { generic: undefined, methods: ['slm-nopt'] };
  await refuses(t, { ...alone, specialization: { search } }, /specialization\.search\.replay must be 0/);
  await accepts(t, { ...alone, specialization: { search: { rates: [1, 0.3], replay: [0] } } });
});
