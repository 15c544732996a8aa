/**
 * Our side of (c): held-out perplexity by training time, with the recipe that the product pretrains with. One stable
 * phase runs on from budget to budget and a branch of each lets the rate fall to zero; a point's time is its stable
 * phase and its own decay, as if it had been trained alone. Only steps are timed: not compiling, saving, evaluating.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { selectDocuments, WindowSet } from '../../src/corpus/windows/windows.ts';
import type { Engine, HostTensor } from '../../src/engines/engine.ts';
import { DECAY_SHARE, WARMUP_SHARE } from '../../src/methods/stages/pretrain.ts';
import { batchRows } from '../../src/methods/stages/training.ts';
import { denseParameterization, initialWeights } from '../../src/models/parameterization.ts';
import type { TrainingStart } from '../../src/training/beginning.ts';
import { evaluationProgram } from '../../src/training/evaluate.ts';
import { PRETRAINING } from '../../src/training/recipe.ts';
import type { Schedule } from '../../src/training/schedule.ts';
import { windowStream } from '../../src/training/stream.ts';
import { train } from '../../src/training/trainer.ts';
import type { BenchTokens } from '../bench-tokens.ts';
import type { BenchSize } from './sizes.ts';

const SEED = 1;
const CALIBRATION_STEPS = 30;
const GROWTH = 1.15;

export interface CurvePoint {
  readonly steps: number;
  readonly seconds: number;
  readonly perplexity: number;
}

export interface CurveGoal {
  /** Seconds of the first point, about, and of the last one even if the perplexity is not reached. */
  readonly from: number;
  readonly until: number;
  readonly perplexity: number;
}

/** Points of growing time, up to the first that reaches the goal's perplexity. */
export async function ourCurve(
  engine: Engine,
  bench: BenchSize,
  data: BenchTokens,
  { folder, ...goal }: CurveGoal & { readonly folder: string },
): Promise<CurvePoint[]> {
  await mkdir(folder, { recursive: true });
  const run = new Run(engine, bench, data, folder);
  const secondsPerStep = await run.secondsPerStep();
  const first = Math.round(goal.from / secondsPerStep);
  const points: CurvePoint[] = [];
  for (let end = first; end * secondsPerStep < goal.until; end = Math.round(end * GROWTH)) {
    const point = await run.budget(end, Math.round(first * WARMUP_SHARE));
    points.push(point);
    if (point.perplexity <= goal.perplexity) break;
  }
  return points;
}

class Run {
  readonly #engine: Engine;
  readonly #bench: BenchSize;
  readonly #data: BenchTokens;
  readonly #folder: string;
  #trunk: { readonly checkpoint: string; readonly seconds: number } | undefined;

  constructor(engine: Engine, bench: BenchSize, data: BenchTokens, folder: string) {
    this.#engine = engine;
    this.#bench = bench;
    this.#data = data;
    this.#folder = folder;
  }

  async secondsPerStep(): Promise<number> {
    const { progress } = await this.#train(this.#start(), {
      warmupSteps: 1,
      stableUntil: CALIBRATION_STEPS,
      end: CALIBRATION_STEPS,
    });
    return progress.spent.seconds / CALIBRATION_STEPS;
  }

  /** Goes on with the stable phase to where this budget's decay begins, and decays in a branch. */
  async budget(end: number, warmupSteps: number): Promise<CurvePoint> {
    const stableUntil = Math.round(end * (1 - DECAY_SHARE));
    const checkpoint = join(this.#folder, 'trunk.safetensors');
    const stable = await this.#train(
      this.#start(),
      { warmupSteps, stableUntil, end: stableUntil },
      checkpoint,
    );
    this.#trunk = { checkpoint, seconds: (this.#trunk?.seconds ?? 0) + stable.progress.spent.seconds };
    const decayed = await this.#train({ checkpoint, stream: 'continued' }, { warmupSteps, stableUntil, end });
    return {
      steps: end,
      seconds: this.#trunk.seconds + decayed.progress.spent.seconds,
      perplexity: await heldoutPerplexity(this.#engine, this.#bench, decayed.best, this.#data.heldout),
    };
  }

  #start(): TrainingStart {
    return this.#trunk
      ? { checkpoint: this.#trunk.checkpoint, stream: 'continued' }
      : { weights: async () => initialWeights(this.#bench.size, SEED) };
  }

  #train(start: TrainingStart, schedule: Schedule, lastCheckpoint?: string) {
    const { size, rows } = this.#bench;
    const { store } = this.#data;
    return train(
      {
        size,
        weights: denseParameterization(size),
        recipe: PRETRAINING,
        schedule,
        steps: schedule.end,
        ...batchRows(rows * size.context, size),
        stream: windowStream(new WindowSet(store, selectDocuments(store, 'train'), size.context), SEED),
      },
      start,
      {
        engine: this.#engine,
        scratch: this.#folder,
        lastCheckpoint,
        signal: new AbortController().signal,
        checkpointSeconds: Number.POSITIVE_INFINITY,
        onProgress: () => {},
      },
    );
  }
}

/** exp(mean loss) over windows side by side in the stream of tokens, as `heldout_perplexity` of nanogpt.py. */
export async function heldoutPerplexity(
  engine: Engine,
  { size, rows }: Pick<BenchSize, 'size' | 'rows'>,
  weights: Readonly<Record<string, HostTensor>>,
  tokens: Uint16Array,
): Promise<number> {
  const batch = { rows, length: size.context };
  const perBatch = rows * size.context;
  const executable = await engine.compile(evaluationProgram(size, denseParameterization(size), batch));
  const state = engine.createState(weights);
  const batches = (tokens.length - 1) / perBatch;
  if (!Number.isInteger(batches))
    throw new RangeError(`${tokens.length} tokens are not whole batches and 1.`);
  let total = 0;
  for (let at = 0; at < tokens.length - 1; at += perBatch) {
    const ids = Int32Array.from(tokens.subarray(at, at + perBatch));
    const targets = Int32Array.from(tokens.subarray(at + 1, at + 1 + perBatch));
    const { losses } = await executable.step(state, { ids, targets });
    for (const loss of losses) total += loss;
  }
  await executable.dispose();
  state.dispose();
  return Math.exp(total / (batches * perBatch));
}
