/**
 * (c) Time to a held-out perplexity against nanoGPT's recipe in PyTorch: same tokens, same held-out windows, models
 * of the same width, depth and context. The peer trains for a given time with its cosine schedule ending there, at
 * the best of several learning rates; what it reaches is the target. Ours is the first run, its own decay ended,
 * whose perplexity is not higher. Several lengths of the peer's run are compared, so that none is picked.
 *
 * The peer's rate is chosen by held-out perplexity, which favours the peer. Nothing of ours is chosen in here.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import type { Engine } from '../../src/engines/engine.ts';
import { type BenchTokens, prepareTokens } from '../bench-tokens.ts';
import { type Python, runPeer } from '../peer.ts';
import { firstReaching } from '../statistics.ts';
import { type CurvePoint, ourCurve } from './our-curve.ts';
import { SIZE_B } from './sizes.ts';

const HELDOUT_BATCHES = 24;
const CALIBRATION_STEPS = 20;
/** Our first point lies at this share of the peer's shortest run. */
const FIRST_SHARE = 0.15;

export interface TimeToPerplexityOptions {
  readonly corpus: string;
  /** Training time of the peer's runs, shortest first. */
  readonly peerSeconds: readonly number[];
  /** Learning rates that the peer tries in its shortest run. */
  readonly rates: readonly number[];
  say(message: string): void;
}

export interface TimeToPerplexity {
  readonly trainTokens: number;
  readonly heldoutTokens: number;
  readonly rows: number;
  readonly peerParameters: number;
  /** The peer's perplexity in the shortest run by learning rate. */
  readonly rates: readonly { readonly rate: number; readonly perplexity: number }[];
  readonly comparisons: readonly Comparison[];
  readonly curve: readonly CurvePoint[];
  readonly target: number;
}

interface Comparison {
  readonly peerSeconds: number;
  readonly peerSteps: number;
  /** What the peer reached. */
  readonly perplexity: number;
  /** Our first run that reached it, and its time over the peer's; absent when none did. */
  readonly ours: CurvePoint | undefined;
  readonly ratio: number | undefined;
}

const peerSchema = z.object({
  learningRate: z.number(),
  parameters: z.number(),
  step: z.number(),
  trainSeconds: z.number(),
  heldoutPerplexity: z.number(),
});
type PeerRun = z.infer<typeof peerSchema>;

export async function benchTimeToPerplexity(
  engine: Engine,
  python: Python,
  options: TimeToPerplexityOptions,
): Promise<TimeToPerplexity> {
  const folder = await mkdtemp(join(tmpdir(), 'parlance-bench-'));
  try {
    const { size, rows } = SIZE_B;
    const heldoutTokens = HELDOUT_BATCHES * rows * size.context + 1;
    options.say('tokenizing the corpus');
    const data = await prepareTokens(options.corpus, folder, size.vocabulary, heldoutTokens);
    const peers = await peerRuns(python, engine.device.threads, data, options);
    const [shortest, longest] = [peers.runs[0], peers.runs[peers.runs.length - 1]];
    options.say('Parlance: stable phase and decays');
    const curve = await ourCurve(engine, SIZE_B, data, {
      folder: join(folder, 'ours'),
      from: FIRST_SHARE * shortest.trainSeconds,
      until: longest.trainSeconds,
      perplexity: Math.min(...peers.runs.map(({ heldoutPerplexity }) => heldoutPerplexity)),
    });
    return {
      trainTokens: data.trainTokens,
      heldoutTokens: heldoutTokens - 1,
      rows,
      peerParameters: shortest.parameters,
      rates: peers.tried.map((run) => ({ rate: run.learningRate, perplexity: run.heldoutPerplexity })),
      comparisons: peers.runs.map((run) => compare(run, curve)),
      curve,
      target: 0.5,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function peerRuns(
  python: Python,
  threads: number,
  data: BenchTokens,
  { peerSeconds, rates, say }: TimeToPerplexityOptions,
): Promise<{ tried: PeerRun[]; runs: PeerRun[] }> {
  const [shortest, ...longer] = peerSeconds;
  const start = (rate: number, steps: number) =>
    runPeer(python, 'nanogpt.py', peerArguments(data, rate, steps, threads), peerSchema);
  const calibration = await start(rates[0], CALIBRATION_STEPS);
  let secondsPerStep = calibration.trainSeconds / calibration.step;
  const tried: PeerRun[] = [];
  for (const rate of rates) {
    say(`nanoGPT's recipe: ${shortest} s at rate ${rate}`);
    tried.push(await start(rate, Math.round(shortest / secondsPerStep)));
  }
  const best = tried.reduce((a, b) => (b.heldoutPerplexity < a.heldoutPerplexity ? b : a));
  secondsPerStep = best.trainSeconds / best.step;
  const runs = [best];
  for (const seconds of longer) {
    say(`nanoGPT's recipe: ${seconds} s at rate ${best.learningRate}`);
    runs.push(await start(best.learningRate, Math.round(seconds / secondsPerStep)));
  }
  return { tried, runs };
}

function compare(run: PeerRun, curve: readonly CurvePoint[]): Comparison {
  const ours = firstReaching(curve, run.heldoutPerplexity);
  return {
    peerSeconds: run.trainSeconds,
    peerSteps: run.step,
    perplexity: run.heldoutPerplexity,
    ours,
    ratio: ours && ours.seconds / run.trainSeconds,
  };
}

function peerArguments(data: BenchTokens, rate: number, steps: number, threads: number): string[] {
  const { size, rows } = SIZE_B;
  return Object.entries({
    '--tokens': data.trainFile,
    '--heldout': data.heldoutFile,
    '--vocabulary': size.vocabulary,
    '--width': size.width,
    '--layers': size.layers,
    '--heads': size.heads,
    '--context': size.context,
    '--batch': rows,
    '--steps': steps,
    '--eval-every': steps,
    '--lr': rate,
    '--threads': threads,
  }).flatMap(([name, value]) => [name, String(value)]);
}
