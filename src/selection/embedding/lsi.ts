/**
 * The built-in embedding, which needs no download: TF-IDF of a window's words, projected to the leading singular
 * vectors and scaled to length 1 (latent semantic indexing, as c-BTM, arXiv 2303.14177, and CRISP use it).
 *
 * It is fitted on a sample: the vectors of 50,000 windows keep 98 % of what those of 100,000 keep (bench/README.md). A
 * window's place is its TF-IDF row times the vectors, and since the result is scaled to length 1, the inverse
 * document frequencies are multiplied into the stored vectors and the row itself need not be scaled.
 */
import { join } from 'node:path';
import * as z from 'zod';
import { CorruptionError, InputError } from '../../common/errors.ts';
import { letSignalsIn } from '../../common/interruption.ts';
import { Random } from '../../common/random.ts';
import { SafetensorsFile, writeSafetensors } from '../../formats/safetensors.ts';
import type { WindowEmbedding } from './embedding.ts';
import { addScaledRows, type SparseRows } from './sparse.ts';
import { rightSingularVectors } from './svd.ts';
import { GrowingRows, TermRow } from './term-counts.ts';
import { TermTable } from './term-table.ts';

export interface LsiOptions {
  /** At most this many; fewer when the sample has fewer independent directions. 100 by default, as c-BTM. */
  readonly dimensions?: number;
  /** Windows to fit on: when more are given, a random sample of them. */
  readonly sampleWindows?: number;
  readonly seed: number;
  readonly signal?: AbortSignal;
  /** Called with the share of the fitting that is done, once the texts are read. */
  readonly onProgress?: (share: number) => void;
}

/** Unless others are asked for, or the text has fewer. */
export const LSI_DIMENSIONS = 100;
const DEFAULT_SAMPLE_WINDOWS = 50_000;
const MOST_TERMS = 20_000;
/** A term that only one window has brings no two windows together. */
const LEAST_WINDOWS_OF_A_TERM = 2;
const FILE = 'lsi.safetensors';
const TENSOR = 'projection';
const WINDOWS_AT_ONCE = 1024;

/** How many of so many windows an embedding is fitted on, and how many of so many shared terms it knows. */
export const sampledWindows = (windows: number): number => Math.min(windows, DEFAULT_SAMPLE_WINDOWS);
export const fittedTerms = (terms: number): number => Math.min(terms, MOST_TERMS);

const termsSchema = z.array(z.string()).min(1);

export class LsiEmbedding implements WindowEmbedding {
  readonly dimensions: number;
  /** Most frequent first. */
  readonly terms: readonly string[];
  readonly #table: TermTable;
  /** [terms, dimensions]: inverse document frequency times singular vector. */
  readonly #projection: Float32Array;
  #flops: number;

  private constructor(terms: readonly string[], projection: Float32Array, flops: number) {
    this.terms = terms;
    this.#flops = flops;
    this.dimensions = projection.length / terms.length;
    this.#table = new TermTable(terms);
    this.#projection = projection;
  }

  /**
   * Fits an embedding on windows of text, which are read once. Texts without any word that two of them share are an
   * `InputError`.
   */
  static async fit(
    texts: () => AsyncIterable<readonly string[]>,
    options: LsiOptions,
  ): Promise<LsiEmbedding> {
    const { seed, signal, onProgress, dimensions = LSI_DIMENSIONS } = options;
    const sample = await sampled(texts(), options);
    const table = new TermTable();
    const counts = await countTerms(sample, table, signal);
    const windows = documentFrequencies(counts, table.size);
    const chosen = mostFrequent(windows, sample.length);
    if (chosen.length === 0) {
      throw new InputError(
        `The ${sample.length} windows of text to cluster share no words.`,
        'Give more text in a language that puts spaces between words, or name a sentence encoder (selection.embedding in parlance.json).',
      );
    }
    const inverse = chosen.map((term) => Math.log((1 + sample.length) / (1 + windows[term])) + 1);
    const { rank, vectors, flops } = await rightSingularVectors(
      weighted(counts, chosen, inverse),
      chosen.length,
      { rank: dimensions, random: Random.fromSeed(seed, 'singular vectors'), signal, onProgress },
    );
    const projection = vectors.map((value, i) => value * inverse[Math.floor(i / rank)]);
    return new LsiEmbedding(
      chosen.map((term) => table.term(term)),
      projection,
      flops,
    );
  }

  /** Reads what `save` wrote. A file that is not such a one is a `CorruptionError`. */
  static async load(directory: string): Promise<LsiEmbedding> {
    const path = join(directory, FILE);
    const file = await SafetensorsFile.open(path);
    try {
      const terms = parseTerms(file.metadata.terms);
      const shape = file.tensors.get(TENSOR)?.shape;
      if (terms === undefined || shape?.length !== 2 || shape[0] !== terms.length || !(shape[1] > 0)) {
        throw new CorruptionError(
          `${path} holds no embedding: its terms and its tensor "${TENSOR}" do not fit.`,
          'Remove the folder it is in and run the same command again.',
        );
      }
      return new LsiEmbedding(terms, await file.float32(TENSOR), 0);
    } finally {
      await file.close();
    }
  }

