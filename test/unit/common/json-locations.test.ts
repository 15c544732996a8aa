import assert from 'node:assert/strict';
import { test } from 'node:test';
import { locateJson } from '../../../src/common/json-locations.ts';

test('a character that JSON.parse takes in a string is no mistake, and no other is passed over', () => {
  for (let code = 0; code <= 0x2100; code++) {
    const text = `{"before":1,"a":"x${String.fromCharCode(code)}y","b":2}`;
    let isJson = true;
    try {
      JSON.parse(text);
    } catch {
      isJson = false;
    }
    assert.equal(locateJson(text).errorAt === undefined, isJson, `U+${code.toString(16)}`);
  }
});
