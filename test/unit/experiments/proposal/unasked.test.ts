import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkExperiment } from '../../../../src/experiments/config/configuration.ts';
import { domainNames, likelyGeneric } from '../../../../src/experiments/proposal/propose.ts';
import { experimentFileOf } from '../../../../src/experiments/proposal/proposed-file.ts';
import { isQuick, quickBudgets } from '../../../../src/experiments/proposal/quick-budgets.ts';
import { surelyGeneric, unaskedChoices, wholeDomain } from '../../../../src/experiments/proposal/unasked.ts';
import { workspaceFacts } from '../../../../src/experiments/proposal/workspace-facts.ts';
import { textFolder } from '../../../support/terminal-talk.ts';

test('who is asked nothing gets all text of the folder as the domain, however it is spread over folders', async (t) => {
  const chapters = Array.from({ length: 12 }, (_, i) => [`chapter${i % 6}/p${i}.md`, 20_000 + i]);
  const root = await textFolder(t, Object.fromEntries(chapters));
  const choices = await unaskedChoices({ name: 'book', facts: await workspaceFacts(root) });
  assert.deepEqual(
    choices.domains.map(({ place }) => [place.path, place.files, place.isTooFew]),
    [['.', 12, undefined]],
  );
});

test('a large folder is no generic text for being large, nor is one in a folder of source code', async (t) => {
  const root = await textFolder(t, {
    'contracts/a.md': 600_000,
    'notes/a.md': 900,
    'src/common/x.ts': 30_000,
  });
  const facts = await workspaceFacts(root);
  assert.equal(surelyGeneric(facts), undefined);
  assert.equal((await wholeDomain(root, undefined)).files, 3);
  const small = await workspaceFacts(await textFolder(t, { 'common/x.ts': 3000, 'a.md': 4000 }));
  assert.deepEqual([surelyGeneric(small), likelyGeneric(small)], [undefined, undefined]);
});

test('a folder at the top that is called generic is the generic text, and the domain is what is left beside it', async (t) => {
  const root = await textFolder(t, {
    'generic/a.txt': 50_000,
    '2019/a.md': 500,
    '2020/b.md': 500,
    '2021/c.md': 500,
  });
  const choices = await unaskedChoices({ name: 'years', facts: await workspaceFacts(root) });
  const { generic, domains } = experimentFileOf(choices);
  assert.deepEqual(generic, { sources: [{ path: 'generic' }] });
  assert.deepEqual(domains, [{ name: 'years', sources: [{ path: '.', exclude: ['/generic/'] }] }]);
  assert.deepEqual(choices.domains[0].place, { path: '.', files: 3, bytes: 1500 });
  const { isTooFew } = await wholeDomain(
    await textFolder(t, { 'generic/a.txt': 9, 'b.md': 9 }),
    generic && {
      path: 'generic',
      files: 1,
      bytes: 9,
    },
  );
  assert.equal(isTooFew, true);
});

test('a folder called generic makes a domain of another name, which the experiment file takes', async (t) => {
  const root = await textFolder(t, { 'a.md': 500, 'b.md': 500, 'c.md': 500 });
  const choices = await unaskedChoices({ name: 'generic', facts: await workspaceFacts(root) });
  assert.ok('given' in checkExperiment(experimentFileOf(choices)));
});

test('a kind of file is all of it, in whatever letters its names end', async (t) => {
  const root = await textFolder(t, { 'A.TXT': 50, 'B.Txt': 50, 'c.txt': 50, 'd.md': 10 });
  const kind = (await workspaceFacts(root)).places.find(({ include }) => include !== undefined);
  assert.deepEqual(kind?.include, ['*.TXT', '*.Txt', '*.txt']);
  const [{ name, place }] = domainNames([kind], 'ws');
  assert.equal(name, 'ws .txt');
  const [{ sources }] = experimentFileOf({
    ...(await unaskedChoices({ name, facts: await workspaceFacts(root) })),
    domains: [{ name, place }],
  }).domains;
  assert.deepEqual(sources, [{ path: '.', include: ['*.TXT', '*.Txt', '*.txt'] }]);
});

test('a start that is not quick is known before it begins', () => {
  const of = (domainTokens: number) => isQuick(quickBudgets({ tokensPerSecond: 10_000, domainTokens }));
  assert.deepEqual([of(300_000), of(3_000_000)], [true, false]);
});
