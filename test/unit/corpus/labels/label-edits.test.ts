import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { InputError } from '../../../../src/common/errors.ts';
import {
  clearLabel,
  exceptionsTo,
  globOfFolder,
  type LabelTarget,
  moveAnchors,
  removeEntries,
  setLabel,
} from '../../../../src/corpus/labels/label-edits.ts';
import { LabelRules } from '../../../../src/corpus/labels/label-rules.ts';
import {
  formatLabels,
  type LabelEntry,
  labelNames,
  parseLabels,
} from '../../../../src/corpus/labels/labels.ts';
import { anchorPassage } from '../../../../src/corpus/labels/passages.ts';
import { pathMatcher } from '../../../../src/corpus/sources/globs.ts';

const file = (path: string): LabelTarget => ({ kind: 'file', path });
const glob = (pattern: string): LabelTarget => ({ kind: 'glob', glob: pattern });
const text = 'one two three two one';
const passage = (path: string, start: number, end: number): LabelTarget => ({
  kind: 'passage',
  path,
  anchor: anchorPassage(text, start, end),
  sameAs: [],
});

const label = fc.constantFrom(...labelNames);
const domain = fc.constantFrom(undefined, 'law', 'medicine');
const target = fc.constantFrom(
  file('a.md'),
  file('b.md'),
  glob('docs/**'),
  glob('docs/exams/**'),
  glob('*.md'),
  glob('more/**'),
  passage('a.md', 4, 7),
  passage('a.md', 14, 17),
);
const step = fc.record({ targets: fc.uniqueArray(target, { minLength: 1, maxLength: 3 }), label, domain });

test('any label, set or cleared, is undone to the same text', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 6 }), step, fc.boolean(), (history, last, clears) => {
      const before = history.reduce<readonly LabelEntry[]>(
        (entries, one) => setLabel(entries, one.targets, one.label, one.domain).entries,
        [],
      );
      const change = clears
        ? clearLabel(before, last.targets)
        : setLabel(before, last.targets, last.label, last.domain);
      parseLabels(formatLabels(change.entries), 'labels.json');
      assert.equal(formatLabels(change.undo(change.entries)), formatLabels(before));
    }),
  );
});

test('what others wrote since stays when a label is undone', () => {
  const first = setLabel([], [file('a.md')], 'in-domain');
  const change = setLabel(first.entries, [file('a.md'), glob('docs/**')], 'held-out');
  const others = setLabel(change.entries, [file('b.md'), glob('more/**')], 'excluded').entries;
  assert.equal(
    formatLabels(change.undo(others)),
    formatLabels([
      { glob: 'more/**', label: 'excluded' },
      { path: 'a.md', label: 'in-domain' },
      { path: 'b.md', label: 'excluded' },
    ]),
  );
});

test('undoing is refused when the entry was changed since', () => {
  const change = setLabel([], [file('a.md')], 'in-domain');
  const relabelled = setLabel(change.entries, [file('a.md')], 'generic').entries;
  assert.throws(() => change.undo(relabelled), InputError);
  const cleared = clearLabel(change.entries, [file('a.md')]);
  assert.throws(() => cleared.undo(relabelled), InputError);
});

test('a passage that was anchored anew since is found by its text, the nearest first', () => {
  const change = setLabel([], [passage('a.md', 4, 7), passage('a.md', 14, 17)], 'held-out');
  const shifted = `!${text}`;
  const moved = moveAnchors(change.entries, [
    { entry: change.entries[1], anchor: anchorPassage(shifted, 15, 18) },
  ]);
  assert.notEqual(formatLabels(moved), formatLabels(change.entries));
  assert.deepEqual(change.undo(moved), []);
});

test('a label for all domains replaces those for one; one for a domain leaves the others', () => {
  const law = setLabel([], [file('a.md')], 'in-domain', 'law').entries;
  const both = setLabel(law, [file('a.md')], 'held-out', 'medicine').entries;
  assert.equal(both.length, 2);
  assert.deepEqual(setLabel(both, [file('a.md')], 'excluded').entries, [{ path: 'a.md', label: 'excluded' }]);
});

test('text that is held out for a domain does not stay generic', () => {
  const generic = setLabel([], [file('a.md')], 'generic').entries;
  const heldOut = setLabel(generic, [file('a.md')], 'held-out', 'law').entries;
  const rules = new LabelRules(heldOut, { name: 'generic', role: 'generic' }, '/w');
  assert.equal(rules.file('/w/a.md', { path: '/w' }).standing, 'out');
});

test('of a file, the entry that names the domain holds over the one for all, in any order', () => {
  const all = setLabel([], [file('a.md')], 'in-domain').entries;
  const entries = setLabel(all, [file('a.md')], 'held-out', 'law').entries;
  for (const list of [entries, entries.toReversed()]) {
    const standing = (name: string) =>
      new LabelRules(list, { name, role: 'domain' }, '/w').file('/w/a.md', { path: '/w' }).standing;
    assert.equal(standing('law'), 'held-out');
    assert.equal(standing('medicine'), 'member');
  }
});

