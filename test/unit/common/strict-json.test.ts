import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseStrictJson } from '../../../src/common/strict-json.ts';

test('what JSON.parse reads is read, however it is written', () => {
  fc.assert(
    fc.property(fc.json(), fc.constantFrom(undefined, 1, '\t'), (text, space) => {
      const value: unknown = JSON.parse(text);
      assert.deepEqual(parseStrictJson(JSON.stringify(value, null, space)), value);
    }),
  );
});

test('a member named twice is an error, also when it is written otherwise; equal names in two objects are none', () => {
  for (const text of [
    '{"a":1,"a":2}',
    '{"a":1,"\\u0061":2}',
    '[{"x":{"b":1 , "b" : 2}}]',
    '{"\\"":1,"\\"":2}',
  ]) {
    assert.throws(() => parseStrictJson(text), /two members named/);
  }
  for (const text of ['{"a":{"a":1},"b":{"a":2}}', '["a","a"]', '{"a":"a\\\\","b":"a"}']) {
    assert.deepEqual(parseStrictJson(text), JSON.parse(text));
  }
});

test('a deep nest is an error, however long it is', () => {
  assert.deepEqual(
    parseStrictJson(`${'['.repeat(64)}${']'.repeat(64)}`),
    JSON.parse('['.repeat(64) + ']'.repeat(64)),
  );
  for (const open of ['[', '{"a":'])
    assert.throws(() => parseStrictJson(open.repeat(1_000_000)), /nests deeper/);
});

test('what is no JSON is a syntax error', () => {
  for (const text of ['', '{', '"', '"\\', '{"a"', '{"a":', ']', '{"a\\u00":1}', 'nul']) {
    assert.throws(() => parseStrictJson(text), SyntaxError);
  }
});
