/** What indexing a corpus promises, on real files. */
import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { InputError, InterruptedError } from '../../../../src/common/errors.ts';
import { anchorPassage } from '../../../../src/corpus/labels/passages.ts';
import { allTexts, indexFolder, labelsText, makeFolder, sentences } from '../temporary-corpus.ts';

const many = (count: number, words = 40) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`f${i}.txt`, sentences(i, words)]));

test('every document of a folder is in exactly one split, and each split has one', async (t) => {
  const store = await indexFolder(t, await makeFolder(t, many(60)));
  const texts = await allTexts(store);
  assert.equal(texts.length, 60);
  assert.deepEqual(
    new Set(texts.map(({ record }) => record.split)),
    new Set(['train', 'validation', 'heldout']),
  );
  for (const [i, { record, text }] of texts.entries()) {
    assert.deepEqual(record, store.record(i));
    assert.equal(record.bytes, Buffer.byteLength(text));
    assert.equal(text, sentences(Number(/\d+/.exec(record.source)?.[0]), 40));
  }
});

test('three documents suffice; two do not, and the message says what to do', async (t) => {
  const store = await indexFolder(t, await makeFolder(t, many(3)));
  assert.deepEqual(store.report.splits.train.documents, 1);
  assert.deepEqual(store.report.splits.heldout.documents, 1);
  const one = await makeFolder(t, many(1));
  await assert.rejects(indexFolder(t, one), (error) => {
    assert.ok(error instanceof InputError);
    assert.ok(error.message.includes(`corpus demo (${one})`), error.message);
    assert.match(error.message, /only one document/);
    assert.match(error.hint, /label a passage as held-out/);
    return true;
  });
});

test('an empty folder and a missing source are errors that name them', async (t) => {
  const empty = await makeFolder(t, {});
  await assert.rejects(
    indexFolder(t, empty),
    (error) => error instanceof InputError && error.message.includes(empty),
  );
  const missing = join(empty, 'nowhere');
  await assert.rejects(
    indexFolder(t, missing),
    (error) => error instanceof InputError && error.message.includes(missing),
  );
});

test('documents keep their split when files are added', async (t) => {
  const folder = await makeFolder(t, many(40));
  const before = await allTexts(await indexFolder(t, folder));
  for (let i = 100; i < 140; i++) await writeFile(join(folder, `g${i}.txt`), sentences(i, 40));
  const after = new Map(
    (await allTexts(await indexFolder(t, folder))).map(({ record }) => [record.id, record.split]),
  );
  for (const { record } of before) assert.equal(after.get(record.id), record.split);
});

test('what cannot be text is skipped with its reason', async (t) => {
  const folder = await makeFolder(t, {
    ...many(5),
    'nul.txt': Buffer.from('abc\0def'),
    'latin1.txt': Buffer.from([0x63, 0x61, 0x66, 0xe9, 0x20, 0x61]),
    'blank.md': ' \n\n',
    'minified.js': `var a=1;\n${'x'.repeat(30_000)}`,
    'broken.parquet': 'this is no Parquet file at all',
    'rows.jsonl': `{"text":"${sentences(77, 20)}"}\n{"text":\n{"other":1}\n\n{"text":"  "}\n`,
    'utf16.txt': Buffer.from(`\uFEFF${sentences(78, 20)}\r\nend`, 'utf16le'),
  });
  await symlink(join(folder, 'gone'), join(folder, 'dangling.txt'));
  await symlink(folder, join(folder, 'loop'));
  const store = await indexFolder(t, folder);
  const reasons = Object.fromEntries(store.report.skipped.map(({ reason, examples }) => [reason, examples]));
  assert.deepEqual(reasons, {
    binary: [{ path: 'nul.txt' }],
    undecodable: [{ path: 'latin1.txt' }],
    empty: [{ path: 'blank.md' }, { path: 'rows.jsonl', line: 5 }],
    'long-line': [{ path: 'minified.js', line: 2 }],
    'bad-parquet': [{ path: 'broken.parquet' }],
    'bad-json': [{ path: 'rows.jsonl', line: 2 }],
    'missing-field': [{ path: 'rows.jsonl', line: 3 }],
    unreadable: [{ path: 'dangling.txt' }],
  });
  const texts = await allTexts(store);
  assert.equal(texts.length, 7);
  assert.ok(texts.some(({ text }) => text === `${sentences(78, 20)}\nend`));
});

