/** Near-copies: revised ones and texts inside others are found, texts that have only boilerplate in common are not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { groupNearCopies } from '../../../../src/corpus/similarity/near-duplicates.ts';
import { sketchText } from '../../../../src/corpus/similarity/sketch.ts';
import { Sketches } from '../../../../src/corpus/similarity/sketches.ts';
import { prose, revised } from '../made-text.ts';

/** Groups of two or more, as lists of places; texts at `heldout` are held out by a label. */
async function search(texts: readonly string[], heldout: readonly number[] = []) {
  const sketches = new Sketches();
  for (const [i, text] of texts.entries()) sketches.set(i, sketchText(Buffer.from(text)));
  const set = { sketches, rows: Uint32Array.from(texts.keys()) };
  const isHeldout = Uint8Array.from(texts, (_, i) => Number(heldout.includes(i)));
  const found = await groupNearCopies(
    set,
    isHeldout,
    () => {},
    () => {},
  );
  const members = new Map<number, number[]>();
  for (const place of texts.keys()) {
    const root = found.groups.rootOf(place);
    members.set(root, [...(members.get(root) ?? []), place]);
  }
  return { ...found, groups: [...members.values()].filter(({ length }) => length > 1) };
}

const range = (count: number) => Array.from({ length: count }, (_, i) => i);

test('of 60 pairs with 4 % of the words changed 58 or more are found, and nothing else', async () => {
  for (const words of [120, 180, 900]) {
    const originals = range(300).map((i) => prose(i, words));
    const copies = range(60).map((i) => revised(originals[i], 0.04, 1000 + i));
    const { groups } = await search([...originals, ...copies]);
    const isPair = (group: number[]) => group.length === 2 && group[1] - group[0] === 300;
    assert.ok(groups.filter(isPair).length >= 58, `${groups.length} of 60 at ${words} words`);
    assert.ok(groups.every(isPair), `${words} words`);
  }
});

test('independent texts are never near-copies, however long they are and whatever subject they share', async () => {
  const short = range(400).map((i) => prose(i, 30 + (i % 200)));
  const long = range(12).map((i) => prose(5000 + i, 20_000));
  const { groups } = await search([...short, ...long]);
  assert.deepEqual(groups, []);
});

test('a text inside a longer one is found, revised too', async () => {
  for (const share of [0, 0.04]) {
    const parts = range(30).map((i) => prose(i, 200));
    const around = range(30).map((i) => {
      const part = share === 0 ? parts[i] : revised(parts[i], share, i);
      return `${prose(100 + i, 1500)} ${part} ${prose(200 + i, 1500)}`;
    });
    const others = range(100).map((i) => prose(300 + i, 500));
    const { groups } = await search([...parts, ...others, ...around]);
    const found = groups.filter((group) => group.length === 2 && group[1] - group[0] === 130).length;
    assert.ok(found >= 28, `${found} of 30 with ${share} changed`);
    assert.equal(groups.length, found);
  }
});

test('a common header, a footer or a template makes no copies of texts that differ otherwise', async () => {
  for (const count of [12, 60, 400]) {
    const licence = prose(9001, 160);
    const footer = prose(9002, 60);
    // A third to nearly half of these texts is the same.
    const files = range(count).map((i) => `${licence}\n${prose(i, 250 + (i % 150))}\n${footer}`);
    const { groups } = await search([...files, ...range(20).map((i) => prose(7000 + i, 200))]);
    assert.deepEqual(groups, [], `${count} files`);
  }
});

test('the licence itself and files that hold all of it are no copies of one another', async () => {
  const licence = prose(9001, 160);
  const files = range(40).map((i) => `${licence}\n${prose(i, 300)}`);
  const { groups } = await search([licence, ...files, ...range(40).map((i) => prose(7000 + i, 200))]);
  assert.deepEqual(groups, []);
});

test('many revisions of one text are one group, and two copies among files with a common header are one too', async () => {
  const base = prose(1, 400);
  const revisions = range(100).map((i) => revised(base, 0.04, i));
  const licence = prose(9001, 160);
  const files = range(100).map((i) => `${licence}\n${prose(50 + i, 200)}`);
  const copy = `${licence}\n${revised(prose(50, 200), 0.04, 77)}`;
  const { groups } = await search([...revisions, ...files, copy]);
  const [large, pair] = groups.sort((a, b) => b.length - a.length);
  assert.ok(large.length >= 90 && large.every((place) => place < 100), `${large.length} of 100`);
  assert.deepEqual(pair, [100, 200]);
  assert.equal(groups.length, 2);
});

test('what resembles a held-out text is its twin, however many do, and links no group through it', async () => {
  const base = prose(1, 300);
  const copies = range(200).map((i) => revised(base, 0.02, i));
  const { twins, groups } = await search([base, ...copies, prose(2, 300)], [0]);
  assert.ok(twins.subarray(1, 201).filter((twin) => twin === 0).length >= 198);
  assert.equal(twins[201], -1);
  assert.ok(groups.every((group) => !group.includes(0)));
});

test('one pair of texts more does not change the groups of the others', async () => {
  const texts = range(100).map((i) => prose(i, 150));
  const copies = range(20).map((i) => revised(texts[i], 0.04, i));
  const before = await search([...texts, ...copies]);
  const after = await search([...texts, ...copies, prose(999, 150), revised(prose(999, 150), 0.04, 5)]);
  assert.deepEqual(after.groups.slice(0, before.groups.length), before.groups);
});
