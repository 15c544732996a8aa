/** No text stands in two splits: near-copies stay together, and what repeats held-out or validation text is taken out. */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { InputError } from '../../../../src/common/errors.ts';
import { anchorPassage } from '../../../../src/corpus/labels/passages.ts';
import { prose, revised } from '../made-text.ts';
import { allTexts, indexFolder, labelsText, makeFolder } from '../temporary-corpus.ts';

const range = (count: number) => Array.from({ length: count }, (_, i) => i);
const split = { validation: 0.2, heldout: 0.2 };

/** The split of each file by its path. */
async function splitsOf(store: Parameters<typeof allTexts>[0]): Promise<ReadonlyMap<string, string>> {
  return new Map((await allTexts(store)).map(({ record }) => [record.source, record.split]));
}

test('near-copies are in one split, drawn as often for each split as single documents are', async (t) => {
  const files: Record<string, string> = {};
  for (const i of range(100)) {
    files[`a${i}.txt`] = prose(i, 150);
    files[`b${i}.txt`] = revised(prose(i, 150), 0.04, i);
    files[`c${i}.txt`] = prose(1000 + i, 150);
  }
  const store = await indexFolder(t, await makeFolder(t, files), { split });
  const splits = await splitsOf(store);
  const apart = range(100).filter((i) => {
    const [original, copy] = [splits.get(`a${i}.txt`), splits.get(`b${i}.txt`)];
    return original !== undefined && copy !== undefined && original !== copy;
  });
  assert.deepEqual(apart, []);
  const { nearDuplicates } = store.report;
  assert.ok(nearDuplicates.copies >= 97, `${nearDuplicates.copies}`);
  assert.ok(nearDuplicates.acrossSplits.trainHeldout > 0);
  for (const [name, letter] of Object.entries({ grouped: 'a', single: 'c' })) {
    const heldout = range(100).filter((i) => splits.get(`${letter}${i}.txt`) === 'heldout').length;
    assert.ok(heldout >= 10 && heldout <= 32, `${name}: ${heldout} of 100 held out`);
  }
});

test('a copy that is added moves no other document to another split', async (t) => {
  const folder = await makeFolder(t, Object.fromEntries(range(80).map((i) => [`${i}.txt`, prose(i, 150)])));
  const before = await splitsOf(await indexFolder(t, folder, { split }));
  for (const i of range(10)) await writeFile(join(folder, `copy${i}.txt`), revised(prose(i, 150), 0.04, i));
  const after = await splitsOf(await indexFolder(t, folder, { split }));
  const moved = range(80).filter((i) => before.get(`${i}.txt`) !== after.get(`${i}.txt`));
  assert.ok(
    moved.every((i) => i < 10),
    `${moved}`,
  );
  assert.ok(range(10).every((i) => after.get(`${i}.txt`) === after.get(`copy${i}.txt`)));
});

test('revised copies of held-out documents leave training and validation, and are counted with the reason', async (t) => {
  const files: Record<string, string> = {};
  for (const i of range(60)) files[`own/${i}.txt`] = prose(i, 150);
  for (const i of range(20)) {
    files[`held/${i}.txt`] = prose(500 + i, 150);
    files[`own/copy${i}.txt`] = revised(prose(500 + i, 150), 0.04, i);
  }
  const folder = await makeFolder(t, files);
  const sources = [{ path: `${folder}/own` }, { path: `${folder}/held`, label: 'held-out' as const }];
  const store = await indexFolder(t, folder, { sources, split });
  const left = [...(await splitsOf(store)).keys()].filter((source) => source.startsWith('copy'));
  assert.deepEqual(left, []);
  const { removed } = store.report.nearDuplicates;
  assert.equal(removed.documents, 20);
  assert.equal(
    removed.reasons.reduce((sum, { documents }) => sum + documents, 0),
    20,
  );
  assert.equal(removed.reasons[0].reason, 'copy of held-out');
});

