import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { sha256 } from '../../../../src/common/hash.ts';
import { selectDocuments, spreadDocuments, WindowSet } from '../../../../src/corpus/windows/windows.ts';
import { byteTokenizer, byteTokens, END_OF_TEXT, makeStore, trainDocuments } from '../made-documents.ts';

const texts = fc.array(fc.string({ maxLength: 40 }), { minLength: 1, maxLength: 15 });

test('every token of every document is predicted exactly once, from the one before it', async (t) => {
  await fc.assert(
    fc.asyncProperty(texts, fc.integer({ min: 1, max: 12 }), async (made, context) => {
      const store = await makeStore(t, trainDocuments(made));
      const set = new WindowSet(store, selectDocuments(store, 'train'), context);
      const inputs = made.map((): number[] => []);
      const targets = made.map((): number[] => []);
      for (let i = 0; i < set.count; i++) {
        const input = new Int32Array(context + 1).fill(-1);
        const target = new Int32Array(context + 1).fill(-1);
        const length = set.read(i, input, target, 1);
        assert.ok(length >= 1 && length <= context);
        assert.equal(set.length(i), length);
        assert.equal(input[0], -1);
        inputs[set.document(i)].push(...input.subarray(1, 1 + length));
        targets[set.document(i)].push(...target.subarray(1, 1 + length));
      }
      assert.deepEqual(targets, made.map(byteTokens));
      assert.deepEqual(
        inputs,
        made.map((text) => [END_OF_TEXT, ...byteTokens(text).slice(0, -1)]),
      );
      assert.equal(set.tokens, targets.flat().length);
    }),
    { numRuns: 30 },
  );
});

test('the first input of a document is what the tokenizer sets before a text', async (t) => {
  const tokenizer = { ...byteTokenizer, vocabularySize: 258, beginOfText: 257 };
  const store = await makeStore(t, trainDocuments(['ab', 'c']), { tokenizer });
  const set = new WindowSet(store, selectDocuments(store, 'train'), 2);
  const firsts = Array.from({ length: set.count }, (_, window) => {
    const inputs = new Int32Array(2);
    set.read(window, inputs, new Int32Array(2), 0);
    return inputs[0];
  });
  assert.deepEqual(firsts.sort(), ['b'.charCodeAt(0), 257, 257].sort());
  assert.deepEqual([...store.tokens(0)], byteTokens('ab'));
});

test('a selection is in the order of the content ids, whatever the order of the documents', async (t) => {
  const made = ['pear', 'apple', 'fig', 'quince', 'plum'];
  const inOrder = [...made].sort((a, b) => (sha256(a) < sha256(b) ? -1 : 1));
  for (const order of [made, [...made].reverse()]) {
    const store = await makeStore(t, trainDocuments(order));
    const { documents } = selectDocuments(store, 'train');
    assert.deepEqual(
      Array.from(documents, (d) => order[d]),
      inOrder,
    );
  }
});

test('a selection holds documents of its split only, without the excluded ones', async (t) => {
  const store = await makeStore(t, [
    { text: 'held out', split: 'heldout' },
    { text: 'one', split: 'train' },
    { text: 'two', split: 'train' },
    { text: 'stop by', split: 'validation' },
  ]);
  assert.deepEqual([...selectDocuments(store, 'train').documents].sort(), [1, 2]);
  assert.deepEqual([...selectDocuments(store, 'train', { excluding: new Set([1]) }).documents], [2]);
  assert.deepEqual([...selectDocuments(store, 'heldout').documents], [0]);
});

test('the bytes of a selection are those of its text', async (t) => {
  const store = await makeStore(t, trainDocuments(['Größe', 'owl']));
  assert.equal(selectDocuments(store, 'train').bytes, 10);
});

test('spreading picks documents within the maximum, from one at least to all, whole up to an eighth of it', async (t) => {
  const made = Array.from({ length: 200 }, (_, i) => `document ${i} ${'x'.repeat((i * 37) % 90)}`);
  const store = await makeStore(t, trainDocuments(made));
  const all = selectDocuments(store, 'train');
  for (const maximum of [1, 500, 1000, 5000, all.tokens - 1]) {
    const spread = spreadDocuments(store, all, maximum);
    assert.ok(spread.documents.length >= 1);
    assert.equal(new Set(spread.documents).size, spread.documents.length);
    assert.deepEqual(
      spread.lengths,
      spread.documents.map((d) => Math.min(store.index.lengths[d], Math.max(1, Math.floor(maximum / 8)))),
    );
    if (maximum > 100) assert.ok(spread.tokens <= maximum && spread.tokens > maximum * 0.7);
    assert.deepEqual(spreadDocuments(store, all, maximum), spread);
  }
  assert.equal(spreadDocuments(store, all, all.tokens), all);
});

test('spreading over a few long documents takes the beginning of each, not one of them whole', async (t) => {
  const store = await makeStore(t, trainDocuments(['a', 'b', 'c'].map((letter) => letter.repeat(1000))));
  const spread = spreadDocuments(store, selectDocuments(store, 'train'), 400);
  assert.deepEqual([...spread.lengths], [133, 133, 133]);
  assert.equal(spread.bytes, undefined);
});

test('a window that does not exist is refused', async (t) => {
  const store = await makeStore(t, trainDocuments(['owl']));
  const set = new WindowSet(store, selectDocuments(store, 'train'), 8);
  assert.equal(set.count, 1);
  for (const window of [-1, 1, Number.NaN]) {
    assert.throws(() => set.read(window, new Int32Array(8), new Int32Array(8), 0), RangeError);
  }
});
