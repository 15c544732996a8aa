import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { parseCount } from '../../../../src/budget/planner/amounts.ts';
import { readExperiment } from '../../../../src/experiments/config/configuration.ts';
import type { ExperimentFile } from '../../../../src/experiments/config/experiment-file.ts';
import { presets } from '../../../../src/experiments/config/presets.ts';
import { problemsOf } from '../../../../src/experiments/config/problems.ts';
import { choicesOf } from '../../../../src/experiments/proposal/given-choices.ts';
import { memoryFit } from '../../../../src/experiments/proposal/memory-fit.ts';
import {
  type Choices,
  domainNames,
  domainPlaces,
  genericPlaces,
  genericWarning,
  likelyDomain,
  likelyGeneric,
  parseSizes,
  proposedBudgets,
  proposedDomainTokens,
} from '../../../../src/experiments/proposal/propose.ts';
import { changedExperiment, experimentFileOf } from '../../../../src/experiments/proposal/proposed-file.ts';
import { workspaceFacts } from '../../../../src/experiments/proposal/workspace-facts.ts';

const INSIDE = { looksOutside: false };
const MEMORY = {
  tiny: { small: 2e8, large: 3e8, projected: 2.5e8, distilled: 3e8 },
  small: { small: 3e9, large: 9.1e9, projected: 4e9, distilled: 6e9 },
  paper: { small: 2e8, large: 3e8, projected: 2.5e8, distilled: 3e8 },
  laptop: { small: 2e9, large: 5e9, projected: 3e9, distilled: 3e9 },
  base: { small: 1.4e10, large: 4e10, projected: 3.3e10, distilled: 1.7e10 },
};

async function workspace(t: TestContext, files: Readonly<Record<string, number>>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'parlance-proposal-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  for (const [path, bytes] of Object.entries(files)) {
    await mkdir(join(root, path, '..'), { recursive: true });
    await writeFile(join(root, path), 'x'.repeat(bytes));
  }
  return root;
}

async function proposed(root: string): Promise<Choices> {
  const facts = await workspaceFacts(root);
  const generic = likelyGeneric(facts);
  const domain = likelyDomain(domainPlaces(facts, generic));
  assert.ok(generic !== undefined && domain !== undefined);
  const domains = domainNames([domain], 'work');
  const domainTokens = proposedDomainTokens(domains, 'tiny');
  return {
    name: 'work',
    domains,
    generic,
    preset: 'tiny',
    domainTokens,
    ...proposedBudgets('tiny', { generic }),
  };
}

test('folders, kinds of files and the whole are found with their counts and sizes, by names alone', async (t) => {
  const root = await workspace(t, {
    'notes/a.md': 100,
    'notes/b.md': 50,
    'generic/c.jsonl': 900,
    'd.md': 10,
    'picture.png': 5000,
    'node_modules/x.md': 70,
  });
  const facts = await workspaceFacts(root);
  assert.deepEqual(facts.places, [
    { path: 'generic', files: 1, bytes: 900 },
    // A domain needs three documents; a file of records may hold them.
    { path: 'notes', files: 2, bytes: 150, isTooFew: true },
    { path: '.', include: ['*.md'], files: 3, bytes: 160 },
    { path: '.', files: 4, bytes: 1060 },
  ]);
  assert.equal(facts.complete, true);
  const part = await workspaceFacts(root, undefined, 2);
  assert.deepEqual([part.files, part.complete], [2, false]);
});

test('a large text is as many documents as it is cut into, a page is one', async (t) => {
  const mebibyte = 1024 ** 2;
  const root = await workspace(t, { 'book/a.txt': 2.5 * mebibyte, 'page/a.html': 2.5 * mebibyte });
  const { places } = await workspaceFacts(root);
  assert.deepEqual(
    ['book', 'page'].map((name) => places.find(({ path }) => path === name)?.isTooFew),
    [undefined, true],
  );
});

test('the proposed experiment of a folder with domain and generic text can be run as it is written', async (t) => {
  const root = await workspace(t, { 'docs/a.md': 60_000, 'docs/b.md': 40_000, 'generic/c.txt': 900_000 });
  const file = join(root, 'parlance.json');
  const text = JSON.stringify(experimentFileOf(await proposed(root)), null, 2);
  await writeFile(file, text);
  assert.deepEqual(await problemsOf(text, file), []);
  const { plan, methods } = await readExperiment(file);
  assert.deepEqual(
    [plan.generic?.sources[0].path, plan.domains[0].name, plan.domains[0].sources[0].path],
    [join(root, 'generic'), 'docs', join(root, 'docs')],
  );
  assert.deepEqual(methods, presets.tiny.methods);
  assert.deepEqual(plan.fineTuning.domainTokens, [4096, 'all'], 'an eighth of the text, and all of it');
});

