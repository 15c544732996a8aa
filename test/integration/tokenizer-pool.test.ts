/** Encoding on worker threads, from source and from a bundle, with real threads. */
import assert from 'node:assert/strict';
import { createHook } from 'node:async_hooks';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { InterruptedError, ResourceError } from '../../src/common/errors.ts';
import { encodeDocuments } from '../../src/tokenizer/pool.ts';
import { Tokenizer } from '../../src/tokenizer/tokenizer.ts';
import { trainTokenizer } from '../../src/tokenizer/train.ts';
import { multilingual } from '../unit/tokenizer/texts.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const tokenizer = await trainTokenizer([...multilingual, ...multilingual], { vocabularySize: 400 });
/** About half a million characters; of 24 such batches the first 16 are encoded without threads. */
const batch = Array.from({ length: 100 }, (_, i) => `${i} ${multilingual.join(` ${i}\n`).repeat(8)}`);

function* batches(count: number): Generator<string[]> {
  for (let i = 0; i < count; i++) yield [`batch ${i}`, ...batch, ''];
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

test('threads give the ids of one thread, in order', async () => {
  let number = 0;
  for await (const documents of encodeDocuments(batches(24), tokenizer, { threads: 2 })) {
    assert.equal(documents.length, batch.length + 2);
    assert.equal(tokenizer.decode(documents[0]), `batch ${number++}`);
    assert.deepEqual(documents[1], tokenizer.encode(batch[0]));
    assert.deepEqual(documents[57], tokenizer.encode(batch[56]));
    assert.equal(documents.at(-1)?.length, 0);
  }
  assert.equal(number, 24);
});

test('threads encode with a tokenizer that is not ours, too', async () => {
  const file = Object(tokenizer.toHuggingFace());
  const text = JSON.stringify({
    ...file,
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [{ type: 'Digits', individual_digits: true }, file.pre_tokenizer],
    },
  });
  const foreign = await Tokenizer.parse({ text, name: 'tokenizer.json' });
  assert.equal(foreign.encoding.kind, 'library');
  let number = 0;
  for await (const documents of encodeDocuments(batches(5), foreign, { threads: 2 })) {
    assert.equal(foreign.decode(documents[0]), `batch ${number++}`);
    assert.deepEqual(documents[57], foreign.encode(batch[56]));
    assert.equal(documents.at(-1)?.length, 0);
  }
  assert.equal(number, 5);
});

test('a small corpus is encoded without starting a thread', async (t) => {
  let threads = 0;
  const counting = createHook({
    init: (_id, type) => {
      if (type === 'WORKER') threads++;
    },
  }).enable();
  t.after(() => counting.disable());
  const documents = await collect(encodeDocuments([multilingual, []], tokenizer, { threads: 2 }));
  assert.deepEqual(documents, [multilingual.map((text) => tokenizer.encode(text)), []]);
  assert.equal(threads, 0);
  await collect(encodeDocuments(batches(24), tokenizer, { threads: 2 }));
  assert.ok(threads > 0, 'a large one starts some');
});

test('no more than two batches a thread are read ahead of the reader', async () => {
  let read = 0;
  let most = 0;
  let returned = 0;
  function* counted() {
    for (const texts of batches(30)) {
      read++;
      most = Math.max(most, read - returned);
      yield texts;
    }
  }
  for await (const _ of encodeDocuments(counted(), tokenizer, { threads: 3 })) returned++;
  assert.equal(returned, 30);
  assert.ok(most >= 4 && most <= 7, `${most} batches were held`);
});

test('a stop ends the work with an InterruptedError, also while batches are under way', async () => {
  for (const after of [1, 25]) {
    const control = new AbortController();
    const work = async () => {
      let count = 0;
      for await (const _ of encodeDocuments(batches(1000), tokenizer, {
        threads: 2,
        signal: control.signal,
      })) {
        if (++count === after) control.abort();
      }
    };
    await assert.rejects(work(), InterruptedError);
  }
});

test('a reader that leaves early and a source that fails leave no thread behind', async () => {
  let count = 0;
  for await (const _ of encodeDocuments(batches(1000), tokenizer, { threads: 2 })) if (++count === 30) break;
  function* failing() {
    yield* batches(30);
    throw new Error('the disk is gone');
  }
  await assert.rejects(collect(encodeDocuments(failing(), tokenizer, { threads: 2 })), /the disk is gone/);
  assert.deepEqual(
    process.getActiveResourcesInfo().filter((name) => name === 'MessagePort' || name === 'Worker'),
    [],
  );
});

test('a worker that dies is an error and not a wait without end', async () => {
  const broken = await trainTokenizer([], { vocabularySize: 257 });
  function* batchesThatKill() {
    yield* batches(30);
    // Not a string: the worker throws, as it would when out of memory.
    yield JSON.parse('[{"length":9}]');
    yield* batches(30);
  }
  await assert.rejects(collect(encodeDocuments(batchesThatKill(), broken, { threads: 2 })), ResourceError);
});

test('the bundle finds its worker beside itself, from any working folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'bundle-'));
  await tokenizer.save(folder);
  const bundle = {
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
  } as const;
  const program = `
    import { encodeDocuments } from './src/tokenizer/pool.ts';
    import { Tokenizer } from './src/tokenizer/tokenizer.ts';
    const tokenizer = await Tokenizer.load(process.argv[2]);
    const batch = Array.from({ length: 100 }, () => 'Съешь же ещё 👍 it\\'s '.repeat(500));
    const counts = [];
    for await (const documents of encodeDocuments(Array(20).fill(batch), tokenizer, { threads: 2 })) {
      counts.push(documents.reduce((sum, ids) => sum + ids.length, 0));
    }
    console.log(JSON.stringify({ counts, expected: tokenizer.encode(batch[0]).length * 100 }));`;
  await build({
    ...bundle,
    stdin: { contents: program, resolveDir: root, loader: 'ts' },
    outfile: join(folder, 'cli.mjs'),
  });
  const worker = join(root, 'src/tokenizer/encode-worker.ts');
  await build({ ...bundle, entryPoints: [worker], outfile: join(folder, 'encode-worker.mjs') });
  const run = promisify(execFile)(
    process.execPath,
    [join(folder, 'cli.mjs'), join(folder, 'tokenizer.json')],
    { cwd: '/' },
  );
  const { counts, expected } = JSON.parse((await run).stdout);
  assert.deepEqual(counts, Array(20).fill(expected));
  assert.ok((await readFile(join(folder, 'cli.mjs'), 'utf8')).includes('encode-worker.mjs'));
});

test('workers start from source whatever the working folder is', async () => {
  const before = process.cwd();
  process.chdir('/');
  try {
    assert.equal((await collect(encodeDocuments(batches(30), tokenizer, { threads: 2 }))).length, 30);
  } finally {
    process.chdir(before);
  }
});
