import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { cutParagraphs, limits, normalizeBytes } from '../../../src/corpus/cleaning.ts';
import { decodedPieces } from '../../../src/corpus/decoding.ts';
import { type Extraction, extractFile } from '../../../src/corpus/extraction.ts';
import { listFiles } from '../../../src/corpus/sources.ts';
import { makeFolder, sentences } from './temporary-corpus.ts';

/** What comes out of one file under limits. */
async function extract(
  test: TestContext,
  name: string,
  content: string | Uint8Array,
  change: Partial<typeof limits> = {},
): Promise<readonly Extraction[]> {
  const folder = await makeFolder(test, { [name]: content });
  const { files } = await listFiles([{ path: join(folder, name) }]);
  const settings = {
    textField: 'text',
    passages: [],
    standing: 'member' as const,
    limits: { ...limits, ...change },
  };
  const items: Extraction[] = [];
  for await (const item of extractFile(files[0], settings)) items.push(item);
  return items;
}

const textsOf = (items: readonly Extraction[]) =>
  items.map((item) => (item.kind === 'document' ? item.bytes.toString() : `${item.kind}`));

test('a long text is cut at paragraphs and nothing is lost', async (t) => {
  const text = Array.from({ length: 400 }, (_, i) => sentences(i, 30)).join('\n\n');
  for (const documentBytes of [1000, 20_000]) {
    const parts = textsOf(await extract(t, 'long.txt', text, { documentBytes }));
    assert.equal(parts.join(''), text);
    assert.ok(parts.every((part) => Buffer.byteLength(part) <= documentBytes));
    assert.ok(parts.slice(0, -1).every((part) => part.endsWith('\n\n')));
  }
});

test('text without any line end is cut between characters', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 }),
      fc.integer({ min: 8, max: 40 }),
      (text, limit) => {
        const bytes = Buffer.from(text);
        const parts = [...cutParagraphs(bytes, limit)];
        assert.ok(Buffer.concat(parts).equals(bytes));
        assert.equal(parts.map(String).join(''), text);
      },
    ),
  );
});

test('decoding a stream does not depend on where its chunks end', async () => {
  const text = '\uFEFFé…\r\n漢字 🙂\r\rx\r\n';
  for (const encoding of ['utf8', 'utf16le'] as const) {
    const bytes = Buffer.from(text, encoding);
    // The first chunk must show the byte-order mark, as any chunk of a real file does.
    for (let size = 3; size <= bytes.length; size++) {
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
        bytes.subarray(i * size, (i + 1) * size),
      );
      const pieces: Buffer[] = [];
      for await (const piece of decodedPieces(asStream(chunks))) pieces.push(piece);
      assert.equal(
        Buffer.concat(pieces).toString(),
        'é…\n漢字 🙂\r\rx\n',
        `${encoding} in chunks of ${size}`,
      );
    }
  }
});

test('CRLF becomes LF and a byte-order mark goes, other bytes stay', () => {
  assert.equal(normalizeBytes(Buffer.from('\uFEFFa\r\nb\rc\n')).toString(), 'a\nb\rc\n');
});

test('a fault at the end of a large file skips all of it', async (t) => {
  const text = Buffer.from(`${`${sentences(1, 30)}\n\n`.repeat(50)}`);
  const bad = Buffer.concat([text, Buffer.from([0xff, 0xfe, 0x41])]);
  assert.deepEqual(await extract(t, 'large.txt', bad, { documentBytes: 500 }), [
    { kind: 'skipped', reason: 'undecodable' },
  ]);
  const nul = Buffer.concat([text, Buffer.from([0])]);
  assert.deepEqual(await extract(t, 'large.txt', nul, { documentBytes: 500 }), [
    { kind: 'skipped', reason: 'binary' },
  ]);
});

test('a line over the limit skips the file or the JSONL line, by number, and reading goes on', async (t) => {
  const long = 'x'.repeat(5000);
  assert.deepEqual(
    await extract(t, 'a.txt', `ok\n${long}\nok`, { proseLineBytes: 1000, documentBytes: 2000 }),
    [{ kind: 'skipped', reason: 'long-line', line: 2 }],
  );
  const items = await extract(t, 'a.jsonl', `{"text":"${long}"}\n{"text":"short"}`, { recordBytes: 1000 });
  assert.deepEqual(items[0], { kind: 'skipped', reason: 'too-large', line: 1 });
  assert.deepEqual(textsOf(items.slice(1)), ['short']);
});

test('HTML gives its readable text', async (t) => {
  const html =
    '<html><head><title>T</title><style>p{}</style><script>var x</script></head><body><h1>Head</h1><p>One &amp; <a href="http://x">two</a></p><img src="y" alt="z"></body></html>';
  const [text] = textsOf(await extract(t, 'page.html', html));
  assert.match(text, /Head\s+One & two/);
  assert.doesNotMatch(text, /var x|http|p\{\}/);
  assert.deepEqual(await extract(t, 'none.html', '<html><script>only()</script></html>'), [
    { kind: 'skipped', reason: 'empty' },
  ]);
});

test('half of a surrogate pair in JSON is undecodable, not replaced', async (t) => {
  assert.deepEqual(await extract(t, 'a.jsonl', '{"text":"a\\ud800b"}\n'), [
    { kind: 'skipped', reason: 'undecodable', line: 1 },
  ]);
});

test('Parquet is read by row groups and slices of rows, each row once and in order', async (t) => {
  const texts = Array.from({ length: 500 }, (_, i) => sentences(i, 40));
  const columns = [
    { name: 'id', data: texts.map((_, i) => i) },
    { name: 'text', data: texts.map((text, i) => (i === 3 ? null : text)) },
  ];
  const file = new Uint8Array(parquetWriteBuffer({ columnData: columns, rowGroupSize: 200 }));
  for (const decodedBytes of [limits.decodedBytes, 5000]) {
    const items = await extract(t, 'a.parquet', file, { decodedBytes });
    assert.deepEqual(items[3], { kind: 'skipped', reason: 'missing-field', line: 3 });
    const rows = items.map((item) =>
      item.kind === 'document' ? [item.record, item.bytes.toString()] : undefined,
    );
    assert.deepEqual(
      rows,
      texts.map((text, i) => (i === 3 ? undefined : [i, text])),
    );
  }
  assert.deepEqual(await extract(t, 'a.parquet', file.subarray(0, file.length - 9)), [
    { kind: 'skipped', reason: 'bad-parquet', line: 0 },
  ]);
});

test('a file that goes away between listing and reading is unreadable, not a failure', async (t) => {
  const folder = await makeFolder(t, { 'a.txt': 'text', 'b.jsonl': '{"text":"x"}' });
  const { files } = await listFiles([{ path: folder }]);
  const settings = { textField: 'text', passages: [], standing: 'member' as const, limits };
  for (const file of files) {
    const items: Extraction[] = [];
    for await (const item of extractFile({ ...file, absolute: `${file.absolute}.gone` }, settings))
      items.push(item);
    assert.equal(items[0].kind === 'skipped' && items[0].reason, 'unreadable');
  }
});

async function* asStream(chunks: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* chunks;
}
