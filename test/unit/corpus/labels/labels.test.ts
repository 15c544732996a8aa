import assert from 'node:assert/strict';
import { lstat, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { InputError } from '../../../../src/common/errors.ts';
import { LabelRules } from '../../../../src/corpus/labels/label-rules.ts';
import {
  formatLabels,
  type LabelEntry,
  labelsJsonSchema,
  parseLabels,
  readLabels,
  updateLabels,
} from '../../../../src/corpus/labels/labels.ts';
import { makeFolder } from '../temporary-corpus.ts';

const entries: readonly LabelEntry[] = [
  { path: 'b.md', label: 'held-out' },
  { glob: 'z/**', label: 'generic' },
  { path: 'a.md', label: 'held-out', passage: { quote: 'later', prefix: '', suffix: '', offset: 20 } },
  { path: 'a.md', label: 'held-out', passage: { quote: 'early', prefix: '', suffix: '', offset: 3 } },
  { glob: 'a/**', label: 'excluded' },
];

test('the written text is canonical: one entry a line, files sorted, globs in their order', () => {
  const text = formatLabels(entries);
  const inner = text.split('\n').slice(3, -3);
  assert.deepEqual(
    inner.map((line) => /"(?:z\/\*\*|a\/\*\*|early|later|b\.md)"/.exec(line)?.[0]),
    ['"z/**"', '"a/**"', '"early"', '"later"', '"b.md"'],
  );
  const shuffled = [entries[3], entries[1], entries[0], entries[4], entries[2]];
  assert.equal(formatLabels(shuffled), text);
  assert.equal(formatLabels(parseLabels(text, 'labels.json')), text);
});

test('text around a passage may have any character, also one of an encoding that was misread', () => {
  const passage = { quote: 'it\u0092s', prefix: '\u0085 \u007f ', suffix: '\f\u2028', offset: 4 };
  const written = [{ path: 'a.md', label: 'in-domain', passage }] as const;
  assert.deepEqual(parseLabels(formatLabels(written), 'labels.json'), written);
});

test('a mistake is reported with file, line and what is allowed', () => {
  const lines = ['{', '  "version": 1,', '  "labels": [', '    {"glob":"*.md","label":"in-domain"},'];
  const broken: readonly (readonly [string, RegExp])[] = [
    [
      [...lines, '    {"path":"a.md","label":"secret"}', ']}'].join('\n'),
      /labels\.json, line 5: labels\.1\.label/,
    ],
    [
      [...lines, '    {"path":"a.md" "label":"generic"}', ']}'].join('\n'),
      /labels\.json, line 5: this is not valid JSON/,
    ],
    [[...lines, '<<<<<<< HEAD', ']}'].join('\n'), /labels\.json, line 5: /],
    [[...lines, '    {"label":"generic"}', ']}'].join('\n'), /line 5: .*needs either "path" or "glob"/],
    [
      [...lines, '    {"glob":"*","label":"generic","passage":{"prefix":"","suffix":"","offset":0}}]}'].join(
        '\n',
      ),
      /line 5: /,
    ],
    [lines.join('\n'), /line 4: this is not valid JSON/],
  ];
  for (const [text, message] of broken) {
    assert.throws(
      () => parseLabels(text, 'labels.json'),
      (error) => error instanceof InputError && message.test(error.message) && error.hint !== '',
    );
  }
});

test('a path or pattern that would match nothing by the way it is written is a mistake with its line', () => {
  const parsed = (entry: object) => () =>
    parseLabels(
      `{"version":1,"labels":[\n${JSON.stringify({ ...entry, label: 'held-out' })}]}`,
      'labels.json',
    );
  for (const path of ['./a.md', 'docs/', 'docs//a.md', 'docs/./a.md', '../a.md', 'docs/..', '/a.md', '.'])
    assert.throws(parsed({ path }), /labels\.json, line 2: labels\.0\.path: must be relative/, path);
  for (const glob of ['./docs/**', '!docs/**', '#docs/**', 'docs//**', '../docs/**', '/docs/**', '/'])
    assert.throws(parsed({ glob }), /labels\.json, line 2: labels\.0\.glob: must be relative/, glob);
  for (const path of ['a.md', '.hidden/a.md', '..a/b...md', '!a.md', 'a/#b'])
    assert.doesNotThrow(parsed({ path }), path);
  for (const glob of ['docs/', '**/*.md', '.hidden/**', 'a!/**', '[#]a/**'])
    assert.doesNotThrow(parsed({ glob }), glob);
});

test('a broken labels file is never overwritten', async (t) => {
  const folder = await makeFolder(t, { 'labels.json': '{"version":1,"labels":[}' });
  const path = join(folder, 'labels.json');
  await assert.rejects(
    updateLabels(path, (old) => [...old, entries[0]]),
    InputError,
  );
  assert.equal(await readFile(path, 'utf8'), '{"version":1,"labels":[}');
});

test('a labels file that is a link stays one, and the file behind it has the labels', async (t) => {
  const folder = await makeFolder(t, { 'shared.json': '{ "version": 1, "labels": [] }' });
  const [link, shared] = [join(folder, 'labels.json'), join(folder, 'shared.json')];
  await symlink('shared.json', link);
  await updateLabels(link, () => entries);
  assert.ok((await lstat(link)).isSymbolicLink());
  assert.equal((await readLabels(shared)).length, entries.length);
});

test('a file that says by which schema it is checked goes on saying so', async (t) => {
  const path = join(
    await makeFolder(t, { 'l.json': '{"$schema":"../s.json","version":1,"labels":[]}' }),
    'l.json',
  );
  await updateLabels(path, () => [entries[0]]);
  assert.deepEqual(JSON.parse(await readFile(path, 'utf8')), {
    $schema: '../s.json',
    version: 1,
    labels: [entries[0]],
  });
});

test('an empty labels file is a mistake: it may have held labels', () => {
  for (const text of ['', '\n'])
    assert.throws(() => parseLabels(text, 'l.json'), /l\.json, line 1: the file is empty/);
});

test('no labels file means no labels; the first update makes it', async (t) => {
  const path = join(await makeFolder(t, {}), '.parlance/labels.json');
  assert.deepEqual(await readLabels(path), []);
  await updateLabels(path, () => entries);
  assert.equal((await readLabels(path)).length, entries.length);
});

test('file wins over glob, a later glob over an earlier one, and a source label holds for the rest', () => {
  const rules = new LabelRules(
    [
      { glob: '*.{md,txt}', label: 'generic' },
      { glob: 'docs/**', label: 'in-domain' },
      { path: 'docs/a.md', label: 'held-out' },
    ],
    { name: 'law', role: 'domain' },
    '/w',
  );
  const source = { path: '/w', label: 'excluded' } as const;
  const label = (path: string) => rules.file(path, source).label;
  assert.equal(label('/w/x.txt'), 'generic');
  assert.equal(label('/w/docs/b.md'), 'in-domain');
  assert.equal(label('/w/docs/a.md'), 'held-out');
  assert.equal(label('/w/x.py'), 'excluded');
  assert.equal(label('/elsewhere/x.txt'), 'excluded');
  assert.equal(rules.file('/w/x.py', { path: '/w' }).label, 'in-domain');
});

test("text of another domain is no part of this one, unless it is labelled as this one's too", () => {
  const rules = new LabelRules(
    [
      { path: 'both.md', label: 'in-domain', domain: 'law' },
      { path: 'both.md', label: 'in-domain', domain: 'health' },
      { path: 'theirs.md', label: 'held-out', domain: 'health' },
      { path: 'noted.md', label: 'excluded', domain: 'health' },
    ],
    { name: 'law', role: 'domain' },
    '/w',
  );
  const standing = (path: string) => rules.file(path, { path: '/w' }).standing;
  assert.equal(standing('/w/both.md'), 'member');
  assert.equal(standing('/w/theirs.md'), 'out');
  assert.equal(standing('/w/noted.md'), 'member');
});

const standings = (labels: readonly LabelEntry[], path: string) =>
  [
    { name: 'law', role: 'domain' } as const,
    { name: 'med', role: 'domain' } as const,
    { name: 'generic', role: 'generic' } as const,
  ].map((corpus) => new LabelRules(labels, corpus, '/w').file(`/w/${path}`, { path: '/w' }).standing);

test('of two entries that a merge left for one file or pattern the one that keeps more text out holds', () => {
  for (const what of [{ path: 'a/b.md' }, { glob: 'a/**' }]) {
    const entry = (label: LabelEntry['label'], domain?: string): LabelEntry => ({
      ...what,
      label,
      ...(domain !== undefined && { domain }),
    });
    const both = (one: LabelEntry, other: LabelEntry) => {
      const found = standings([one, other], 'a/b.md');
      assert.deepEqual(standings([other, one], 'a/b.md'), found);
      return found;
    };
    assert.deepEqual(both(entry('held-out'), entry('in-domain')), ['held-out', 'held-out', 'out']);
    assert.deepEqual(both(entry('excluded'), entry('held-out')), ['out', 'out', 'out']);
    assert.deepEqual(both(entry('generic'), entry('excluded')), ['out', 'out', 'out']);
    assert.deepEqual(both(entry('generic'), entry('held-out', 'law')), ['held-out', 'out', 'out']);
  }
});

test('a pattern may be labelled for each of several domains; elsewhere the later pattern wins', () => {
  const shared: LabelEntry[] = [
    { glob: 'shared/**', label: 'held-out', domain: 'law' },
    { glob: 'shared/x/**', label: 'in-domain', domain: 'law' },
    { glob: 'shared/**', label: 'held-out', domain: 'med' },
  ];
  assert.deepEqual(standings(shared, 'shared/a.md'), ['held-out', 'held-out', 'out']);
  assert.deepEqual(standings(shared, 'shared/x/a.md'), ['member', 'held-out', 'out']);
  const carved: LabelEntry[] = [
    { glob: '**', label: 'in-domain' },
    { glob: 'med/**', label: 'held-out', domain: 'med' },
  ];
  assert.deepEqual(standings(carved, 'med/a.md'), ['out', 'held-out', 'out']);
  assert.deepEqual(standings(carved, 'a.md'), ['member', 'member', 'out']);
});

test('the published JSON Schema is up to date', async () => {
  const published: unknown = JSON.parse(await readFile('media/schemas/labels.schema.json', 'utf8'));
  assert.deepEqual(published, JSON.parse(JSON.stringify(labelsJsonSchema())));
});
