/** Text in other encodings is decoded as its file says, or left out with a true reason; never taken for what it is not. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { limits } from '../../../../src/corpus/reading/cleaning.ts';
import { decodedPieces } from '../../../../src/corpus/reading/decoding.ts';
import { extractFile } from '../../../../src/corpus/reading/extraction.ts';
import { listFiles } from '../../../../src/corpus/sources/sources.ts';
import { makeFolder } from '../temporary-corpus.ts';

/** Texts and reasons that come out of one file. */
async function read(
  test: TestContext,
  name: string,
  content: string | Uint8Array,
  change: Partial<typeof limits> = {},
): Promise<readonly string[]> {
  const folder = await makeFolder(test, { [name]: content });
  const { files } = await listFiles([{ path: folder }]);
  const settings = {
    textField: 'text',
    passages: [],
    standing: 'member' as const,
    limits: { ...limits, ...change },
  };
  const found: string[] = [];
  for await (const item of extractFile(files[0], settings)) {
    if (item.kind === 'document') found.push(item.bytes.toString());
    else if (item.kind === 'skipped') found.push(`not read: ${item.reason}`);
  }
  return found;
}

/** 日本 in some encodings, one character a byte. */
const japan = { shiftJis: '\x93\xfa\x96\x7b', eucJp: '\xc6\xfc\xcb\xdc', iso2022: '\x1b$BF|K\\\x1b(B' };
const page = (head: string, body: string) =>
  Buffer.from(`<html><head>${head}</head><p>${body}</p>`, 'latin1');

test('a page is decoded as it declares', async (t) => {
  const pages = [
    page('<meta charset="Shift_JIS">', japan.shiftJis),
    page("<META content='text/html; charset=euc-jp' http-equiv=Content-Type>", japan.eucJp),
    page('<meta charset=iso-2022-jp>', japan.iso2022),
    page('<!-- <meta charset=utf-8> --><meta charset=euc-jp>', japan.eucJp),
  ];
  for (const bytes of pages) assert.deepEqual(await read(t, 'a.html', bytes), ['日本'], String(bytes));
  const xhtml = Buffer.from(
    '<?xml version="1.0" encoding="windows-1252"?><html><p>caf\xe9 \x80 \x93so\x94</p></html>',
    'latin1',
  );
  assert.deepEqual(await read(t, 'a.xhtml', xhtml), ['café € “so”']);
});

test('valid UTF-8 and a byte-order mark say more than a declaration', async (t) => {
  const text = '<meta charset="windows-1252"><p>naïve 日本</p>';
  assert.deepEqual(await read(t, 'a.html', text), ['naïve 日本']);
  assert.deepEqual(await read(t, 'a.html', Buffer.from(`\uFEFF${text}`, 'utf16le')), ['naïve 日本']);
});

test('what is not as declared, or declared as nothing known, is left out', async (t) => {
  const broken = page('<meta charset="euc-jp">', `${japan.eucJp}\xff`);
  for (const [name, bytes] of [
    ['a.html', broken],
    ['a.html', page('<meta charset="x-nobody">', 'caf\xe9')],
    ['a.html', page('<meta charset="utf-16">', 'caf\xe9')],
    ['a.html', page('', 'caf\xe9')],
    ['a.txt', Buffer.from(`charset=euc-jp ${japan.eucJp}`, 'latin1')],
  ] as const)
    assert.deepEqual(await read(t, name, bytes), ['not read: undecodable'], String(bytes));
});

test('ISO-2022-JP without a declaration is decoded, in small files, large ones and records', async (t) => {
  const mail = `Subject: ${japan.iso2022}\n\n${japan.iso2022}\n`;
  assert.deepEqual(await read(t, 'a.txt', mail), ['Subject: 日本\n\n日本\n']);
  assert.equal(
    (await read(t, 'a.txt', mail.repeat(50), { documentBytes: 64 })).join(''),
    'Subject: 日本\n\n日本\n'.repeat(50),
  );
  assert.deepEqual(await read(t, 'a.jsonl', JSON.stringify({ text: mail })), ['Subject: 日本\n\n日本\n']);
});

test('an escape sequence is seen wherever chunks end', async () => {
  const bytes = Buffer.from(`plain ${japan.iso2022}`);
  for (let at = 1; at < bytes.length; at++) {
    const chunks = async function* () {
      yield bytes.subarray(0, at);
      yield bytes.subarray(at);
    };
    const all = async (encoding?: 'iso-2022-jp') => {
      const pieces: Buffer[] = [];
      for await (const piece of decodedPieces(chunks(), encoding)) pieces.push(piece);
      return Buffer.concat(pieces).toString();
    };
    await assert.rejects(all(), { reason: 'seven-bit' });
    assert.equal(await all('iso-2022-jp'), 'plain 日本');
  }
});

test('other encodings of seven bits are left out with that reason', async (t) => {
  for (const [name, bytes] of [
    ['a.txt', Buffer.from('\x1b$)C\x0e0!\x0f', 'latin1')],
    ['a.txt', Buffer.from('\x1b$BF|K\\ and broken \x1b[0m', 'latin1')],
    ['a.html', page('<meta charset="iso-2022-kr">', '\x0e0!\x0f')],
    ['a.html', page('<meta charset="hz-gb-2312">', '~{VPND~}')],
    ['a.html', page('<meta charset="utf-7">', '+ZeVnLA-')],
  ] as const)
    assert.deepEqual(await read(t, name, bytes), ['not read: seven-bit'], String(bytes));
});

test('colours of a terminal and text about escape sequences stay as they are', async (t) => {
  const log = `${'a line of the log\n'.repeat(20)}\x1b[31mred\x1b[0m \x1b(B`;
  assert.deepEqual(await read(t, 'a.txt', log), [log]);
  const about = `${'ünlike '.repeat(40)}\x1b$B`;
  assert.deepEqual(await read(t, 'a.txt', about), [about]);
});
