/**
 * (f) How fast models continue texts and read prompts, against llama.cpp (`node-llama-cpp`), in float32 on the same threads.
 *
 * Three sizes with random weights; both sides get the same, ours as the product's model folder, the peer's as GGUF. The
 * prompt is 200 tokens, after which the likeliest token is drawn each time. Ours is the product's own loop, with
 * log-probabilities; the peer's is `evaluate` of its sequence, with its caches in float32 as ours are. Rounds alternate and
 * medians are shown. Before anything is timed, both must write the same tokens.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getLlama, type LlamaContextSequence, LlamaLogLevel, type Token } from 'node-llama-cpp';
import type { ModelSize } from '../src/common/model-size.ts';
import { writeGgufModel } from '../src/experiments/export/gguf.ts';
import { keptWeights } from '../src/experiments/export/kept-weights.ts';
import { openModelSource } from '../src/experiments/export/model-source.ts';
import { CachedModel } from '../src/inference/cached-model.ts';
import { likeliestIds, logSumExp } from '../src/inference/sampling.ts';
import { parameterCount } from '../src/models/size.ts';
import { readModelWeights } from '../src/training/model-weights.ts';
import { SMOLLM2_135M, saveRandomModel, variant } from './random-model.ts';
import { median } from './statistics.ts';

const ROUNDS = 5;
const PROMPT = 200;
const CONTEXT = 512;

/** Tokens a second, medians. */
interface Compared {
  readonly ours: number;
  readonly peer: number;
  /** The median of the rounds' ratios. */
  readonly ratio: number;
}

export interface GenerationSpeed {
  readonly parameters: number;
  readonly generation: Compared;
  readonly prompt: Compared;
}

interface BenchedSize {
  readonly size: ModelSize;
  /** How many tokens are generated in a round. */
  readonly tokens: number;
}

/** stories260k's shape, one that is trained here, and SmolLM2-135M's. */
const SIZES: readonly BenchedSize[] = [
  {
    size: {
      layers: 5,
      width: 64,
      heads: 8,
      feedForward: 172,
      context: CONTEXT,
      vocabulary: 512,
      variant: variant(4, 8, 512),
    },
    tokens: 250,
  },
  {
    size: { layers: 6, width: 256, heads: 4, feedForward: 688, context: CONTEXT, vocabulary: 4096 },
    tokens: 250,
  },
  {
    size: { ...SMOLLM2_135M, context: CONTEXT },
    tokens: 40,
  },
];

export async function benchGeneration(threads: number): Promise<GenerationSpeed[]> {
  const results: GenerationSpeed[] = [];
  for (const benched of SIZES) {
    const folder = await mkdtemp(join(tmpdir(), 'parlance-bench-'));
    try {
      results.push(await benchSize(folder, benched, threads));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  return results;
}

/** One side of the comparison. */
interface Side {
  /** Reads a prompt, of which nothing is remembered. */
  read(ids: readonly number[]): Promise<unknown>;
  /** The likeliest tokens after what was read. */
  write(count: number): Promise<readonly number[]>;
}

async function benchSize(
  folder: string,
  { size, tokens }: BenchedSize,
  threads: number,
): Promise<GenerationSpeed> {
  const path = await saveModel(folder, size);
  const model = await CachedModel.load(size, await readModelWeights(folder, size), threads);
  const llama = await getLlama({
    gpu: false,
    build: 'never',
    skipDownload: true,
    maxThreads: threads,
    logLevel: LlamaLogLevel.error,
  });
  const context = await (await llama.loadModel({ modelPath: path })).createContext({
    contextSize: CONTEXT,
    threads: { ideal: threads, min: threads },
    flashAttention: false,
    experimentalKvCacheKeyType: 'F32',
    experimentalKvCacheValueType: 'F32',
  });
  const sides = [ourSide(model), peerSide(context.getSequence())];
  const written: (readonly number[])[] = [];
  const rates: Round[][] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const ids = Array.from({ length: PROMPT }, (_, i) => 1 + ((i * i * 31 + (7 + round) * i) % 256));
    const of: Round[] = [];
    for (const side of sides) of.push(await oneRound(side, ids, tokens, written));
    // The first warms both up.
    if (round > 0) rates.push(of);
    assert.deepEqual(written.pop(), written.pop(), 'both sides write the same tokens');
  }
  await model.dispose();
  await llama.dispose();
  return {
    parameters: parameterCount(size),
    generation: compared(rates, 'generation'),
    prompt: compared(rates, 'prompt'),
  };
}

type Round = Readonly<Record<'generation' | 'prompt', number>>;

async function oneRound(
  side: Side,
  ids: readonly number[],
  tokens: number,
  written: (readonly number[])[],
): Promise<Round> {
  const began = performance.now();
  await side.read(ids);
  const read = performance.now();
  written.push(await side.write(tokens));
  const end = performance.now();
  return { prompt: (1000 * ids.length) / (read - began), generation: (1000 * tokens) / (end - read) };
}

function compared(rounds: readonly (readonly Round[])[], what: keyof Round): Compared {
  const middle = (side: number) => median(rounds.map((round) => round[side][what]));
  const ratio = median(rounds.map(([ours, peer]) => ours[what] / peer[what]));
  return { ours: middle(0), peer: middle(1), ratio };
}

function ourSide(model: CachedModel): Side {
  let text = model.newText();
  let ids: number[] = [];
  return {
    read: (prompt) => {
      text = model.newText();
      ids = [...prompt];
      return text.logits(ids, 1);
    },
    async write(count) {
      for (let i = 0; i < count; i++) {
        const logits = await text.logits(ids, 1);
        const [likeliest] = likeliestIds(logits, 1);
        assert.ok(logits[likeliest] - logSumExp(logits) <= 0);
        ids.push(likeliest);
      }
      return ids.slice(-count);
    },
  };
}

function peerSide(sequence: LlamaContextSequence): Side {
  let last: Token;
  return {
    async read(prompt) {
      const tokens = prompt.map((id) => id as Token);
      last = tokens[tokens.length - 1];
      await sequence.clearHistory();
      await sequence.evaluateWithoutGeneratingNewTokens(tokens.slice(0, -1));
    },
    async write(count) {
      const ids: number[] = [];
      for await (const id of sequence.evaluate([last], { temperature: 0, yieldEogToken: true })) {
        ids.push(id);
        if (ids.length === count) break;
      }
      return ids;
    },
  };
}

/** Saves the model as a folder and beside it as GGUF; the path of that. */
async function saveModel(folder: string, size: ModelSize): Promise<string> {
  await saveRandomModel(folder, size);
  const source = await openModelSource(folder);
  const path = join(folder, 'model.gguf');
  await writeGgufModel(path, source, { kept: keptWeights(source.weights, 'f32'), name: 'bench' });
  await source.close();
  return path;
}