test('a copy is kept once, and held out when any copy is', async (t) => {
  const folder = await makeFolder(t, {
    ...many(10),
    'test/copy.txt': sentences(3, 40),
    'test/own.txt': sentences(99, 40),
  });
  const labels = labelsText([{ glob: 'test/**', label: 'held-out' }]);
  const store = await indexFolder(t, folder, { labelsFile: await writeLabels(folder, labels) });
  assert.equal(store.report.exactDuplicates.documents, 1);
  const heldout = (await allTexts(store)).filter(({ record }) => record.split === 'heldout');
  assert.deepEqual(new Set(heldout.map(({ text }) => text)), new Set([sentences(3, 40), sentences(99, 40)]));
  assert.equal(store.report.explicitHeldout, true);
});

test('a training document that nearly equals a held-out one is removed and reported', async (t) => {
  const original = sentences(500, 300);
  const folder = await makeFolder(t, {
    ...many(10),
    'near.txt': `${original} and one word more`,
    'test/held.txt': original,
  });
  const store = await indexFolder(t, folder, {
    sources: [
      { path: folder, exclude: ['test'] },
      { path: join(folder, 'test'), label: 'held-out' },
    ],
  });
  assert.equal(store.report.nearDuplicates.removed.documents, 1);
  assert.deepEqual(store.report.nearDuplicates.removed.examples, [
    { path: 'near.txt', other: 'held.txt', reason: 'copy of held-out' },
  ]);
  assert.ok(!(await allTexts(store)).some(({ record }) => record.source === 'near.txt'));
});

test('passages are cut out of the training text, and held-out ones become documents', async (t) => {
  const text = `${sentences(1, 50)}\n\nSECRET ${sentences(2, 30)}\n\n${sentences(3, 50)}\n\nDROP ${sentences(4, 9)}\n\n${sentences(5, 50)}`;
  const folder = await makeFolder(t, { 'one.md': text.replaceAll('\n', '\r\n') });
  const held = text.slice(text.indexOf('SECRET'), text.indexOf('\n\n', text.indexOf('SECRET')));
  const drop = text.slice(text.indexOf('DROP'), text.indexOf('\n\n', text.indexOf('DROP')));
  const at = (part: string) => anchorPassage(text, text.indexOf(part), text.indexOf(part) + part.length);
  const labelsFile = await writeLabels(
    folder,
    labelsText([
      { path: 'one.md', label: 'held-out', passage: at(held) },
      { path: 'one.md', label: 'excluded', passage: at(drop) },
      {
        path: 'one.md',
        label: 'held-out',
        passage: { quote: 'not there', prefix: '', suffix: '', offset: 0 },
      },
    ]),
  );
  const store = await indexFolder(t, folder, { labelsFile });
  const texts = await allTexts(store);
  assert.deepEqual(
    texts.filter(({ record }) => record.split === 'heldout').map((one) => one.text),
    [held],
  );
  const rest = texts.filter(({ record }) => record.split !== 'heldout').map((one) => one.text);
  assert.equal(rest.length, 3);
  assert.ok(!rest.join('').includes('SECRET') && !rest.join('').includes('DROP'));
  assert.equal(store.report.lostPassages.length, 1);
  assert.equal(store.report.lostPassages[0].quote, 'not there');
});

test('a passage is found in a file with CR alone or CR CR LF, as the editor anchored it', async (t) => {
  const held = `HELD OUT ${sentences(2, 20)}\n\n${sentences(3, 20)}`;
  const text = `${sentences(1, 30)}\n\n${held}\n\n${sentences(4, 30)}`;
  for (const end of ['\r', '\r\r\n', '\r\n']) {
    const onDisk = text.replaceAll(end === '\r\r\n' ? '\n\n' : '\n', end);
    const start = text.indexOf(held);
    const entry = {
      path: 'log.txt',
      label: 'held-out',
      passage: anchorPassage(text, start, start + held.length),
    };
    const folder = await makeFolder(t, { 'log.txt': onDisk });
    const store = await indexFolder(t, folder, {
      labelsFile: await writeLabels(folder, labelsText([entry])),
    });
    assert.deepEqual(store.report.lostPassages, [], JSON.stringify(end));
    const heldout = (await allTexts(store)).filter(({ record }) => record.split === 'heldout');
    assert.deepEqual(
      heldout.map((one) => one.text),
      [held],
    );
  }
});

test('a page of any nesting never ends a corpus', async (t) => {
  const folder = await makeFolder(t, { ...many(4), 'deep.html': `${'<font><b>'.repeat(20_000)}The text.` });
  const texts = (await allTexts(await indexFolder(t, folder))).map(({ text }) => text);
  assert.ok(texts.includes('The text.'));
});

