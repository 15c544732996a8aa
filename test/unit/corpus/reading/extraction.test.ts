import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { InterruptedError } from '../../../../src/common/errors.ts';
import { normalizeText } from '../../../../src/corpus/labels/passages.ts';
import { cutParagraphs, limits, normalizeBytes } from '../../../../src/corpus/reading/cleaning.ts';
import { decodedPieces } from '../../../../src/corpus/reading/decoding.ts';
import type { Extraction } from '../../../../src/corpus/reading/extracted.ts';
import { extractFile } from '../../../../src/corpus/reading/extraction.ts';
import { listFiles } from '../../../../src/corpus/sources/sources.ts';
import { makeFolder, sentences } from '../temporary-corpus.ts';

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

test('what is blank of a long text is no document', async (t) => {
  const [head, tail] = [`${sentences(1, 30)}\n\n`.repeat(5), sentences(2, 30)];
  const text = `${'\n'.repeat(3000)}${head}${'\n'.repeat(4000)}${tail}${'\n'.repeat(3000)}`;
  const items = await extract(t, 'long.txt', text, { documentBytes: 1000 });
  const parts = textsOf(items);
  assert.ok(parts.every((part) => part.trim() !== ''));
  assert.equal(parts.join('').replaceAll(/\s/g, ''), text.replaceAll(/\s/g, ''));
  assert.deepEqual(
    items.map((item) => item.kind === 'document' && item.record),
    [...parts.keys()],
  );
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
        'é…\n漢字 🙂\n\nx\n',
        `${encoding} in chunks of ${size}`,
      );
    }
  }
});

test('every line end of an editor becomes LF and a byte-order mark goes, other bytes stay', () => {
  const text = '\uFEFFa\r\nb\rc\n\r\r\nd\te\r';
  assert.equal(normalizeBytes(Buffer.from(text)).toString(), 'a\nb\nc\n\n\nd\te\n');
  assert.equal(normalizeText(text), normalizeBytes(Buffer.from(text)).toString());
});

test('code with CR alone for its line ends is read like other code', async (t) => {
  const code = Array.from({ length: 2000 }, (_, i) => `value_${i} = ${i}`).join('\r');
  assert.deepEqual(textsOf(await extract(t, 'old.py', code)), [code.replaceAll('\r', '\n')]);
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

test('half of a surrogate pair in JSON is taken out and told, and the rest of the record is read', async (t) => {
  const items = await extract(
    t,
    'a.jsonl',
    '{"text":"whole"}\n{"text":"cut here \\ud83d"}\n{"text":"\\ude00"}\n',
  );
  assert.deepEqual(
    textsOf(items).filter((one) => one !== 'skipped'),
    ['whole', 'cut here '],
  );
  assert.deepEqual(
    items.filter((item) => item.kind === 'skipped'),
    [
      { kind: 'skipped', reason: 'half-character', line: 2 },
      { kind: 'skipped', reason: 'half-character', line: 3 },
      { kind: 'skipped', reason: 'empty', line: 3 },
    ],
  );
});

test('a pointer of Git LFS or git-annex is no document, whatever its file is called', async (t) => {
  const lfs = `version https://git-lfs.github.com/spec/v1\noid sha256:${'0a'.repeat(32)}\nsize 48213\n`;
  for (const name of ['notes.md', 'rows.jsonl', 'rows.jsonl.gz', 'rows.parquet', 'page.html'])
    assert.deepEqual(await extract(t, name, lfs), [{ kind: 'skipped', reason: 'pointer' }], name);
  const annex =
    '/annex/objects/SHA256E-s31390--f50d7ac4c6b9031379986bc362fcefb65f1e52621ce1708d537e740fefc59cc0.md\n';
  assert.deepEqual(await extract(t, 'a.md', annex), [{ kind: 'skipped', reason: 'pointer' }]);
  const about = `A pointer begins with "version https://git-lfs.github.com/spec/v1".`;
  assert.deepEqual(textsOf(await extract(t, 'about.md', about)), [about]);
});

test('whatever goes wrong with a file is told of that file; an interruption goes up', async (t) => {
  const folder = await makeFolder(t, { 'a.txt': 'text' });
  const { files } = await listFiles([{ path: folder }]);
  const settings = { textField: 'text', passages: [], standing: 'member' as const, limits };
  const take = async (file: (typeof files)[number]) => {
    const items: Extraction[] = [];
    for await (const item of extractFile(file, settings)) items.push(item);
    return items;
  };
  // A name that no system call accepts makes Node refuse it, which no code expects.
  assert.deepEqual(await take({ ...files[0], absolute: 'a\0b' }), [{ kind: 'skipped', reason: 'failed' }]);
  const stopped = {
    ...files[0],
    get absolute(): string {
      throw new InterruptedError('Stopped.', 'Start again.');
    },
  };
  await assert.rejects(take(stopped), InterruptedError);
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
    { kind: 'skipped', reason: 'bad-parquet' },
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