  /** Writes `lsi.safetensors` into the folder, whole or not at all; the terms are in its metadata, as JSON. */
  async save(directory: string): Promise<void> {
    const shape = [this.terms.length, this.dimensions];
    const tensor = { name: TENSOR, type: 'F32', shape, data: () => this.#projection } as const;
    await writeSafetensors(join(directory, FILE), [tensor], { terms: JSON.stringify(this.terms) });
  }

  get flops(): number {
    return this.#flops;
  }

  /** There is nothing to free. */
  async close(): Promise<void> {}

  async embed(texts: readonly string[]): Promise<Float32Array> {
    const { dimensions } = this;
    const vectors = new Float32Array(texts.length * dimensions);
    const row = new TermRow(this.#table);
    for (const [i, text] of texts.entries()) {
      row.read(text);
      for (let e = 0; e < row.length; e++) row.values[e] = dampened(row.values[e]);
      const vector = vectors.subarray(i * dimensions, (i + 1) * dimensions);
      addScaledRows(vector, row, 0, row.length, this.#projection, dimensions);
      this.#flops += 2 * row.length * dimensions;
      normalize(vector, 0, dimensions);
    }
    return vectors;
  }
}

function parseTerms(json: string | undefined): readonly string[] | undefined {
  try {
    return termsSchema.parse(JSON.parse(json ?? ''));
  } catch {
    return undefined;
  }
}

/** At most `sampleWindows` of the texts, each with equal probability (Vitter 1985, algorithm R). */
async function sampled(
  texts: AsyncIterable<readonly string[]>,
  { sampleWindows = DEFAULT_SAMPLE_WINDOWS, seed, signal }: LsiOptions,
): Promise<string[]> {
  const random = Random.fromSeed(seed, 'windows to fit on');
  const sample: string[] = [];
  let read = 0;
  for await (const batch of texts) {
    for (const text of batch) {
      const place = read < sampleWindows ? read : random.below(read + 1);
      if (place < sampleWindows) sample[place] = text;
      read++;
    }
    await letSignalsIn(signal);
  }
  return sample;
}

async function countTerms(texts: readonly string[], table: TermTable, signal?: AbortSignal) {
  const row = new TermRow(table, { adding: true });
  const rows = new GrowingRows();
  for (const [i, text] of texts.entries()) {
    row.read(text);
    rows.append(row);
    if (i % WINDOWS_AT_ONCE === 0) await letSignalsIn(signal);
  }
  return rows;
}

/** In how many rows each of `terms` terms is. */
function documentFrequencies({ columns, starts, count }: SparseRows, terms: number): Uint32Array {
  const frequencies = new Uint32Array(terms);
  for (let e = 0; e < starts[count]; e++) frequencies[columns[e]]++;
  return frequencies;
}

/** The terms that most windows have, most frequent first. */
function mostFrequent(frequencies: Uint32Array, windows: number): number[] {
  const least = Math.min(LEAST_WINDOWS_OF_A_TERM, windows);
  return Array.from(frequencies.keys())
    .filter((term) => frequencies[term] >= least)
    .sort((a, b) => frequencies[b] - frequencies[a] || a - b)
    .slice(0, MOST_TERMS);
}

/** TF-IDF rows of length 1 over the chosen terms, whose columns are their places among these. */
function weighted(counts: SparseRows, chosen: readonly number[], inverse: readonly number[]): SparseRows {
  const places = new Map(chosen.map((term, place) => [term, place]));
  const starts = new Int32Array(counts.count + 1);
  const columns = new Int32Array(counts.starts[counts.count]);
  const values = new Float32Array(columns.length);
  let end = 0;
  for (let r = 0; r < counts.count; r++) {
    for (let e = counts.starts[r]; e < counts.starts[r + 1]; e++) {
      const place = places.get(counts.columns[e]);
      if (place === undefined) continue;
      columns[end] = place;
      values[end++] = dampened(counts.values[e]) * inverse[place];
    }
    normalize(values, starts[r], end);
    starts[r + 1] = end;
  }
  return { count: counts.count, starts, columns, values };
}

/** Sublinear term frequency: 1 + ln(count). The second "Smith" of a window says less than the first. */
const dampened = (count: number): number => (count === 1 ? 1 : 1 + Math.log(count));

/** Scales values[from, end) to length 1; zeros stay. */
function normalize(values: Float32Array, from: number, end: number): void {
  let squares = 0;
  for (let i = from; i < end; i++) squares += values[i] * values[i];
  if (squares === 0) return;
  const scale = 1 / Math.sqrt(squares);
  for (let i = from; i < end; i++) values[i] *= scale;
}