test('a passage replaces the entries that stand at its place, others stay', () => {
  const old = setLabel([], [passage('a.md', 4, 7), passage('a.md', 14, 17)], 'in-domain').entries;
  const now = anchorPassage(`!${text}`, 5, 8);
  const target: LabelTarget = {
    kind: 'passage',
    path: 'a.md',
    anchor: now,
    sameAs: [anchorPassage(text, 4, 7)],
  };
  const entries = setLabel(old, [target], 'held-out').entries;
  assert.deepEqual(
    entries.map((entry) => [entry.label, entry.passage?.offset]),
    [
      ['in-domain', 14],
      ['held-out', 5],
    ],
  );
});

test('a passage that was labelled for all domains can be labelled otherwise for one, and stays as it was for the others', () => {
  const all = setLabel([], [passage('a.md', 4, 7)], 'excluded').entries;
  const target: LabelTarget = {
    kind: 'passage',
    path: 'a.md',
    anchor: anchorPassage(`!${text}`, 5, 8),
    sameAs: [anchorPassage(text, 4, 7)],
  };
  const change = setLabel(all, [target], 'in-domain', 'law');
  const standing = (name: string) =>
    new LabelRules(change.entries, { name, role: 'domain' }, '/w')
      .passages('/w/a.md')
      .map((one) => one.standing);
  assert.deepEqual(standing('law'), ['member']);
  assert.deepEqual(standing('medicine'), ['out']);
  const generic = new LabelRules(change.entries, { name: 'generic', role: 'generic' }, '/w');
  assert.deepEqual(
    generic.passages('/w/a.md').map((one) => one.standing),
    ['out'],
  );
  assert.deepEqual(change.undo(change.entries), all);
});

test('a folder that was labelled keeps its label when a folder above is labelled, but not against a label that holds text out', () => {
  const labelledAs = (inner: LabelEntry['label'], outer: LabelEntry['label'], folder = 'docs/**') => {
    const first = setLabel([], [glob('docs/exams/**')], inner).entries;
    const between = setLabel(first, [glob('*.txt')], 'generic').entries;
    const { entries, removed, added } = setLabel(between, [glob(folder)], outer);
    assert.deepEqual([removed, added.length], [[], 1]);
    const rules = new LabelRules(entries, { name: 'law', role: 'domain' }, '/w');
    return ['docs/exams/a.md', 'docs/b.txt'].map(
      (path) => rules.file(`/w/${path}`, { path: '/w/docs' }).label,
    );
  };
  assert.deepEqual(labelledAs('held-out', 'in-domain'), ['held-out', 'in-domain']);
  assert.deepEqual(labelledAs('held-out', 'in-domain', '**'), ['held-out', 'in-domain']);
  assert.deepEqual(labelledAs('generic', 'in-domain'), ['generic', 'in-domain']);
  assert.deepEqual(labelledAs('excluded', 'held-out'), ['excluded', 'held-out']);
  assert.deepEqual(labelledAs('in-domain', 'held-out'), ['held-out', 'held-out']);
});

test('labelling a file leaves its passages, and single entries can be taken away', () => {
  const entries = setLabel([], [passage('a.md', 4, 7), file('a.md')], 'held-out').entries;
  const cleared = clearLabel(entries, [file('a.md')]);
  assert.equal(cleared.entries.length, 1);
  assert.deepEqual(removeEntries(cleared.entries, cleared.entries).entries, []);
});

test('a folder’s pattern matches its files and those of no other folder', () => {
  const name = fc.stringMatching(/^[a-c#*?!{},[\] -]{1,6}$/);
  fc.assert(
    fc.property(name, name, (folder, other) => {
      let pattern: string;
      try {
        pattern = globOfFolder(folder);
      } catch (error) {
        assert.ok(error instanceof InputError);
        return;
      }
      assert.ok(pathMatcher([pattern])(`${folder}/deep/er.md`));
      if (other !== folder) assert.ok(!pathMatcher([pattern])(`${other}/deep/er.md`), `${pattern} ${other}`);
      assert.ok(!pathMatcher([pattern])(`above/${folder}/x.md`));
    }),
    { numRuns: 3000 },
  );
  assert.equal(globOfFolder('docs/a [1]'), 'docs/a [[]1]/**');
  assert.throws(() => globOfFolder('{a,b}'), InputError);
});

test('folders below that keep their label are exceptions to a pattern, those that lost it are not', () => {
  const patterns = ['docs/exams/**', 'docs/a [[]1]/*.md', 'docs/*.md', 'docs2/x/**', 'exams/'].map(glob);
  const first = setLabel([], patterns, 'held-out').entries;
  const globsOf = (entries: readonly LabelEntry[]) =>
    exceptionsTo(entries, 'docs/**').map((entry) => entry.glob);
  assert.deepEqual(globsOf(setLabel(first, [glob('docs/**')], 'in-domain').entries), [
    'docs/exams/**',
    'docs/a [[]1]/*.md',
  ]);
  const inDomain = setLabel([], patterns, 'in-domain').entries;
  assert.deepEqual(globsOf(setLabel(inDomain, [glob('docs/**')], 'held-out').entries), []);
});

test('files and passages with labels of their own are exceptions to a pattern', () => {
  const entries = setLabel(
    [],
    [file('docs/a.md'), file('b.md'), passage('docs/c.md', 0, 3)],
    'generic',
  ).entries;
  assert.equal(exceptionsTo(entries, 'docs/**').length, 2);
});
