/**
 * `npm run bench:clustering -- --corpus <folder, JSONL or text>`: windows of text into clusters, against scikit-learn's
 * TfidfVectorizer, TruncatedSVD and MiniBatchKMeans on the same texts. bench/README.md says what is measured and how.
 *
 * Inertia is not comparable between the two spaces of vectors, so that ours is also fitted to the peer's vectors: that
 * comparison is of k-means alone.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Command, InvalidArgumentError } from 'commander';
import * as z from 'zod';
import { InputError, ResourceError } from '../src/common/errors.ts';
import { writeAtomic, writeFileAtomic } from '../src/common/files.ts';
import { indexCorpus } from '../src/corpus/documents/indexing.ts';
import { OnnxRuntimeEngine } from '../src/engines/onnxruntime/engine.ts';
import { machineFacts } from './machine.ts';
import { findPython, runPeer } from './peer.ts';
import { median } from './statistics.ts';

const run = promisify(execFile);
const TERMS = 20_000;
const LEAST_WINDOWS = 2;
const DIMENSIONS = 100;
const RESTARTS = 3;
/** About 128 tokens of a vocabulary of some thousands. */
const WINDOW_CHARACTERS = 512;

/** What both sides are told. Ours always takes the terms and the least windows given here. */
export interface ClusteringTask {
  /** A file of one JSON string a line. */
  readonly windows: string;
  /** The peer: where to write its vectors. Ours: vectors to cluster instead of making some. */
  readonly vectors?: string;
  readonly terms: number;
  readonly leastWindows: number;
  readonly dimensions: number;
  readonly sampleWindows: number;
  readonly clusters: number;
  readonly restarts: number;
  readonly threads: number;
  readonly seed: number;
}

const ourSchema = z.object({
  seconds: z.object({ fit: z.number(), embedding: z.number(), clusters: z.number() }),
  inertia: z.number(),
  largestCluster: z.number(),
  gigaflops: z.number(),
});
export type OurSide = z.infer<typeof ourSchema>;

const peerSchema = z.object({
  seconds: z.object({ words: z.number(), vectors: z.number(), clusters: z.number() }),
  inertia: z.number(),
  largestCluster: z.number(),
  versions: z.record(z.string(), z.string()),
});
type PeerSide = z.infer<typeof peerSchema>;

interface Round {
  readonly ours: OurSide;
  readonly peer: PeerSide;
  /** Our k-means on the peer's vectors. */
  readonly oursOnPeerVectors: OurSide;
}

interface Options {
  readonly corpus: string;
  readonly windows: number;
  readonly clusters: number;
  readonly sampleWindows: number;
  readonly rounds: number;
}

await new Command('bench:clustering')
  .requiredOption('--corpus <path>', 'text: a folder, JSONL or text file')
  .option('--windows <count>', 'how many windows of text', count, 200_000)
  .option('--clusters <count>', 'how many clusters', count, 256)
  .option('--sample-windows <count>', 'windows that our embedding is fitted on', count, 50_000)
  .option('--rounds <count>', 'how often each side runs, in turn', count, 3)
  .action(measure)
  .parseAsync();

