/** JSONL and Parquet: all that can be read is read, and what is missing is counted as it is. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { limits } from '../../../../src/corpus/reading/cleaning.ts';
import type { SkippedText } from '../../../../src/corpus/reading/extracted.ts';
import { extractFile } from '../../../../src/corpus/reading/extraction.ts';
import { LineSplitter } from '../../../../src/corpus/reading/lines.ts';
import { listFiles } from '../../../../src/corpus/sources/sources.ts';
import { makeFolder, sentences } from '../temporary-corpus.ts';

interface Read {
  readonly texts: readonly string[];
  readonly skipped: readonly Omit<SkippedText, 'kind'>[];
}

async function read(
  test: TestContext,
  name: string,
  content: string | Uint8Array,
  { textField = 'text', decodedBytes = limits.decodedBytes } = {},
): Promise<Read> {
  const folder = await makeFolder(test, { [name]: content });
  const { files } = await listFiles([{ path: folder }]);
  const settings = {
    textField,
    passages: [],
    standing: 'member' as const,
    limits: { ...limits, decodedBytes },
  };
  const texts: string[] = [];
  const skipped: Omit<SkippedText, 'kind'>[] = [];
  for await (const item of extractFile(files[0], settings)) {
    if (item.kind === 'document') texts.push(item.bytes.toString());
    else if (item.kind === 'skipped') {
      const { kind, ...rest } = item;
      skipped.push(rest);
    }
  }
  return { texts, skipped };
}

const jsonl = (texts: readonly string[], end = '\n') =>
  texts.map((text) => JSON.stringify({ text }) + end).join('');
const three = ['ein Wort, größer', '日本 🙂', 'third'];

test('lines are those of an editor, whatever the encoding and wherever chunks end', () => {
  const ends = fc.constantFrom('a', 'ē', '漢', '\n', '\r', '\r\n', '\r\r\n');
  fc.assert(
    fc.property(fc.array(ends, { maxLength: 12 }), fc.integer({ min: 2, max: 7 }), (parts, size) => {
      const text = parts.join('');
      const bigEndian = Buffer.from(`\uFEFF${text}`, 'utf16le').swap16();
      for (const [encoding, bytes] of [
        ['utf-8', Buffer.from(text)],
        ['utf-16le', Buffer.from(`\uFEFF${text}`, 'utf16le')],
        ['utf-16be', bigEndian],
      ] as const) {
        const splitter = new LineSplitter(1000);
        const lines = [];
        for (let at = 0; at < bytes.length; at += size)
          lines.push(...splitter.push(bytes.subarray(at, at + size)));
        lines.push(...splitter.end());
        const wanted = text.split(/\r\n|\r|\n/);
        if (wanted.at(-1) === '' && !(encoding !== 'utf-8' && wanted.length === 1)) wanted.pop();
        const decoder = new TextDecoder(encoding);
        assert.deepEqual(
          lines.map((line) => decoder.decode(line.bytes)),
          wanted,
        );
        assert.deepEqual(
          lines.map(({ number }) => number),
          wanted.map((_, i) => i + 1),
        );
      }
    }),
  );
});

test('JSONL in UTF-16 with a byte-order mark is read as other text is, also gzipped', async (t) => {
  const little = Buffer.from(`\uFEFF${jsonl(three, '\r\n')}`, 'utf16le');
  const big = Buffer.from(little).swap16();
  for (const bytes of [little, big]) {
    assert.deepEqual(await read(t, 'a.jsonl', bytes), { texts: three, skipped: [] });
    assert.deepEqual(await read(t, 'a.jsonl.gz', gzipSync(bytes)), { texts: three, skipped: [] });
  }
  const broken = Buffer.concat([
    little,
    Buffer.from([0x00, 0xd8, 0x0a, 0x00]),
    Buffer.from(jsonl(['end']), 'utf16le'),
  ]);
  assert.deepEqual(await read(t, 'a.jsonl', broken), {
    texts: [...three, 'end'],
    skipped: [{ reason: 'undecodable', line: 4 }],
  });
});

test('CR alone ends a line of JSONL, and a lone byte-order mark is no line', async (t) => {
  assert.deepEqual(await read(t, 'a.jsonl', jsonl(three, '\r')), { texts: three, skipped: [] });
  assert.deepEqual(await read(t, 'a.jsonl', `\uFEFF\n${jsonl(three)}`), { texts: three, skipped: [] });
});

const many = Array.from({ length: 300 }, (_, i) => sentences(i, 60));
const packed = gzipSync(jsonl(many));

test('bytes after the end of a gzip file cost no line and are told, several members are one text', async (t) => {
  for (const bytes of [Buffer.from('some other bytes'), Buffer.from([0x1f, 0x8b, 9, 9])]) {
    const { texts, skipped } = await read(t, 'a.jsonl.gz', Buffer.concat([packed, bytes]));
    assert.deepEqual(texts, many);
    assert.deepEqual(skipped, [{ reason: 'trailing', line: 301 }]);
  }
  const unended = gzipSync(jsonl(many).trimEnd());
  assert.deepEqual((await read(t, 'a.jsonl.gz', Buffer.concat([unended, Buffer.from('xx')]))).texts, many);
  assert.deepEqual(await read(t, 'a.jsonl.gz', Buffer.concat([packed, gzipSync(jsonl(['more']))])), {
    texts: [...many, 'more'],
    skipped: [],
  });
});

test('of a gzip file that is cut or damaged every whole line before the fault is read, and the line is named', async (t) => {
  const cut = await read(t, 'a.jsonl.gz', packed.subarray(0, packed.length >> 1));
  assert.ok(cut.texts.length > 100 && cut.texts.length < 200, `${cut.texts.length} lines`);
  assert.deepEqual(cut.texts, many.slice(0, cut.texts.length));
  assert.deepEqual(cut.skipped, [{ reason: 'damaged', line: cut.texts.length + 1 }]);
  const damaged = Buffer.from(packed);
  damaged.fill(0xff, packed.length >> 1, (packed.length >> 1) + 40);
  const some = await read(t, 'a.jsonl.gz', damaged);
  // Bytes that are wrong may still decode for a while; what came before them is whole.
  assert.deepEqual(some.texts.slice(0, cut.texts.length), cut.texts);
  assert.ok(some.skipped.some(({ reason }) => reason === 'damaged'));
  assert.deepEqual(await read(t, 'a.jsonl.gz', 'no gzip at all'), {
    texts: [],
    skipped: [{ reason: 'damaged', line: 1 }],
  });
});

function parquet(data: readonly unknown[], rowGroupSize = 100, type?: 'BYTE_ARRAY'): Uint8Array {
  const columnData = [{ name: 'text', data: [...data], ...(type && { type }) }];
  return new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize, codec: 'UNCOMPRESSED' }));
}

test('a damaged row group of a Parquet file costs its own rows, counted', async (t) => {
  const texts = Array.from({ length: 300 }, (_, i) => `row ${i} ${sentences(i, 20)}`);
  const bytes = Buffer.from(parquet(texts));
  const at = bytes.indexOf('row 100 ');
  // The page header stands before its values.
  bytes.fill(0xff, at - 30, at - 4);
  const { texts: found, skipped } = await read(t, 'a.parquet', bytes);
  assert.deepEqual(found, [...texts.slice(0, 100), ...texts.slice(200)]);
  assert.deepEqual(skipped, [{ reason: 'bad-rows', line: 100, count: 100 }]);
});

test('rows of a Parquet file whose bytes are no UTF-8 are left out with their count', async (t) => {
  const encoder = new TextEncoder();
  const values = ['first', undefined, 'third', undefined].map((text) =>
    text === undefined ? Uint8Array.from([0x63, 0xe9, 0x21]) : encoder.encode(text),
  );
  assert.deepEqual(await read(t, 'a.parquet', parquet(values, 100, 'BYTE_ARRAY')), {
    texts: ['first', 'third'],
    skipped: [
      { reason: 'undecodable', line: 1 },
      { reason: 'undecodable', line: 3 },
    ],
  });
});

test('a Parquet file without the column counts every row', async (t) => {
  const { texts, skipped } = await read(t, 'a.parquet', parquet(['a', 'b', 'c'], 2), {
    textField: 'content',
  });
  assert.deepEqual(texts, []);
  assert.deepEqual(skipped, [
    { reason: 'missing-field', line: 0, count: 2 },
    { reason: 'missing-field', line: 2, count: 1 },
  ]);
});

test('a field within a field is named with a dot, in JSONL and in Parquet', async (t) => {
  const rows = ['one', 'two'].map((text) => ({ meta: { text, id: 1 } }));
  const lines = rows.map((row) => JSON.stringify(row)).join('\n');
  assert.deepEqual(await read(t, 'a.jsonl', lines, { textField: 'meta.text' }), {
    texts: ['one', 'two'],
    skipped: [],
  });
  assert.deepEqual((await read(t, 'a.jsonl', '{"meta.text":"own"}', { textField: 'meta.text' })).texts, [
    'own',
  ]);
});
