import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { EvaluationBatches } from '../../../../src/corpus/windows/evaluation-batches.ts';
import { selectDocuments, WindowSet } from '../../../../src/corpus/windows/windows.ts';
import { byteTokens, END_OF_TEXT, makeStore, trainDocuments } from '../made-documents.ts';

test('the targets of weight one are all tokens of all documents, each once, and nothing else', async (t) => {
  const texts = fc.array(fc.string({ unit: 'binary', maxLength: 30 }), { minLength: 1, maxLength: 12 });
  const sizes = fc.integer({ min: 1, max: 9 });
  await fc.assert(
    fc.asyncProperty(texts, sizes, sizes, async (made, context, rows) => {
      const store = await makeStore(t, trainDocuments(made));
      const selection = selectDocuments(store, 'train');
      const batches = new EvaluationBatches(new WindowSet(store, selection, context), rows);
      const targets: number[] = [];
      const inputs: number[] = [];
      let count = 0;
      for (const batch of batches) {
        count++;
        assert.equal(batch.targets.length, rows * context);
        const real = (values: Int32Array) => values.filter((_, i) => batch.weights[i] === 1);
        assert.equal(
          batch.tokens,
          batch.weights.reduce((a, b) => a + b, 0),
        );
        targets.push(...real(batch.targets));
        inputs.push(...real(batch.inputs));
      }
      const expected = Array.from(selection.documents, (d) => byteTokens(made[d])).flat();
      assert.deepEqual(targets, expected);
      assert.deepEqual(inputs, [END_OF_TEXT, ...expected.slice(0, -1)]);
      assert.equal(batches.tokens, expected.length);
      assert.equal(batches.bytes, Buffer.byteLength(made.join('')));
      assert.equal(batches.count, count);
    }),
    { numRuns: 30 },
  );
});

test('no row holds tokens of two documents', async (t) => {
  const store = await makeStore(t, trainDocuments(['ab', 'cd', 'ef']));
  const windows = new WindowSet(store, selectDocuments(store, 'train'), 8);
  const [batch] = new EvaluationBatches(windows, 4);
  for (let row = 0; row < 4; row++) {
    const weights = batch.weights.subarray(row * 8, row * 8 + 8);
    assert.deepEqual([...weights], row < 3 ? [1, 1, 1, 0, 0, 0, 0, 0] : Array(8).fill(0));
  }
});

test('a maximum of tokens gives the same whole documents each time, with their bytes', async (t) => {
  const made = Array.from({ length: 100 }, (_, i) => `document number ${i}`);
  const store = await makeStore(t, trainDocuments(made));
  const windows = new WindowSet(store, selectDocuments(store, 'train'), 8);
  const once = new EvaluationBatches(windows, 4, 300);
  assert.ok(once.tokens <= 300 && once.tokens > 200);
  const documents = new Set(Array.from({ length: once.windows.count }, (_, i) => once.windows.document(i)));
  assert.equal(once.bytes, once.tokens - documents.size);
  assert.deepEqual([...once], [...new EvaluationBatches(windows, 4, 300)]);
});
