/** Where the index keeps within bounds it says so. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QuoteFinder } from '../../../src/corpus/similarity/quotes.ts';
import { QuotesFollowed } from '../../../src/corpus/watching/quotes-followed.ts';
import { TextTable } from '../../../src/corpus/watching/texts.ts';
import { indexWarnings } from '../../../src/indexer/index-warnings.ts';

const labels = { file: '/w/.parlance/labels.json', problem: undefined };
const words = (from: number) => Array.from({ length: 80 }, (_, i) => `word${from + i}`).join(' ');

function warningsOf(texts: TextTable, quotes = new QuotesFollowed(texts)) {
  return indexWarnings({ labels, lostLabels: [], rescanSeconds: undefined, texts, quotes });
}

test('texts that are not compared for near-duplicates are told, until they are gone', () => {
  const texts = new TextTable(2);
  const rows = [0, 100, 200].map((from) => texts.add(`${from}`, Buffer.from(words(from))));
  const [warning, ...others] = warningsOf(texts);
  assert.deepEqual(others, []);
  assert.equal(warning.kind, 'duplicates');
  assert.match(warning.message, /among 2 of 3 texts only/);
  texts.release(rows[2]);
  assert.deepEqual(warningsOf(texts), []);
});

test('held-out texts beyond the limit are told', () => {
  const texts = new TextTable();
  const quotes = new QuotesFollowed(texts, new QuoteFinder(100));
  for (const from of [0, 100]) quotes.take(`${from}`, Buffer.from(words(from)), true);
  const [warning] = warningsOf(texts, quotes);
  assert.equal(warning.kind, 'contamination');
  assert.match(warning.message, /^1 held-out text is not looked for/);
});

test('an entry of the labels that names nothing is told with what follows of it', () => {
  const texts = new TextTable();
  const lost = (label: 'held-out' | 'in-domain') => ({
    entry: { path: 'a.md', label },
    kind: 'file' as const,
    name: 'a.md',
    reason: 'there is no such file',
    likely: ['b/a.md'],
  });
  const [protecting, other] = indexWarnings({
    labels,
    lostLabels: [lost('held-out'), lost('in-domain')],
    rescanSeconds: undefined,
    texts,
    quotes: new QuotesFollowed(texts),
  });
  assert.equal(protecting.kind, 'lost label');
  assert.match(protecting.message, /held-out a\.md: there is no such file; perhaps it is b\/a\.md now/);
  assert.match(protecting.hint, /a run is refused/);
  assert.deepEqual(protecting.entry, {
    text: '{"path":"a.md","label":"held-out"}',
    protects: true,
    renames: [{ from: 'a.md', to: 'b/a.md' }],
  });
  assert.equal(other.entry?.protects, false);
  assert.doesNotMatch(other.hint, /refused/);
});
