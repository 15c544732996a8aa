/**
 * Pretraining on generic text, for several budgets from one run. The stable phase (trunk) runs on from budget to
 * budget; for each a branch lets the learning rate fall to zero and leaves a model. A budget's cost is its trunk
 * and its own decay, as if it had been run alone.
 */
import { join } from 'node:path';
import type { Json } from '../../common/json.ts';
import { denseParameterization, initialWeights } from '../../models/parameterization.ts';
import type { Stage, StageContext } from '../../pipeline/stage.ts';
import { TOKENIZER_FILE, Tokenizer } from '../../tokenizer/tokenizer.ts';
import { writeCheckpoint } from '../../training/checkpoint.ts';
import type { Schedule } from '../../training/schedule.ts';
import { windowStream } from '../../training/stream.ts';
import type { TrainingResult, TrainingStart } from '../../training/trainer.ts';
import type { ExperimentPlan, ModelName } from '../experiment-plan.ts';
import { CHECKPOINT_FILE, writeModel, writeTrainingRecord } from './models.ts';
import type { StageServices } from './services.ts';
import { batchRows, modelSize, pretrainingRecipe, trainInStage, trainingWindows } from './training.ts';

/** The share of a budget in which the learning rate falls. */
export const DECAY_SHARE = 0.4;
export const WARMUP_SHARE = 0.05;

export interface PretrainingInputs {
  readonly plan: ExperimentPlan;
  readonly tokenizer: Stage;
  readonly tokens: Stage;
  readonly services: StageServices;
}

/** The model pretrained on the budget of this number (0 is the smallest). */
export function pretrainStage(
  inputs: PretrainingInputs,
  model: ModelName,
  seed: number,
  budget: number,
): Stage {
  const { plan, tokenizer, services } = inputs;
  const { stableUntil, end } = budgetSteps(plan, budget);
  const schedule = { warmupSteps: warmupSteps(plan), stableUntil, end };
  const amount = formatTokens(plan.pretraining.budgets[budget]);
  return {
    kind: 'pretrain',
    label: `pretrain ${model}, seed ${seed}, ${amount} tokens`,
    version: 1,
    parameters: { ...pretrainingParameters(inputs, model, seed), schedule: { ...schedule } },
    inputs: { trunk: trunkStage(inputs, model, seed, budget), tokens: inputs.tokens, tokenizer },
    booking: 'generic',
    async run(context) {
      const start = { checkpoint: join(context.input('trunk'), CHECKPOINT_FILE) };
      const { result, size, datasetTokens } = await pretrain(
        plan,
        model,
        seed,
        schedule,
        start,
        context,
        services,
      );
      await writeModel(context.directory, size, result.best, context.input('tokenizer'));
      await writeTrainingRecord(context.directory, result, datasetTokens);
    },
  };
}

/** The stable phase up to the point where this budget's decay begins. */
function trunkStage(inputs: PretrainingInputs, model: ModelName, seed: number, budget: number): Stage {
  const { plan, tokenizer, services } = inputs;
  const { stableUntil } = budgetSteps(plan, budget);
  const schedule = { warmupSteps: warmupSteps(plan), stableUntil, end: stableUntil };
  const before = budget === 0 ? undefined : trunkStage(inputs, model, seed, budget - 1);
  return {
    kind: 'pretrain-trunk',
    label: `pretrain ${model}, seed ${seed}, to step ${stableUntil}`,
    version: 1,
    parameters: { ...pretrainingParameters(inputs, model, seed), schedule: { ...schedule } },
    inputs: { tokens: inputs.tokens, tokenizer, ...(before && { before }) },
    booking: 'generic',
    async run(context) {
      const start = before && { checkpoint: join(context.input('before'), CHECKPOINT_FILE) };
      const { result } = await pretrain(plan, model, seed, schedule, start, context, services);
      const { progress, state } = result;
      await writeCheckpoint(join(context.directory, CHECKPOINT_FILE), { progress, state, best: undefined });
    },
  };
}

function pretrainingParameters(
  { plan, services }: PretrainingInputs,
  model: ModelName,
  seed: number,
): Record<string, Json> {
  return {
    engine: services.engineName,
    model: { ...plan.models[model] },
    context: plan.context,
    batch: batchRows(plan.pretraining.batchTokens, plan.context),
    recipe: { ...pretrainingRecipe(plan) },
    seed,
  };
}

async function pretrain(
  plan: ExperimentPlan,
  model: ModelName,
  seed: number,
  schedule: Schedule,
  start: TrainingStart | undefined,
  context: StageContext,
  services: StageServices,
): Promise<{ result: TrainingResult; size: ReturnType<typeof modelSize>; datasetTokens: number }> {
  const tokenizer = await Tokenizer.load(join(context.input('tokenizer'), TOKENIZER_FILE));
  const size = modelSize(plan, model, tokenizer.vocabularySize);
  const windows = await trainingWindows(context.input('tokens'), plan.context);
  const settings = {
    size,
    weights: denseParameterization(size),
    recipe: pretrainingRecipe(plan),
    schedule,
    steps: schedule.end,
    ...batchRows(plan.pretraining.batchTokens, plan.context),
    stream: windowStream(windows, seed),
  };
  const from = start ?? { weights: initialWeights(size, seed) };
  const result = await trainInStage(settings, from, context, services);
  return { result, size, datasetTokens: windows.tokens };
}

/** The steps of a budget: until when the rate is stable, and when it has fallen to zero. */
export function budgetSteps(plan: ExperimentPlan, budget: number): { stableUntil: number; end: number } {
  const { rows } = batchRows(plan.pretraining.batchTokens, plan.context);
  const end = Math.max(2, Math.round(plan.pretraining.budgets[budget] / (rows * plan.context)));
  return { stableUntil: Math.max(1, Math.round(end * (1 - DECAY_SHARE))), end };
}

function warmupSteps(plan: ExperimentPlan): number {
  return Math.max(1, Math.round(budgetSteps(plan, 0).end * WARMUP_SHARE));
}

/** For people: 1234567 is 1.23M. */
export function formatTokens(count: number): string {
  return new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 }).format(count);
}
