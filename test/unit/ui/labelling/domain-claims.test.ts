import assert from 'node:assert/strict';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { domainsClaiming } from '../../../../src/ui/labelling/domain-claims.ts';

const root = resolve('/w');
const domains = [
  { name: 'law', sources: [{ path: join(root, 'law') }, { path: join(root, 'shared.txt') }] },
  {
    name: 'mail',
    sources: [
      { path: join(root, 'mail'), exclude: ['old/'] },
      { path: join(root, 'both'), include: ['*.txt'] },
    ],
  },
  {
    name: 'code',
    sources: [{ path: join(root, 'both'), include: ['*.ts'] }, { path: join(root, 'mail', 'x') }],
  },
];
const file = (...paths: readonly string[]) =>
  domainsClaiming(
    domains,
    root,
    paths.map((path) => ({ kind: 'file', path })),
  );
const glob = (pattern: string) => domainsClaiming(domains, root, [{ kind: 'glob', glob: pattern }]);

test('a file belongs to the domains whose sources hold it, by folder, by name and by pattern', () => {
  assert.deepEqual(file('law/a.txt'), ['law']);
  assert.deepEqual(file('shared.txt'), ['law']);
  assert.deepEqual(file('both/a.txt'), ['mail']);
  assert.deepEqual(file('both/a.ts'), ['code']);
  assert.deepEqual(file('mail/x/a.txt'), ['mail', 'code']);
  assert.deepEqual(file('mail/old/a.txt'), []);
  assert.deepEqual(file('lawyers/a.txt'), []);
});

test('of several files every domain counts that reads one of them', () => {
  assert.deepEqual(file('law/a.txt', 'both/a.ts'), ['law', 'code']);
});

test('a passage belongs to the domains of its file', () => {
  const anchor = { quote: 'text', prefix: '', suffix: '', offset: 0 };
  const passage = { kind: 'passage', path: 'law/a.txt', anchor, sameAs: [] } as const;
  assert.deepEqual(domainsClaiming(domains, root, [passage]), ['law']);
});

test('a pattern belongs to the domains that may hold what it matches', () => {
  assert.deepEqual(glob('law/**'), ['law']);
  assert.deepEqual(glob('law/old/*.md'), ['law']);
  assert.deepEqual(glob('mail/x/**'), ['mail', 'code']);
  assert.deepEqual(glob('mail/old/**'), []);
  assert.deepEqual(glob('**/*.md'), ['law', 'mail', 'code']);
  assert.deepEqual(glob('*.md'), ['law', 'mail', 'code']);
});
