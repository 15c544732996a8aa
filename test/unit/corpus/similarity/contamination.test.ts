/** Held-out and validation text of a domain inside the generic corpus: whole or in part, and never for a common footer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findContamination } from '../../../../src/corpus/similarity/contamination.ts';
import { prose, revised } from '../made-text.ts';
import { indexFolder, makeFolder } from '../temporary-corpus.ts';

const { signal } = new AbortController();
const range = (count: number) => Array.from({ length: count }, (_, i) => i);

test('held-out and validation documents are found in a generic corpus whole, revised, inside others and in part', async (t) => {
  const held = range(8).map((i) => prose(i, 300));
  const folder = await makeFolder(t, {
    ...Object.fromEntries(held.map((text, i) => [`held/${i}.txt`, text])),
    ...Object.fromEntries(range(40).map((i) => [`own/${i}.txt`, prose(100 + i, 300)])),
  });
  const sources = [{ path: `${folder}/own` }, { path: `${folder}/held`, label: 'held-out' as const }];
  const domain = await indexFolder(t, folder, { sources });
  const validation = range(domain.count)
    .map((index) => domain.record(index))
    .filter(({ split }) => split === 'validation');
  const [first] = validation;
  const texts = {
    'same.txt': held[0],
    'revised.txt': revised(held[1], 0.04, 1),
    'inside.txt': `${prose(200, 2000)} ${revised(held[2], 0.04, 2)} ${prose(201, 2000)}`,
    'part.txt': `${prose(202, 900)} ${held[3].split(' ').slice(100, 170).join(' ')} ${prose(203, 900)}`,
    'short.txt': `${prose(204, 900)} ${held[4].split(' ').slice(100, 130).join(' ')} ${prose(205, 900)}`,
    'validation.txt': prose(100 + Number.parseInt(first.source, 10), 300),
    ...Object.fromEntries(range(60).map((i) => [`other${i}.txt`, prose(300 + i, 300)])),
  };
  const generic = await indexFolder(t, await makeFolder(t, texts), { role: 'generic' });
  const found = await findContamination(domain, generic, signal);
  const listed = (documents: readonly { readonly source: string; readonly generic: string }[]) =>
    documents.map(({ source, generic: place }) => [source, place]);
  assert.equal(found.heldout.documents, 8);
  assert.deepEqual(listed(found.heldout.whole), [
    ['0.txt', 'same.txt'],
    ['1.txt', 'revised.txt'],
    ['2.txt', 'inside.txt'],
  ]);
  assert.deepEqual(listed(found.heldout.part), [['3.txt', 'part.txt']]);
  assert.equal(domain.record(found.heldout.part[0].index).source, '3.txt');
  assert.equal(found.validation.documents, validation.length);
  assert.deepEqual(listed(found.validation.whole), [[first.source, 'validation.txt']]);
  assert.deepEqual(found.validation.part, []);
});

test('a licence that both corpora have contaminates nothing', async (t) => {
  const licence = prose(9001, 170);
  const own = Object.fromEntries(range(40).map((i) => [`${i}.txt`, `${licence}\n${prose(i, 220)}`]));
  const theirs = Object.fromEntries(range(60).map((i) => [`${i}.txt`, `${licence}\n${prose(500 + i, 300)}`]));
  const domain = await indexFolder(t, await makeFolder(t, own));
  const generic = await indexFolder(t, await makeFolder(t, theirs), { role: 'generic' });
  const { heldout, validation } = await findContamination(domain, generic, signal);
  assert.deepEqual([heldout.whole, heldout.part, validation.whole, validation.part], [[], [], [], []]);
});
