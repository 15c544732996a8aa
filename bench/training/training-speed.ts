/**
 * (a) Training tokens a second against PyTorch: same model, batch, precision (float32), optimizer (AdamW for all
 * tensors) and clipping. Both are warm and idle processes in turn; rounds alternate, medians are over all steps.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Engine } from '../../src/engines/engine.ts';
import { trainingFlopsPerToken } from '../../src/models/size.ts';
import { PeerServer, type Python } from '../peer.ts';
import { median } from '../statistics.ts';
import { OurTraining } from './our-training.ts';
import type { BenchSize } from './sizes.ts';

const ROUNDS = 5;
const WARM_UP_STEPS = 3;
/** Steps of B are short: more of them make a round of a few seconds. */
const STEPS_PER_ROUND = { A: 4, B: 12 };
/** Threads of a pool spin for a while after their work; the other side waits until they sleep. */
const SETTLE_MS = 300;

export interface TrainingSpeed {
  readonly name: BenchSize['name'];
  readonly tokensPerSecond: number;
  /** Floating-point operations of the model, as `trainingFlopsPerToken` counts them. */
  readonly modelFlopsPerSecond: number;
  /** Absent when there is no PyTorch, or it was not asked for. */
  readonly peer:
    | { readonly tokensPerSecond: number; readonly ratio: number; readonly blas: string }
    | undefined;
  /** Ratio of the round medians, smallest and largest. */
  readonly ratioRange: readonly [number, number] | undefined;
  readonly target: number;
}

export async function benchTrainingSpeed(
  engine: Engine,
  bench: BenchSize,
  python: Python | undefined,
): Promise<TrainingSpeed> {
  const { name, size, rows, target } = bench;
  const tokens = rows * size.context;
  const peer = python && new PeerServer(python, peerArguments(bench, engine.device.threads));
  const ours = await OurTraining.start(engine, bench, 'adamw');
  try {
    await ours.steps(WARM_UP_STEPS);
    await peer?.steps(1);
    const rounds: Round[] = [];
    for (let i = 0; i < ROUNDS; i++) rounds.push(await oneRound(ours, peer, STEPS_PER_ROUND[name]));
    const tokensPerSecond = tokens / median(rounds.flatMap(({ own }) => own));
    return {
      name,
      tokensPerSecond,
      modelFlopsPerSecond: tokensPerSecond * trainingFlopsPerToken(size),
      ...compare(rounds, tokens, tokensPerSecond),
      target,
    };
  } finally {
    await ours.dispose();
    peer?.close();
  }
}

interface Round {
  /** Seconds of each step. */
  readonly own: readonly number[];
  readonly peer: { readonly seconds: readonly number[]; readonly blas: string } | undefined;
}

async function oneRound(ours: OurTraining, peer: PeerServer | undefined, steps: number): Promise<Round> {
  await sleep(SETTLE_MS);
  const own = await ours.steps(steps);
  if (peer === undefined) return { own, peer: undefined };
  await sleep(SETTLE_MS);
  const { secondsPerStep, blas } = await peer.steps(steps);
  return { own, peer: { seconds: secondsPerStep, blas } };
}

function compare(
  rounds: readonly Round[],
  tokens: number,
  own: number,
): Pick<TrainingSpeed, 'peer' | 'ratioRange'> {
  const both = rounds.flatMap((round) => (round.peer ? [{ own: round.own, ...round.peer }] : []));
  if (both.length === 0) return { peer: undefined, ratioRange: undefined };
  const tokensPerSecond = tokens / median(both.flatMap(({ seconds }) => seconds));
  const ratios = both.map(({ own, seconds }) => median(seconds) / median(own));
  return {
    peer: { tokensPerSecond, ratio: own / tokensPerSecond, blas: both[0].blas },
    ratioRange: [Math.min(...ratios), Math.max(...ratios)],
  };
}

function peerArguments({ size, rows }: BenchSize, threads: number): string[] {
  return Object.entries({
    '--vocabulary': size.vocabulary,
    '--width': size.width,
    '--layers': size.layers,
    '--heads': size.heads,
    '--feed-forward': size.feedForward,
    '--context': size.context,
    '--batch': rows,
    '--threads': threads,
  }).flatMap(([name, value]) => [name, String(value)]);
}
