import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InputError } from '../../../src/common/errors.ts';
import { userText } from '../../../src/common/user-text.ts';

const json = '{ "name": "Grüße" }';

test('a byte-order mark of UTF-8 is no part of what a person wrote', () => {
  assert.equal(userText(Buffer.from(json), 'x.json'), json);
  assert.equal(userText(Buffer.from(`\uFEFF${json}`), 'x.json'), json);
});

test('what Windows tools save otherwise is named with the file and what to do', () => {
  const utf16 = Buffer.from(json, 'utf16le');
  const mark = (...bytes: number[]) => Buffer.concat([Buffer.from(bytes), utf16]);
  const cases: readonly (readonly [Buffer, RegExp])[] = [
    [mark(0xff, 0xfe), /^x\.json is saved as UTF-16/],
    [Buffer.from(mark(0xff, 0xfe)).swap16(), /^x\.json is saved as UTF-16/],
    [utf16, /^x\.json is saved as UTF-16/],
    [mark(0xff, 0xfe, 0, 0), /^x\.json is saved as UTF-32/],
    [Buffer.from(json, 'latin1'), /^x\.json is saved as text of an older encoding/],
  ];
  for (const [bytes, message] of cases) {
    assert.throws(
      () => userText(bytes, 'x.json'),
      (error) => error instanceof InputError && message.test(error.message) && /UTF-8/.test(error.hint),
    );
  }
});
