import assert from 'node:assert/strict';
import { test } from 'node:test';
import { followRenames, type Rename } from '../../../../src/corpus/labels/label-renames.ts';
import { formatLabels, type LabelEntry, parseLabels } from '../../../../src/corpus/labels/labels.ts';
import { anchorPassage } from '../../../../src/corpus/labels/passages.ts';

const passage = anchorPassage('one two three', 4, 7);
const after = (entries: readonly LabelEntry[], ...renames: Rename[]): readonly LabelEntry[] => {
  const renamed = followRenames(entries, renames);
  const text = formatLabels(renamed);
  assert.equal(formatLabels(parseLabels(text, 'labels.json')), text);
  return renamed;
};

test('the entries of a file and of its passages go with it, those of others stay', () => {
  const entries: LabelEntry[] = [
    { path: 'docs/exam.md', label: 'held-out', domain: 'law' },
    { path: 'docs/exam.md', label: 'generic', passage },
    { path: 'docs/exam.md.bak', label: 'excluded' },
  ];
  assert.deepEqual(after(entries, { from: 'docs/exam.md', to: 'tests/exam 1.md' }), [
    { path: 'tests/exam 1.md', label: 'held-out', domain: 'law' },
    { path: 'tests/exam 1.md', label: 'generic', passage },
    { path: 'docs/exam.md.bak', label: 'excluded' },
  ]);
});

test('what was said of an overwritten file is not said of the one that took its place', () => {
  const entries: LabelEntry[] = [
    { path: 'a.md', label: 'held-out' },
    { path: 'b.md', label: 'generic' },
  ];
  assert.deepEqual(after(entries, { from: 'a.md', to: 'b.md' }), [{ path: 'b.md', label: 'held-out' }]);
});

test('a folder takes its patterns and the entries below it along, in their order', () => {
  const entries: LabelEntry[] = [
    { glob: '**/*.md', label: 'in-domain' },
    { glob: 'exam/**', label: 'held-out' },
    { glob: 'exam/old/*.md', label: 'excluded' },
    { glob: 'exam', label: 'generic' },
    { glob: 'exams/**', label: 'generic' },
    { path: 'exam/one.md', label: 'in-domain' },
  ];
  assert.deepEqual(after(entries, { from: 'exam', to: 'final [1]', files: ['one.md', 'two.md'] }), [
    { glob: '**/*.md', label: 'in-domain' },
    { glob: 'final [[]1]/**', label: 'held-out' },
    { glob: 'final [[]1]/old/*.md', label: 'excluded' },
    { glob: 'exam', label: 'generic' },
    { glob: 'exams/**', label: 'generic' },
    { path: 'final [1]/one.md', label: 'in-domain' },
  ]);
});

test('text that a pattern held out stays held out where nothing or a weaker label speaks of it', () => {
  const entries: LabelEntry[] = [
    { glob: 'notes/**', label: 'in-domain' },
    { glob: 'held/**', label: 'held-out', domain: 'law' },
  ];
  for (const to of ['elsewhere/a.md', 'notes/a.md']) {
    assert.deepEqual(after(entries, { from: 'held/a.md', to }).at(-1), {
      path: to,
      label: 'held-out',
      domain: 'law',
    });
  }
});

test('a file that is moved into a labelled folder takes the label of the folder', () => {
  const entries: LabelEntry[] = [
    { glob: 'notes/**', label: 'in-domain' },
    { glob: 'held/**', label: 'held-out' },
  ];
  assert.deepEqual(after(entries, { from: 'notes/a.md', to: 'held/a.md' }), entries);
  assert.deepEqual(after(entries, { from: 'unlabelled.md', to: 'notes/a.md' }), entries);
});

test('a folder below a pattern keeps its label by one pattern, or by files where only some had it', () => {
  const whole: LabelEntry[] = [{ glob: 'held/**', label: 'held-out' }];
  const rename = { from: 'held/law', to: 'law', files: ['a.md', 'deep/b.md'] };
  assert.deepEqual(after(whole, rename), [...whole, { glob: 'law/**', label: 'held-out' }]);
  const some: LabelEntry[] = [{ glob: 'held/**/*.md', label: 'excluded' }];
  assert.deepEqual(after(some, { ...rename, files: ['a.md', 'b.txt'] }), [
    ...some,
    { path: 'law/a.md', label: 'excluded' },
  ]);
});

test('what patterns held out for several domains stays held out for each of them', () => {
  const entries = (['law', 'med'] as const).map(
    (domain): LabelEntry => ({ glob: 'held/**', label: 'held-out', domain }),
  );
  const [law, med] = entries;
  assert.deepEqual(after(entries, { from: 'held/a.md', to: 'a.md' }), [
    ...entries,
    { path: 'a.md', label: 'held-out', domain: 'law' },
    { path: 'a.md', label: 'held-out', domain: 'med' },
  ]);
  assert.deepEqual(after(entries, { from: 'held/in', to: 'in', files: ['a.md', 'b.md'] }), [
    ...entries,
    { ...law, glob: 'in/**' },
    { ...med, glob: 'in/**' },
  ]);
});

test('a name that is given and taken back leaves the labels as they were', () => {
  const entries: LabelEntry[] = [
    { glob: 'exam/**', label: 'held-out' },
    { path: 'exam/a.md', label: 'excluded' },
    { path: 'exam/a.md', label: 'in-domain', passage },
  ];
  const files = ['a.md', 'b.md'];
  const there = after(entries, { from: 'exam', to: 'test', files });
  assert.deepEqual(after(there, { from: 'test', to: 'exam', files }), entries);
});
