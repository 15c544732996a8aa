/** Windows of texts in memory against those of a token store of the same texts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TextWindows } from '../../../../src/corpus/windows/text-windows.ts';
import { selectDocuments, WindowSet, type WindowSource } from '../../../../src/corpus/windows/windows.ts';
import { END_OF_TEXT, makeStore } from '../made-documents.ts';

/** Around every edge: shorter than a window, just one with its end, one more, two, many. */
const texts = ['', 'a', 'abc', 'abcd', 'abcde', 'abcdefg', 'abcdefgh', 'the quick brown fox'];
const context = 4;

function contents(windows: WindowSource): string[] {
  return Array.from({ length: windows.count }, (_, window) => {
    const [inputs, targets] = [new Int32Array(context + 1), new Int32Array(context + 1)];
    const length = windows.read(window, inputs, targets, 1);
    assert.equal(length, windows.length(window));
    return JSON.stringify([[...inputs.slice(1, length + 1)], [...targets.slice(1, length + 1)]]);
  });
}

test('texts in memory are cut into the same windows as those of a token store', async (t) => {
  const store = await makeStore(
    t,
    texts.map((text) => ({ text, split: 'heldout' as const })),
  );
  const stored = new WindowSet(store, selectDocuments(store, 'heldout'), context);
  const encoded = texts.map((text) => ({
    ids: Uint32Array.from(Buffer.from(text)),
    bytes: Buffer.byteLength(text),
  }));
  const windows = new TextWindows(encoded, { context, beginOfText: END_OF_TEXT, endOfText: END_OF_TEXT });
  assert.deepEqual(contents(windows).sort(), contents(stored).sort());
  assert.deepEqual(
    [windows.count, windows.tokens, windows.bytes],
    [stored.count, stored.tokens, stored.bytes],
  );
  const owners = Array.from({ length: windows.count }, (_, window) => windows.document(window));
  assert.deepEqual(owners, [0, 1, 2, 3, 3, 4, 4, 5, 5, 6, 6, 6, 7, 7, 7, 7, 7]);
  assert.throws(() => windows.length(windows.count), RangeError);
});

test('a text begins with what its model begins texts with', () => {
  const windows = new TextWindows([{ ids: Uint32Array.of(7), bytes: 1 }], {
    context,
    beginOfText: 1,
    endOfText: 2,
  });
  assert.deepEqual(contents(windows), ['[[1,7],[7,2]]']);
});