test('other text of the same size and modification time is read, not taken over', async (t) => {
  const folder = await makeFolder(t, many(8));
  const touch = () => Promise.all(Object.keys(many(8)).map((name) => utimes(join(folder, name), 0, 0)));
  await touch();
  const first = await indexFolder(t, folder);
  const other = sentences(3, 40).split('').reverse().join('');
  await writeFile(join(folder, 'f3.txt'), other);
  await utimes(join(folder, 'f3.txt'), 0, 0);
  const second = await indexFolder(t, folder, {}, { previous: first.directory });
  assert.deepEqual(second.report.files, { read: 1, reused: 7, leftOut: 0 });
  assert.ok((await allTexts(second)).some(({ text }) => text === other));
});

test('a generic corpus leaves out what is labelled in-domain or held out', async (t) => {
  const folder = await makeFolder(t, many(10));
  const labelsFile = await writeLabels(
    folder,
    labelsText([
      { path: 'f1.txt', label: 'in-domain' },
      { path: 'f2.txt', label: 'held-out', domain: 'law' },
    ]),
  );
  const store = await indexFolder(t, folder, { role: 'generic', labelsFile });
  const sources = (await allTexts(store)).map(({ record }) => record.source);
  assert.equal(sources.length, 8);
  assert.ok(!sources.includes('f1.txt') && !sources.includes('f2.txt'));
  assert.equal(store.report.files.leftOut, 2);
});

test('a second run opens changed files only and leaves the same store byte for byte', async (t) => {
  const folder = await makeFolder(t, { ...many(30), 'copy.txt': sentences(3, 40) });
  const first = await indexFolder(t, folder);
  await writeFile(join(folder, 'f7.txt'), sentences(707, 41));
  await utimes(join(folder, 'f7.txt'), 1e9, 1e9);
  const reused = await indexFolder(t, folder, {}, { previous: first.directory });
  assert.deepEqual(reused.report.files, { read: 1, reused: 30, leftOut: 0 });
  const fresh = await indexFolder(t, folder);
  assert.equal(fresh.report.files.read, 31);
  for (const name of ['documents.bin', 'sketches.bin', 'files.jsonl', 'texts/00000.txt']) {
    assert.deepEqual(
      await readFile(join(reused.directory, name)),
      await readFile(join(fresh.directory, name)),
      name,
    );
  }
});

test('text is not taken over from an older store that was damaged or removed meanwhile', async (t) => {
  const folder = await makeFolder(t, many(30));
  const texts = async (previous: string) => {
    const store = await indexFolder(t, folder, {}, { previous });
    assert.deepEqual(store.report.files, { read: 30, reused: 0, leftOut: 0 });
    return allTexts(store);
  };
  const first = await indexFolder(t, folder);
  const whole = await allTexts(first);
  const shard = join(first.directory, 'texts/00000.txt');
  const data = await readFile(shard);
  data[data.length - 1] ^= 1;
  await writeFile(shard, data);
  assert.deepEqual(await texts(first.directory), whole);
  await rm(shard);
  assert.deepEqual(await texts(first.directory), whole);
});

test('while one large file is read it is told which, and how far', async (t) => {
  const lines = Array.from({ length: 2100 }, (_, i) =>
    JSON.stringify({ text: i < 3 ? sentences(i, 20) : 'again' }),
  );
  const folder = await makeFolder(t, { 'rows.jsonl': lines.join('\n') });
  const told: string[] = [];
  await indexFolder(t, folder, {}, { onProgress: ({ message }) => told.push(message) });
  assert.deepEqual(told.slice(0, 4), [
    'Looking for files',
    'Reading rows.jsonl',
    'Reading rows.jsonl, 1,024 documents so far',
    'Reading rows.jsonl, 2,048 documents so far',
  ]);
});

test('stopping throws InterruptedError and leaves no finished store', async (t) => {
  const directory = await makeFolder(t, {});
  const stop = new AbortController();
  const onProgress = ({ fraction }: { readonly fraction: number }) => {
    if (fraction > 0.4) stop.abort();
  };
  const running = indexFolder(
    t,
    await makeFolder(t, many(50)),
    {},
    { directory, signal: stop.signal, onProgress },
  );
  await assert.rejects(running, InterruptedError);
  assert.ok(!(await readdir(directory)).includes('report.json'));
});

/** Writes the labels file of a folder; returns its path. */
async function writeLabels(folder: string, text: string): Promise<string> {
  const path = join(folder, '.parlance/labels.json');
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  return path;
}
