/** What pretraining and fine-tuning stages share: reading data, running the training loop, booking its cost. */

import type { ModelShape, ModelSize } from '../../common/model-size.ts';
import { flops, seconds, tokens } from '../../common/units.ts';
import type { StageContext } from '../../pipeline/stage.ts';
import type { Tokenizer } from '../../tokenizer/tokenizer.ts';
import type { TrainingStart } from '../../training/beginning.ts';
import { atWidth, PRETRAINING, type Recipe } from '../../training/recipe.ts';
import type { TrainingResult, TrainingSettings } from '../../training/settings.ts';
import { train } from '../../training/trainer.ts';
import type { ExperimentPlan, ModelName } from '../experiment-plan.ts';
import type { StageServices } from './services.ts';

/** Tokens whose activations fit the processor's caches; a batch is computed in parts of about this size. */
export const MICRO_BATCH_TOKENS = 1024;

/** The size of a plan's model with a vocabulary. */
export function modelSize(plan: ExperimentPlan, model: ModelName, vocabularySize: number): ModelSize {
  return sizeOn({ vocabularySize }, { model: plan.models[model], context: plan.context });
}

/** The size of a stage's model on a tokenizer; a model that came in keeps the rows that its embedding has. */
export function sizeOn(
  { vocabularySize }: Pick<Tokenizer, 'vocabularySize'>,
  { model, context }: { readonly model: ModelShape; readonly context: number },
): ModelSize {
  return { ...model, context, vocabulary: model.variant?.vocabulary ?? vocabularySize };
}

export function scaledRecipe(recipe: Recipe, rate: number): Recipe {
  return { ...recipe, matrixRate: recipe.matrixRate * rate, adamRate: recipe.adamRate * rate };
}

/** For training from scratch, before the experiment's factor on the rates. */
export function scratchRecipe(
  { models, ratesByWidth }: Pick<ExperimentPlan, 'models' | 'ratesByWidth'>,
  model: ModelName,
): Recipe {
  return ratesByWidth ? atWidth(PRETRAINING, models[model].width) : PRETRAINING;
}

export const pretrainingRecipe = (plan: ExperimentPlan, model: ModelName): Recipe =>
  scaledRecipe(scratchRecipe(plan, model), plan.rate);

/** Rows of a full context in a batch, and the parts that it is computed in: a divisor of the rows. */
export function batchRows(
  batchTokens: number,
  { context, microBatchTokens = MICRO_BATCH_TOKENS }: Pick<ExperimentPlan, 'context' | 'microBatchTokens'>,
): { rows: number; microBatches: number } {
  const rows = Math.max(1, Math.round(batchTokens / context));
  let microBatches = Math.max(1, Math.min(rows, Math.floor((rows * context) / microBatchTokens)));
  while (rows % microBatches !== 0) microBatches--;
  return { rows, microBatches };
}

/** What of a stage's work the training loop needs. */
export interface TrainingPlace extends Pick<StageContext, 'scratch' | 'signal' | 'progress' | 'bookTotal'> {
  readonly services: StageServices;
  /** Where the last step's checkpoint is written, for a stage that goes on from it. */
  readonly lastCheckpoint?: string;
}

/** Runs the training loop as part of a stage: progress goes to the stage, the cost is booked at its end. */
export async function trainInStage(
  settings: TrainingSettings,
  start: TrainingStart,
  { scratch, signal, progress, bookTotal, services, lastCheckpoint }: TrainingPlace,
): Promise<TrainingResult> {
  const result = await train(settings, start, {
    engine: services.engine(),
    scratch,
    lastCheckpoint,
    signal,
    onProgress: ({ step, steps, loss, validationLoss, tokensPerSecond, tokens: seen, spent }) => {
      const validation = validationLoss === undefined ? '' : ` · validation ${validationLoss.toFixed(3)}`;
      const speed = Math.round(tokensPerSecond).toLocaleString('en');
      progress({
        fraction: step / steps,
        message: `step ${step}/${steps} · loss ${loss.toFixed(3)}${validation} · ${speed} tokens/s`,
        metrics: {
          step,
          steps,
          loss,
          tokensPerSecond,
          tokens: seen,
          spentTokens: spent.tokens,
          flops: spent.flops,
          seconds: spent.seconds,
          ...(validationLoss === undefined ? {} : { validationLoss }),
        },
      });
    },
  });
  const { spent } = result.progress;
  // An attempt that failed after its last step has booked already what the next one takes up from the checkpoint.
  bookTotal({ flops: flops(spent.flops), seconds: seconds(spent.seconds), tokens: tokens(spent.tokens) });
  return result;
}