test('what differs from the preset stands in the file, what equals it does not', async (t) => {
  const root = await workspace(t, { 'docs/a.md': 100_000, 'generic/c.txt': 900_000 });
  const { domainTokens } = presets.tiny.fineTuning;
  const base = { ...(await proposed(root)), domainTokens };
  assert.deepEqual(Object.keys(experimentFileOf(base)), ['name', 'preset', 'generic', 'domains']);
  const changed = experimentFileOf({
    ...base,
    methods: ['slm'],
    seeds: [7],
    pretrainingTokens: [4096],
    domainTokens: ['all'],
  });
  assert.deepEqual(changed.methods, ['slm']);
  assert.deepEqual(changed.seeds, [7]);
  assert.deepEqual(changed.pretraining, { tokens: [4096] });
  assert.deepEqual(changed.specialization, { domainTokens: ['all'] });
});

test('a domain around the generic corpus leaves the generic corpus out', async (t) => {
  const root = await workspace(t, { 'a.md': 100_000, 'generic/c.txt': 900_000 });
  const choices = await proposed(root);
  assert.equal(choices.domains[0].place.path, '.');
  const file = experimentFileOf(choices);
  assert.deepEqual(file.domains[0].sources, [{ path: '.', exclude: ['/generic/'] }]);
  assert.deepEqual(await problemsOf(JSON.stringify(file), join(root, 'parlance.json')), []);
});

test('a folder that holds nothing but generic text is no domain', async (t) => {
  const root = await workspace(t, { 'generic/a.txt': 9000, 'generic/b.txt': 9000, 'generic/c.txt': 9000 });
  const facts = await workspaceFacts(root);
  assert.deepEqual(domainPlaces(facts, likelyGeneric(facts)), []);
});

test('generic text is offered from folders that share no file with a domain', async (t) => {
  const root = await workspace(t, { 'docs/in/a.md': 10, 'docs/out/b.md': 20, 'web/c.md': 30, 'd.md': 5 });
  const facts = await workspaceFacts(root);
  const offered = (path: string) =>
    genericPlaces(facts, [{ name: 'x', place: { path, files: 1, bytes: 1 } }]).map((one) => one.path);
  assert.deepEqual(offered('docs'), ['web']);
  assert.deepEqual(offered('docs/in'), ['web', 'docs/out']);
  assert.deepEqual([...offered('.')].sort(), ['docs', 'docs/in', 'docs/out', 'web']);
});

test('changing an experiment keeps what was not asked about', async (t) => {
  const root = await workspace(t, { 'docs/a.md': 100_000, 'generic/c.txt': 900_000 });
  const choices = { ...(await proposed(root)), pretrainingTokens: [4096] };
  const before: ExperimentFile = {
    generic: { sources: [{ path: 'old' }] },
    domains: [{ name: 'old', sources: [{ path: 'old' }] }],
    methods: ['llm'],
    pretraining: { tokens: [1], batchTokens: 512 },
    selection: { clusters: 9 },
  };
  const after = changedExperiment(before, choices);
  assert.deepEqual(after.pretraining, { batchTokens: 512, tokens: [4096] });
  assert.deepEqual(after.selection, { clusters: 9 });
  assert.equal(after.methods, undefined);
  assert.deepEqual(after.generic, { sources: [{ path: 'generic' }] });
});

test('an experiment that is changed without another answer stays as it was', async (t) => {
  const root = await workspace(t, { 'docs/a.md': 100_000, 'web/c.txt': 900_000 });
  const facts = await workspaceFacts(root);
  const before: ExperimentFile = {
    name: 'mine',
    preset: 'tiny',
    generic: { sources: [{ path: 'web', exclude: ['x'] }] },
    domains: [{ name: 'letters', sources: [{ path: 'docs', label: 'in-domain' }] }],
    methods: ['slm', 'llm'],
    seeds: [7],
    pretraining: { tokens: [4096] },
    specialization: { domainTokens: [512, 'all'] },
    context: 64,
  };
  const { name, domains, generic, preset, domainTokens, ...others } = await choicesOf(before, facts, INSIDE);
  assert.ok(name && domains && generic && preset && domainTokens);
  const choices = {
    name,
    domains,
    generic,
    preset,
    domainTokens,
    ...proposedBudgets('tiny', { generic }),
    ...others,
  };
  assert.deepEqual(changedExperiment(before, choices), before);
});

