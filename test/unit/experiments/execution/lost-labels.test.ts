import assert from 'node:assert/strict';
import fs from 'node:fs';
import { symlink } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readExperiment } from '../../../../src/experiments/config/configuration.ts';
import { lostLabelsOf } from '../../../../src/experiments/execution/lost-labels.ts';
import { makeFolder } from '../../corpus/temporary-corpus.ts';

const withDomain = (name: string, more = '') =>
  JSON.stringify({ domains: [{ name, sources: [{ path: '.' }] }], methods: ['slm-nopt'], more });

async function lostDomains(
  t: TestContext,
  files: Readonly<Record<string, string>>,
  domains: readonly string[],
) {
  const root = await makeFolder(t, { 'parlance.json': withDomain('d').replace(',"more":""', ''), ...files });
  const elsewhere = await makeFolder(t, { 'other.json': withDomain('linked') });
  await symlink(join(elsewhere, 'other.json'), join(root, 'linked.json'));
  const experiment = await readExperiment(join(root, 'parlance.json'));
  const entries = domains.map((domain) => ({ glob: '!*', domain, label: 'in-domain' as const }));
  const labelsFile = join(root, '.parlance', 'labels.json');
  const lost = await lostLabelsOf(experiment, { entries, labelsFile, files: [] });
  return lost.map(({ name }) => name);
}

test('other experiment files beside it tell of domains, but not what is too large for one, nor what a link leads to', async (t) => {
  const files = { 'second.json': withDomain('other'), 'dump.json': withDomain('large', 'x'.repeat(2 ** 20)) };
  assert.deepEqual(await lostDomains(t, files, ['d', 'other', 'large', 'linked']), ['large', 'linked']);
});

test('the files beside an experiment are not even listed while no label names another domain', async (t) => {
  const readdir = t.mock.method(fs.promises, 'readdir');
  syncBuiltinESMExports();
  t.after(() => {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  });
  await lostDomains(t, {}, ['d']);
  assert.equal(readdir.mock.callCount(), 0);
  await lostDomains(t, {}, ['another']);
  assert.equal(readdir.mock.callCount(), 1);
});
