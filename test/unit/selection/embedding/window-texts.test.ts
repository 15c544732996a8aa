import assert from 'node:assert/strict';
import { test } from 'node:test';
import { selectDocuments, WindowSet } from '../../../../src/corpus/windows/windows.ts';
import { windowTexts } from '../../../../src/selection/embedding/window-texts.ts';
import { trainTokenizer } from '../../../../src/tokenizer/train.ts';
import { makeStore, trainDocuments } from '../../corpus/made-documents.ts';

const text = 'the owl and the pussycat went to sea in a beautiful pea-green boat '.repeat(40);

test('timers have their turn before each batch of the texts of all windows', async (t) => {
  const store = await makeStore(t, trainDocuments([text]));
  async function* texts() {
    yield text;
  }
  const tokenizer = await trainTokenizer(texts(), { vocabularySize: 257 });
  const windows = new WindowSet(store, selectDocuments(store, 'train'), 4);
  let read = 0;
  let turns = 0;
  let batches = 0;
  for await (const batch of windowTexts(windows, tokenizer)) {
    assert.equal(turns, batches++);
    setImmediate(() => turns++);
    read += batch.length;
  }
  assert.ok(batches > 1);
  assert.equal(read, windows.count);
});
