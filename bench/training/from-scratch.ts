/** A plain model pretrained from scratch on a bench's tokens, by the product's recipe or a change of it. */
import { selectDocuments, WindowSet } from '../../src/corpus/windows/windows.ts';
import type { Engine } from '../../src/engines/engine.ts';
import { DECAY_SHARE, WARMUP_SHARE } from '../../src/methods/stages/pretrain.ts';
import { batchRows } from '../../src/methods/stages/training.ts';
import { denseParameterization, initialWeights } from '../../src/models/parameterization.ts';
import { PRETRAINING, type Recipe } from '../../src/training/recipe.ts';
import { windowStream } from '../../src/training/stream.ts';
import { train } from '../../src/training/trainer.ts';
import type { BenchTokens } from '../bench-tokens.ts';
import { heldoutPerplexity } from './our-curve.ts';
import type { BenchSize } from './sizes.ts';

export interface FromScratch {
  readonly size: BenchSize['size'];
  readonly tokens: number;
  readonly batchTokens: number;
  readonly seed: number;
  readonly recipe?: Partial<Recipe>;
  readonly decayShare?: number;
}

/** Held-out perplexity, and the seconds that the steps took. */
export async function trainFromScratch(
  { size, tokens, batchTokens, seed, recipe, decayShare = DECAY_SHARE }: FromScratch,
  data: BenchTokens,
  { engine, scratch }: { readonly engine: Engine; readonly scratch: string },
): Promise<{ readonly perplexity: number; readonly seconds: number }> {
  const steps = Math.round(tokens / batchTokens);
  const windows = new WindowSet(data.store, selectDocuments(data.store, 'train'), size.context);
  const { progress, best } = await train(
    {
      size,
      weights: denseParameterization(size),
      recipe: { ...PRETRAINING, ...recipe },
      schedule: {
        warmupSteps: Math.max(1, Math.round(steps * WARMUP_SHARE)),
        stableUntil: Math.round(steps * (1 - decayShare)),
        end: steps,
      },
      steps,
      ...batchRows(batchTokens, size),
      stream: windowStream(windows, seed),
    },
    { weights: async () => initialWeights(size, seed) },
    {
      engine,
      scratch,
      signal: new AbortController().signal,
      checkpointSeconds: Number.POSITIVE_INFINITY,
      onProgress: () => {},
    },
  );
  return {
    perplexity: await heldoutPerplexity(engine, { size, rows: 8 }, best, data.heldout),
    seconds: progress.spent.seconds,
  };
}
