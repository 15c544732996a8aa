import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { inEnglish } from '../../../../src/common/translate.ts';
import { listFiles } from '../../../../src/corpus/sources/sources.ts';
import type { ExperimentFile } from '../../../../src/experiments/config/experiment-file.ts';
import { chosenBundle } from '../../../../src/experiments/proposal/bundled-generic.ts';
import { choicesOf } from '../../../../src/experiments/proposal/given-choices.ts';
import { presetItems } from '../../../../src/experiments/proposal/offers.ts';
import { proposedChoices } from '../../../../src/experiments/proposal/propose.ts';
import { changedExperiment } from '../../../../src/experiments/proposal/proposed-file.ts';
import { type TextPlace, workspaceFacts } from '../../../../src/experiments/proposal/workspace-facts.ts';
import { enters, talk, textFolder } from '../../../support/terminal-talk.ts';

const TEXT = { 'docs/a.md': 30_000, 'docs/b.md': 30_000, 'docs/c.md': 30_000, 'x/d.md': 1000, 'x/e.md': 900 };
const GENERIC: TextPlace = { path: 'generic', files: 2, bytes: 7e6 };

/** What is written when everything but these answers stays as it is. */
async function changed(
  t: TestContext,
  before: ExperimentFile,
  answers: { readonly generic?: TextPlace | undefined; readonly domain?: string },
): Promise<ExperimentFile> {
  const root = await textFolder(t, TEXT);
  const facts = await workspaceFacts(root);
  const given = proposedChoices(
    { name: 'ws', facts },
    await choicesOf(before, facts, { looksOutside: false }),
  );
  const place = facts.places.find(({ path, include }) => path === answers.domain && include === undefined);
  return changedExperiment(before, {
    ...given,
    ...('generic' in answers && { generic: answers.generic }),
    ...(place && { domains: [{ name: 'ws', place }] }),
  });
}

const whole = (more: object = {}): ExperimentFile['domains'] => [
  { name: 'ws', sources: [{ path: '.', ...more }], split: { validation: 0.2, heldout: 0.2 } },
];

test('generic text that is added to an experiment is left out of the domain around it', async (t) => {
  const before = { domains: whole({ exclude: ['drafts/'], textField: 'body' }) };
  const { domains, generic } = await changed(t, before, { generic: GENERIC });
  assert.deepEqual(domains, whole({ textField: 'body', exclude: ['drafts/', '/generic/'] }));
  assert.deepEqual(generic, { sources: [{ path: 'generic' }] });
});

test('where other text is generic, or none is, the domain around it has the old one again', async (t) => {
  const generic = { sources: [{ path: 'generic' }] };
  const before = { generic, domains: whole({ exclude: ['/generic/', 'drafts/'] }) };
  const wiki = await changed(t, before, { generic: { path: 'wiki', files: 1, bytes: 9 } });
  assert.deepEqual(wiki.domains, whole({ exclude: ['drafts/', '/wiki/'] }));
  const none = await changed(t, before, { generic: undefined });
  assert.deepEqual(none.domains, whole({ exclude: ['drafts/'] }));
  // What somebody left out by hand, or did not, stays.
  const byHand = { generic, domains: whole() };
  assert.deepEqual((await changed(t, byHand, {})).domains, whole());
});

test('the whole folder is the whole folder, whatever patterns its domain had before', async (t) => {
  const before = { domains: whole({ include: ['docs/**'] }) };
  assert.deepEqual((await changed(t, before, { domain: '.' })).domains, whole());
  assert.deepEqual((await changed(t, before, {})).domains, before.domains, 'not chosen, not changed');
});

test('a folder with signs of patterns in its name is left out, and no other', async (t) => {
  for (const name of ['books [en]', 'a{b,c}', 'what?', 'st*r', '{x}']) {
    const root = await textFolder(t, { 'b/a.md': 5, 'a.md': 5 });
    await mkdir(join(root, name));
    await writeFile(join(root, name, 'g.txt'), 'generic');
    const facts = await workspaceFacts(root);
    const place = facts.places.find(({ path }) => path === name);
    assert.ok(place !== undefined, name);
    const domains = [{ name: 'ws', place: { path: '.', files: 2, bytes: 10 } }];
    const given = proposedChoices({ name: 'ws', facts }, { generic: place, domains });
    const [{ sources }] = changedExperiment({ domains: whole() }, given).domains;
    const { files } = await listFiles(sources.map((source) => ({ ...source, path: root })));
    assert.deepEqual(files.map(({ path }) => path).sort(), ['a.md', 'b/a.md'], name);
  }
});

test('text that the wizard does not offer by itself is what Enter keeps: outside, several sources, own patterns', async (t) => {
  const outside = await mkdtemp(join(tmpdir(), 'parlance-outside-'));
  t.after(() => rm(outside, { recursive: true, force: true }));
  await writeFile(join(outside, 'w.txt'), 'x'.repeat(900_000));
  for (const sources of [
    [{ path: outside }],
    [{ path: 'x' }, { path: outside, include: ['*.txt'] }],
    [{ path: 'not-there' }],
  ]) {
    const root = await textFolder(t, TEXT);
    const file = join(root, 'parlance.json');
    const before = {
      generic: { sources, split: { validation: 0.02, heldout: 0.02 } },
      domains: [
        { name: 'own', sources: [{ path: '.', include: ['docs/**'], exclude: ['*.log'] }] },
        { name: 'both', sources: [{ path: 'docs/a.md' }, { path: 'x' }] },
      ],
      specialization: { domainTokens: [4096, 'all'] },
    };
    await writeFile(file, JSON.stringify(before));
    const { error, shown } = await talk(root, ['y', ...enters(9)]);
    assert.equal(error, undefined, shown);
    const { generic, domains } = JSON.parse(await readFile(file, 'utf8'));
    assert.deepEqual({ generic, domains }, { generic: before.generic, domains: before.domains });
    assert.match(shown, /^\* {2}\d {2}docs\/\*\*, as it is now +3 files, 90 kB/m);
    assert.equal(/no text/.test(shown), false, 'nothing is said of text that is not known');
  }
});

test('text outside of the folder is looked at only where that is allowed', async (t) => {
  const root = await textFolder(t, TEXT);
  const other = await textFolder(t, { 'w.txt': 500 });
  const before: ExperimentFile = { generic: { sources: [{ path: other }] }, domains: whole() };
  const filesSeen = async (looksOutside: boolean) =>
    (await choicesOf(before, await workspaceFacts(root), { looksOutside })).generic?.files;
  assert.deepEqual([await filesSeen(false), await filesSeen(true)], [0, 1]);
});

test('a folder of generic text that is missing is not replaced by the text that comes along', () => {
  const bundled = { place: GENERIC, from: '/from', copy: () => Promise.resolve() };
  assert.equal(chosenBundle({ generic: GENERIC }, bundled), bundled);
  const missing = { path: 'generic', sources: [{ path: 'generic' }], files: 0, bytes: 0 };
  assert.equal(chosenBundle({ generic: missing }, bundled), undefined);
});

test('with a given model the preset that the file has is offered too', () => {
  const offered = (preset: 'tiny' | 'paper') =>
    presetItems({ preset, from: { small: 'm' } }, undefined, 0, inEnglish).map((item) => item.preset);
  assert.deepEqual(offered('tiny'), ['tiny', 'small']);
  assert.deepEqual(offered('paper'), ['tiny', 'small', 'paper']);
});
