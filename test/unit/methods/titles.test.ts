import assert from 'node:assert/strict';
import { test } from 'node:test';
import { methods } from '../../../src/methods/registry.ts';
import { isFromScratch, METHOD_TITLES, methodInWords, methodTitle } from '../../../src/methods/titles.ts';

test('every method is named in words, in one place', () => {
  assert.deepEqual(
    methods.map(({ id, title }) => [id, title]).sort(),
    Object.entries(METHOD_TITLES)
      .map(([id, title]) => [id, title])
      .sort(),
  );
});

test('titles differ and fit a row of a table', () => {
  const titles = Object.values(METHOD_TITLES);
  assert.equal(new Set(titles).size, titles.length);
  for (const title of titles) assert.match(title, /^[A-Z].{5,44}$/);
});

test('from scratch is said of the methods that begin with no model', () => {
  for (const { id, pretrained } of methods) assert.equal(isFromScratch(id), pretrained === undefined, id);
});

test('words stand before the id; the words of now before those of an older result', () => {
  assert.equal(methodInWords('slm-is'), 'Pretrained on look-alike text (slm-is)');
  assert.equal(
    methodInWords('slm-is', 'small, importance-sampled'),
    'Pretrained on look-alike text (slm-is)',
  );
  assert.equal(methodTitle('slm-next', 'A later method'), 'A later method');
  assert.equal(methodInWords('slm-next', 'A later method'), 'A later method (slm-next)');
  assert.equal(methodInWords('slm-next'), 'slm-next');
});