async function measure(options: Options): Promise<void> {
  const python = await findPython('import sklearn, platform; print(platform.python_version())');
  if (python === undefined) {
    throw new ResourceError(
      'No python3 with scikit-learn was found.',
      'On Debian: apt-get install python3-sklearn libopenblas0-pthread',
    );
  }
  const folder = await mkdtemp(join(tmpdir(), 'parlance-bench-'));
  try {
    say('reading the corpus');
    const windows = join(folder, 'windows.jsonl');
    const megabytes = await writeWindows(resolve(options.corpus), options.windows, windows, folder);
    const rounds: Round[] = [];
    for (let seed = 1; seed <= options.rounds; seed++) {
      say(`round ${seed} of ${options.rounds}`);
      rounds.push(await oneRound(taskOf(options, windows, seed), python, join(folder, 'peer.npy')));
    }
    await report(options, megabytes, rounds, python.output);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function taskOf({ clusters, sampleWindows }: Options, windows: string, seed: number): ClusteringTask {
  return {
    windows,
    terms: TERMS,
    leastWindows: LEAST_WINDOWS,
    dimensions: DIMENSIONS,
    sampleWindows,
    clusters,
    restarts: RESTARTS,
    threads: availableParallelism(),
    seed,
  };
}

async function oneRound(
  task: ClusteringTask,
  python: { interpreter: string },
  vectors: string,
): Promise<Round> {
  const ours = await runOurs(task);
  const peer = await runPeer(python, 'clustering.py', [JSON.stringify({ ...task, vectors })], peerSchema);
  return { ours, peer, oursOnPeerVectors: await runOurs({ ...task, vectors }) };
}

async function runOurs(task: ClusteringTask): Promise<OurSide> {
  const script = fileURLToPath(new URL('our-clustering.ts', import.meta.url));
  const { stdout } = await run(process.execPath, ['--import', 'tsx', script, JSON.stringify(task)]);
  return ourSchema.parse(JSON.parse(stdout));
}

/** Writes the first windows of the corpus, cut at spaces, and returns their size in 1,000,000 bytes of UTF-8. */
async function writeWindows(corpus: string, count: number, path: string, folder: string): Promise<number> {
  const documents = await indexCorpus(
    { name: 'bench', role: 'generic', sources: [{ path: corpus }], split: { validation: 0, heldout: 0 } },
    { directory: join(folder, 'documents'), signal: new AbortController().signal },
  );
  let written = 0;
  let bytes = 0;
  await writeAtomic(path, async (file) => {
    for await (const batch of documents.texts(() => written < count)) {
      const windows = batch.flatMap(({ text }) => [...windowsOf(text)]).slice(0, count - written);
      written += windows.length;
      bytes += windows.reduce((sum, window) => sum + Buffer.byteLength(window), 0);
      await file.writeFile(windows.map((window) => `${JSON.stringify(window)}\n`).join(''));
    }
  });
  if (written < count) {
    throw new InputError(
      `${corpus} gives ${written} windows, not ${count}.`,
      `Give more text, or ask for --windows ${written}.`,
    );
  }
  return bytes / 1e6;
}

function* windowsOf(text: string): Generator<string> {
  for (let from = 0; from < text.length; ) {
    const space = text.indexOf(' ', from + WINDOW_CHARACTERS);
    const end = space < 0 ? text.length : space + 1;
    yield text.slice(from, end);
    from = end;
  }
}

async function report(options: Options, megabytes: number, rounds: readonly Round[], python: string) {
  const engine = new OnnxRuntimeEngine({ threads: availableParallelism() });
  const { versions, ...machine } = await machineFacts(engine, undefined);
  await engine.dispose();
  const result = {
    machine: { ...machine, versions: { ...versions, ...rounds[0].peer.versions, Python: python } },
    windows: options.windows,
    megabytes,
    clusters: options.clusters,
    sampleWindows: options.sampleWindows,
    rounds,
  };
  const folder = fileURLToPath(new URL('results', import.meta.url));
  await mkdir(folder, { recursive: true });
  const name = `clustering-${machine.date}-${machine.commit}.json`;
  await writeFileAtomic(join(folder, name), `${JSON.stringify(result, null, 2)}\n`);
  console.log(`\n${table(rounds)}`);
}

type Row = readonly [measure: string, ours: string, peer: string, ratio: string];

function table(rounds: readonly Round[]): string {
  const rows: Row[] = [
    ['Measure', 'Parlance', 'scikit-learn', 'Ratio'],
    ['---', '---:', '---:', '---:'],
    row(
      rounds,
      'words and vectors, s',
      ({ ours }) => ours.seconds.fit + ours.seconds.embedding,
      ({ peer }) => peer.seconds.words + peer.seconds.vectors,
    ),
    row(
      rounds,
      'clusters, s',
      ({ ours }) => ours.seconds.clusters,
      ({ peer }) => peer.seconds.clusters,
    ),
    row(
      rounds,
      'all, s',
      ({ ours }) => total(ours.seconds),
      ({ peer }) => total(peer.seconds),
    ),
    row(
      rounds,
      'inertia, each on its own vectors',
      ({ ours }) => ours.inertia,
      ({ peer }) => peer.inertia,
    ),
    row(
      rounds,
      'inertia on the peer’s vectors',
      (round) => round.oursOnPeerVectors.inertia,
      ({ peer }) => peer.inertia,
    ),
    row(
      rounds,
      'clusters of the peer’s vectors, s',
      (round) => round.oursOnPeerVectors.seconds.clusters,
      ({ peer }) => peer.seconds.clusters,
    ),
  ];
  return rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Medians, and the range of the rounds' ratios. */
function row(
  rounds: readonly Round[],
  measure: string,
  ofOurs: (round: Round) => number,
  ofPeer: (round: Round) => number,
): Row {
  const [ours, peer] = [median(rounds.map(ofOurs)), median(rounds.map(ofPeer))];
  const ratios = rounds.map((round) => ofOurs(round) / ofPeer(round));
  const range = [Math.min(...ratios), Math.max(...ratios)].map((ratio) => ratio.toFixed(3)).join(' to ');
  return [measure, formatted(ours), formatted(peer), `${(ours / peer).toFixed(3)} (rounds ${range})`];
}

function formatted(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: value < 100 ? 1 : 0 });
}

function total(seconds: Readonly<Record<string, number>>): number {
  return Object.values(seconds).reduce((sum, value) => sum + value, 0);
}

function count(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new InvalidArgumentError('Give a whole number above 0.');
}

/** Progress goes to standard error: standard output is the table. */
function say(message: string): void {
  console.error(`bench: ${message} …`);
}
