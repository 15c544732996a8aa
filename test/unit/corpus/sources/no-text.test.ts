/** A corpus without enough text says what was left out, and which field a record has. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { InputError } from '../../../../src/common/errors.ts';
import { indexFolder, makeFolder, sentences } from '../temporary-corpus.ts';

async function refusal(
  test: TestContext,
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<InputError> {
  const folder = await makeFolder(test, files);
  const error = await indexFolder(test, folder).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof InputError, String(error));
  return error;
}

const lines = (record: (text: string) => object) =>
  Array.from({ length: 5 }, (_, i) => JSON.stringify(record(sentences(i, 20)))).join('\n');

test('the hint names textField and the fields that the first record has', async (t) => {
  for (const [record, fields] of [
    [(text: string) => ({ id: 7, body: text }), 'id (a number), body (text)'],
    [(text: string) => ({ Text: text }), 'Text (text)'],
    [
      (text: string) => ({ meta: { text, tags: ['a'] }, none: null }),
      'meta.text (text), meta.tags (a list), none (null)',
    ],
  ] as const) {
    const { message, hint } = await refusal(t, { 'rows.jsonl': lines(record) });
    assert.match(message, /Left out: no text in the field that textField names .*: 5 \(/);
    assert.ok(
      hint.includes(
        `rows.jsonl was searched for the field “text”; its first record has the fields ${fields}.`,
      ),
      hint,
    );
    assert.match(hint, /Set "textField" of this source/);
  }
});

test('where no field holds text, the hint does not send people to set one', async (t) => {
  const { hint } = await refusal(t, {
    'rows.jsonl': lines((content) => ({ messages: [{ role: 'user', content }] })),
  });
  assert.match(hint, /messages \(a list\)\. None of them holds text by itself/);
});

test('of Parquet the columns are named', async (t) => {
  const columnData = [
    { name: 'id', data: [1, 2, 3] },
    { name: 'content', data: ['a', 'b', 'c'] },
  ];
  const { hint } = await refusal(t, { 'rows.parquet': new Uint8Array(parquetWriteBuffer({ columnData })) });
  assert.match(hint, /the fields id \(\w+\), content \(text\)\. Set "textField"/);
});

test('too few documents: the message tells what was left out, ignored files too', async (t) => {
  const { message, hint } = await refusal(t, {
    '.git/HEAD': '',
    '.gitignore': 'more.md\nraw/\n',
    'a.md': sentences(1, 20),
    'b.md': sentences(2, 20),
    'more.md': sentences(3, 20),
    'raw/c.md': sentences(4, 20),
    'rows.jsonl': lines((content) => ({ content })),
  });
  assert.match(message, /only 2 documents .* Left out: no text in the field .*: 5 \(/);
  assert.match(message, /; ignored by \.gitignore/);
  assert.match(message, /; folders ignored by \.gitignore/);
  assert.match(hint, /content \(text\).*Add files \(three at least\)/);
});
