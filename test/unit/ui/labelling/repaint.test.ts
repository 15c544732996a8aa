/** The work of labelling one more passage of a large text with many, up to the ranges that are painted. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labelOneMore, longText, manyPassages, openedText } from '../../../support/labelled-text.ts';

test('one more passage among 500 in a text of 1 MB is the only one that is looked for', () => {
  const text = longText();
  assert.ok(text.length > 950_000);
  const entries = manyPassages(text);
  const tracker = openedText(text, entries);
  const before = new Set(tracker.passages);
  assert.ok(tracker.passages.every(({ span }) => span !== undefined));
  labelOneMore(text, entries, tracker);
  assert.equal(tracker.passages.length, 501);
  assert.equal(tracker.passages.filter((passage) => !before.has(passage)).length, 1);
});
