import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jsonCursor, matches } from '../../../../../src/ui/setup/experiment-file/json-cursor.ts';

/** The cursor where `|` stands. */
function at(text: string) {
  const offset = text.indexOf('|');
  return jsonCursor(text.replace('|', ''), offset);
}

test('the path of the value at the cursor is known in unfinished JSON', () => {
  const cursor = at('{ "generic": { "sources": [{ "path": "a" }, { "path": "no|');
  assert.deepEqual(cursor.path, ['generic', 'sources', 1, 'path']);
  assert.equal(cursor.inKey, false);
  assert.equal(cursor.string?.text, 'no');
});

test('a list’s place counts its commas, also before anything is written', () => {
  assert.deepEqual(at('{ "methods": ["slm", |').path, ['methods', 1]);
  assert.equal(at('{ "methods": ["slm", |').string, undefined);
});

test('a name is told from a value', () => {
  assert.equal(at('{ "gen|').inKey, true);
  assert.equal(at('{ "name": "gen|').inKey, false);
  assert.equal(at('{ "name": "x", "s|').inKey, true);
});

test('brackets and quotation marks in strings do not count', () => {
  assert.deepEqual(at('{ "name": "a \\" ] }", "seeds": [1, |').path, ['seeds', 1]);
});

test('a pattern’s star stands for one step', () => {
  assert.equal(matches(['domains', 3, 'sources', 0, 'path'], ['domains', '*', 'sources', '*', 'path']), true);
  assert.equal(matches(['domains', 3, 'sources'], ['domains', '*', 'sources', '*', 'path']), false);
});