test('a held-out passage that stands in a long training file takes it out, a part of it too, a short one not', async (t) => {
  const passage = prose(700, 40);
  const long = prose(701, 400);
  const own = `${prose(1, 300)}\n\n${passage}\n\n${prose(2, 300)}`;
  const folder = await makeFolder(t, {
    'own.md': own,
    'long.md': long,
    'quotes.md': `${prose(3, 3000)}\n${passage.toUpperCase()}\n${prose(4, 3000)}`,
    'part.md': `${prose(5, 900)}\n${long.split(' ').slice(50, 160).join('\n')}\n${prose(6, 900)}`,
    'little.md': `${prose(7, 900)}\n${long.split(' ').slice(200, 260).join('\n')}\n${prose(8, 900)}`,
    ...Object.fromEntries(range(20).map((i) => [`other${i}.md`, prose(100 + i, 300)])),
  });
  const anchor = anchorPassage(own, own.indexOf(passage), own.indexOf(passage) + passage.length);
  const labelsFile = join(folder, '.parlance/labels.json');
  await mkdir(join(folder, '.parlance'));
  await writeFile(
    labelsFile,
    labelsText([
      { path: 'own.md', label: 'held-out', passage: anchor },
      { path: 'long.md', label: 'held-out' },
    ]),
  );
  const store = await indexFolder(t, folder, { labelsFile, split: { validation: 0.1, heldout: 0.1 } });
  assert.deepEqual(
    store.report.nearDuplicates.removed.examples.sort((a, b) => (a.path < b.path ? -1 : 1)),
    [
      { path: 'part.md', other: 'long.md', reason: 'holds held-out in part' },
      { path: 'quotes.md', other: 'own.md', reason: 'holds held-out' },
    ],
  );
  assert.ok((await splitsOf(store)).has('little.md'));
  assert.equal(store.report.nearDuplicates.keptInPart, 1);
});

test('a short document that stands in a long one is not validated on while the long one is trained on', async (t) => {
  const parts = range(60).map((i) => prose(i, 40));
  const files = Object.fromEntries(parts.map((part, i) => [`part${i}.txt`, part]));
  for (const i of range(60))
    files[`long${i}.txt`] = `${prose(200 + i, 2000)} ${parts[i]} ${prose(400 + i, 2000)}`;
  const store = await indexFolder(t, await makeFolder(t, files), { split });
  const splits = await splitsOf(store);
  for (const i of range(60)) {
    const [part, long] = [splits.get(`part${i}.txt`), splits.get(`long${i}.txt`)];
    if (part !== 'train' && part !== undefined)
      assert.ok(long === part || long === undefined, `${i}: ${part}, ${long}`);
  }
  const reasons = store.report.nearDuplicates.removed.reasons.map(({ reason }) => reason);
  assert.ok(reasons.includes('holds validation') && reasons.includes('holds held-out'), `${reasons}`);
});

test('files with a licence in common keep their splits, the file of the licence too', async (t) => {
  const licence = prose(9001, 170);
  for (const count of [9, 60]) {
    const files = Object.fromEntries(range(count).map((i) => [`${i}.txt`, `${licence}\n${prose(i, 260)}`]));
    const store = await indexFolder(t, await makeFolder(t, { ...files, 'LICENSE.txt': licence }), {
      split,
    }).catch((error: unknown) => {
      throw new Error(`${count} files`, { cause: error });
    });
    assert.equal(store.count, count + 1);
    assert.deepEqual(
      [store.report.nearDuplicates.copies, store.report.nearDuplicates.removed.documents],
      [0, 0],
    );
  }
});

test('where all documents repeat one another the message says so', async (t) => {
  const files = Object.fromEntries(range(10).map((i) => [`${i}.txt`, revised(prose(1, 300), 0.02, i)]));
  await assert.rejects(
    indexFolder(t, await makeFolder(t, files), { split }),
    (error) => error instanceof InputError && /nearly all documents repeat one another/.test(error.message),
  );
});
