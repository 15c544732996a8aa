import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LabelEntry } from '../../../../src/corpus/labels/labels.ts';
import type { IndexedFile } from '../../../../src/indexer/workspace-index.ts';
import { changedPaths, LabelIndex } from '../../../../src/ui/labelling/store/label-index.ts';
import {
  fileBadge,
  fileLensTitle,
  lostText,
  passageHover,
  passageLensTitle,
  passageTokens,
} from '../../../../src/ui/labelling/words.ts';

const t = (message: string, ...values: (string | number)[]) =>
  message.replaceAll(/\{(\d)\}/g, (_, at: string) => String(values[Number(at)]));

const anchor = { quote: 'The secret.', prefix: '', suffix: '', offset: 3 };
const passage: LabelEntry = { path: 'a.md', label: 'held-out', passage: anchor };
const glob: LabelEntry = { glob: 'docs/**', label: 'in-domain', domain: 'law' };
const indexed: IndexedFile = {
  path: '/w/a.md',
  bytes: 4000,
  size: { tokens: 12345, source: 'counted' },
  label: 'in-domain',
  labelled: false,
  passages: 0,
};

test('the lens of a file says its label, by which entry, and how much text', () => {
  assert.equal(
    fileLensTitle([glob], { law: indexed }, t),
    'in-domain for law by the pattern docs/** · 12,345 tokens',
  );
  assert.equal(
    fileLensTitle([], { law: { ...indexed, size: { tokens: 12345, source: 'estimated' } } }, t),
    'in-domain in law by the experiment file · about 12,000 tokens',
  );
  assert.equal(fileLensTitle([], {}, t), 'no label');
});

test('tokens of a passage are estimated from those of the file and said to be', () => {
  const size = passageTokens(400, { bytes: 4000, size: { tokens: 2000, source: 'counted' } });
  assert.deepEqual(size, { tokens: 200, source: 'estimated' });
  assert.equal(passageLensTitle(passage, size, t), 'held-out passage · about 200 tokens');
  const ofLaw = passageLensTitle({ ...passage, domain: 'law' }, size, t);
  assert.equal(ofLaw, 'held-out passage for law · about 200 tokens');
  assert.equal(passageTokens(400, undefined).tokens, 100);
});

test('the hover says label, tokens, split, who said so, and where the text leaks', () => {
  const lines = passageHover(
    {
      entry: passage,
      size: { tokens: 3, source: 'estimated' },
      explicitHeldout: true,
      heldBy: { path: 'a.md', label: 'excluded', passage: anchor },
      alsoIn: ['b.md'],
      warnings: ['2 files contain held-out text.'],
    },
    t,
  );
  assert.deepEqual(lines, [
    'held-out passage · about 3 tokens (estimated)',
    'Only measured on, never trained on.',
    'Said by its entry in .parlance/labels.json.',
    'A passage that overlaps this one is excluded; where they overlap, that holds.',
    '⚠ The same text stands outside held-out text in b.md.',
    '⚠ 2 files contain held-out text.',
  ]);
});

test('badges tell files from passages', () => {
  assert.equal(fileBadge([], [], t), undefined);
  assert.deepEqual(fileBadge([glob], [passage], t), {
    letter: 'I+',
    tooltip: 'in-domain for law by the pattern docs/**, 1 labelled passage',
    label: 'in-domain',
  });
  assert.equal(fileBadge([], [passage, passage], t)?.letter, 'h');
});

test('a lost passage is named by its text, with the reason and what holds now', () => {
  assert.match(
    lostText(passage, 'edited', t),
    /held-out passage “The secret\.” is lost: its text is no longer/,
  );
});

test('a file’s own entry hides patterns, and of patterns the last holds', () => {
  const later: LabelEntry = { glob: '*.md', label: 'generic' };
  const own: LabelEntry = { path: 'docs/a.md', label: 'excluded' };
  const index = new LabelIndex([glob, later, own, passage]);
  assert.deepEqual(index.holding('docs/a.md'), [own]);
  assert.deepEqual(index.holding('docs/b.md'), [later]);
  assert.deepEqual(index.holding('docs/b.txt'), [glob]);
  assert.deepEqual(index.holding('b.txt'), []);
  assert.ok(index.names('a.md') && !index.names('b.txt'));
});

test('the editor shows what a run takes: of equal entries the stronger, and the pattern of each domain', () => {
  const twice: LabelEntry[] = [
    { path: 'a.md', label: 'held-out' },
    { path: 'a.md', label: 'in-domain' },
    { glob: 'docs/**', label: 'held-out', domain: 'law' },
    { glob: 'docs/**', label: 'held-out', domain: 'med' },
  ];
  const index = new LabelIndex(twice);
  assert.deepEqual(index.holding('a.md'), [twice[0]]);
  assert.deepEqual(index.holding('docs/b.md'), [twice[2], twice[3]]);
});

test('only files whose entries changed are named as changed; a pattern may change any', () => {
  const own: LabelEntry = { path: 'b.md', label: 'excluded' };
  assert.deepEqual(changedPaths([passage, own], [passage]), new Set(['b.md']));
  assert.deepEqual(changedPaths([own], [{ ...own, label: 'generic' }, passage]), new Set(['b.md', 'a.md']));
  assert.equal(changedPaths([passage], [passage, glob]), undefined);
});