test('all in-domain text is proposed whatever its size, and below it a curve spaced to it', () => {
  const place = (bytes: number) => [{ name: 'a', place: { path: 'a', files: 1, bytes } }];
  assert.deepEqual(proposedDomainTokens(place(1e6), 'tiny'), [4096, 32_768, 'all']);
  assert.deepEqual(proposedDomainTokens(place(1e6), 'small'), [4096, 32_768, 'all']);
  assert.deepEqual(proposedDomainTokens(place(40_000), 'tiny'), [1024, 'all']);
  assert.deepEqual(proposedDomainTokens(place(500), 'tiny'), ['all']);
  assert.deepEqual(proposedDomainTokens([], 'tiny'), ['all']);
});

test('all in-domain text is measured whether or not the file lists it, and is among the answers of the wizard', async (t) => {
  const root = await workspace(t, { 'docs/a.md': 100_000, 'generic/c.txt': 900_000 });
  const sizesOf = async (specialization: ExperimentFile['specialization']) => {
    const file = join(root, 'parlance.json');
    const given = {
      generic: { sources: [{ path: 'generic' }] },
      domains: [{ name: 'docs', sources: [{ path: 'docs' }] }],
      specialization,
    };
    await writeFile(file, JSON.stringify(given));
    const { plan } = await readExperiment(file);
    const { domainTokens } = await choicesOf(given, await workspaceFacts(root), INSIDE);
    if (domainTokens !== undefined) assert.deepEqual(domainTokens, plan.fineTuning.domainTokens);
    return plan.fineTuning.domainTokens;
  };
  assert.deepEqual(await sizesOf({ domainTokens: [2048] }), [2048, 'all']);
  assert.deepEqual(await sizesOf({ domainTokens: ['all', 2048] }), [2048, 'all']);
  assert.deepEqual(await sizesOf({ domainTokens: [] }), ['all']);
  for (const { fineTuning } of Object.values(presets)) assert.equal(fineTuning.domainTokens.at(-1), 'all');
});

test('what does not fit the memory is said with numbers and with what to try', () => {
  const all = ['slm', 'llm'];
  assert.equal(memoryFit('small', ['slm'], MEMORY, 7.6e9).fits, true);
  const { fits, sentence } = memoryFit('small', all, MEMORY, 7.6e9);
  assert.equal(fits, false);
  assert.equal(sentence, 'will not fit: needs 9.1 GB, 7.6 GB free; try the preset “tiny”, or only slm');
});

test('generic text that is smaller than the largest budget is said to be read again and again', () => {
  const place = { path: 'generic', files: 1, bytes: 240_000 };
  assert.equal(genericWarning(place, 'tiny', [65_536]), undefined);
  assert.match(
    genericWarning(place, 'tiny', [65_536, 262_144]) ?? '',
    /too small: about 100k tokens \(estimated\), and the largest pretraining budget is 262k\. .* 3 times/,
  );
});

test('budgets are read as people write them, and only when they rise', () => {
  assert.deepEqual(parseSizes('64k, 1.5M', parseCount), [64_000, 1_500_000]);
  assert.equal(parseSizes('2M, 64k', parseCount), undefined);
  assert.equal(parseSizes('much', parseCount), undefined);
  assert.equal(parseSizes('', parseCount), undefined);
});

test('without generic text the file names none, keeps what does not need it, and is read again so', async (t) => {
  const root = await workspace(t, { 'docs/a.md': 60_000, 'docs/b.md': 40_000, 'generic/c.txt': 900_000 });
  const { generic: _none, ...others } = await proposed(root);
  const choices = { ...others, ...proposedBudgets('tiny', {}) };
  const written = experimentFileOf(choices);
  assert.deepEqual([written.generic, written.methods], [undefined, ['slm-nopt']]);
  const file = join(root, 'parlance.json');
  const text = JSON.stringify(written, null, 2);
  await writeFile(file, text);
  assert.deepEqual(await problemsOf(text, file), []);
  assert.equal((await readExperiment(file)).plan.generic, undefined);
  const again = await choicesOf(written, await workspaceFacts(root), INSIDE);
  assert.ok('generic' in again && again.generic === undefined);
  const withGeneric = { ...written, generic: { sources: [{ path: 'generic' }] } };
  assert.equal(changedExperiment(withGeneric, choices).generic, undefined);
});
