/**
 * Pretraining for several budgets from one run. The stable phase (trunk) runs on from budget to budget; for each a
 * branch lets the learning rate fall to zero and leaves a model. A budget's cost is its trunk and its own decay, as
 * if it had been run alone. What is trained, on which windows, is a `Pretraining`: a plain model here, the projected
 * network in pretrain-projected.ts.
 *
 * The run is that of the experiment's budgets. A budget that is measured besides branches off the run but is no part of
 * it, so that it changes nothing of the others. A list that was selected for one budget's length is trained on in a run
 * of its own: on the stable phase of a longer list, a budget would depend on larger ones.
 */
import { join } from 'node:path';
import type { Json } from '../../common/json.ts';
import type { WindowSource } from '../../corpus/windows/windows.ts';
import type { HostTensor } from '../../engines/engine.ts';
import { denseParameterization, initialWeights } from '../../models/parameterization.ts';
import type { Stage, StageContext } from '../../pipeline/stage.ts';
import type { TrainingStart } from '../../training/beginning.ts';
import { writeCheckpoint } from '../../training/checkpoint.ts';
import type { Schedule } from '../../training/schedule.ts';
import type { TrainingResult, TrainingSettings } from '../../training/settings.ts';
import { windowStream } from '../../training/stream.ts';
import type { ExperimentPlan, ModelName } from '../experiment-plan.ts';
import { bookingOf, readTokenizer, type StageMaterial } from './material.ts';
import { CHECKPOINT_FILE, writeModel, writeTrainingRecord } from './models.ts';
import { type WindowChoice, windowChoice } from './selection/window-choice.ts';
import { readingText, type StageText } from './stage-text.ts';
import { batchRows, modelSize, pretrainingRecipe, trainInStage } from './training.ts';
import { formatTokens } from './words.ts';

/** The share of a budget in which the learning rate falls. */
export const DECAY_SHARE = 0.4;
export const WARMUP_SHARE = 0.05;

export interface PretrainingRequest {
  readonly model: ModelName;
  readonly seed: number;
  /** Tokens; one of the experiment's budgets or another. */
  readonly budget: number;
  /** The domain's training set, for what is mixed in or was selected by it. */
  readonly domainTokens: number | 'all';
  /** The windows it is trained on; all generic ones when absent. */
  readonly windows?: WindowChoice;
  /** Share of the budget's tokens: 1/k for one of k experts, so that all together cost one budget. */
  readonly share?: number;
  /**
   * Begins with the stable phase on all generic windows, which every domain shares, and trains on `windows` while the
   * learning rate falls: continued pretraining (CRISP), branching experts (c-BTM).
   */
  readonly branches?: boolean;
}

/** What is pretrained, and on what. */
export interface Pretraining {
  /** For people, for example `small, seed 1, on cluster 3`. */
  readonly name: string;
  readonly seed: number;
  readonly share: number;
  readonly parameters: Readonly<Record<string, Json>>;
  readonly inputs: Readonly<Record<string, Stage>>;
  prepare(context: StageContext, text: StageText): Promise<Prepared>;
  /** Writes the artifact of a finished budget. */
  leave(context: StageContext, result: TrainingResult, prepared: Prepared): Promise<void>;
}

export interface Prepared {
  readonly settings: Omit<TrainingSettings, 'schedule' | 'steps'>;
  readonly datasetTokens: number;
  initialWeights(): Record<string, HostTensor>;
}

/** The model pretrained on a budget. */
export function pretrainStage(material: StageMaterial, request: PretrainingRequest): Stage {
  const { branches = false, budget, windows } = request;
  const own = densePretraining(material, request);
  if (branches) {
    const trunk = densePretraining(material, { ...request, windows: undefined, share: 1 });
    return budgetStage(material, { trunk, decay: own }, budget);
  }
  return budgetStage(
    material,
    windows?.kind === 'selected' ? { decay: own } : { trunk: own, decay: own },
    budget,
  );
}

/** Tokens that a pretraining on a selected list reads of it: with `branches` while the learning rate falls only. */
export function selectedTokens(plan: ExperimentPlan, budget: number, branches: boolean): number {
  const { end, stableUntil } = budgetSteps(plan, budget, 1);
  const { rows } = batchRows(plan.pretraining.batchTokens, plan);
  return (branches ? end - stableUntil : end) * rows * plan.context;
}

interface Phases {
  /** The stable phase up to where the budget's decay begins; without one `decay` trains the whole budget. */
  readonly trunk?: Pretraining;
  readonly decay: Pretraining;
}

export function budgetStage(material: StageMaterial, { trunk, decay }: Phases, budget: number): Stage {
  const { plan } = material;
  const { end, stableUntil: decayFrom } = budgetSteps(plan, budget, decay.share);
  const { stableUntil } = budgetSteps(plan, budget, (trunk ?? decay).share);
  const steps = stableUntil + Math.max(1, end - decayFrom);
  const schedule = { warmupSteps: warmupSteps(plan, (trunk ?? decay).share), stableUntil, end: steps };
  const stream = trunk === decay ? 'continued' : 'new';
  const inputs = { ...decay.inputs, ...(trunk && { trunk: trunkStage(material, trunk, budget) }) };
  return {
    kind: 'pretrain',
    label: `pretrain ${decay.name}, ${formatTokens(budget * decay.share)} tokens`,
    version: 2,
    parameters: { ...decay.parameters, schedule: { ...schedule }, stream },
    inputs,
    booking: bookingOf(inputs),
    run: readingText(async (context, text) => {
      const prepared = await decay.prepare(context, text);
      const start: TrainingStart = trunk
        ? { checkpoint: join(context.input('trunk'), CHECKPOINT_FILE), stream }
        : { weights: prepared.initialWeights() };
      const settings = { ...prepared.settings, schedule, steps };
      const result = await trainInStage(settings, start, context, material.services);
      await decay.leave(context, result, prepared);
      await writeTrainingRecord(context.directory, result, prepared.datasetTokens);
    }),
  };
}

/** The stable phase up to the point where this budget's decay begins. */
function trunkStage(material: StageMaterial, pretraining: Pretraining, budget: number): Stage {
  const { plan, services } = material;
  const { share } = pretraining;
  const { stableUntil } = budgetSteps(plan, budget, share);
  const schedule = { warmupSteps: warmupSteps(plan, share), stableUntil, end: stableUntil };
  const earlier = plan.pretraining.budgets.findLast(
    (other) => budgetSteps(plan, other, share).stableUntil < stableUntil,
  );
  const before = earlier === undefined ? undefined : trunkStage(material, pretraining, earlier);
  const inputs = { ...pretraining.inputs, ...(before && { before }) };
  return {
    kind: 'pretrain-trunk',
    label: `pretrain ${pretraining.name}, to step ${stableUntil}`,
    version: 2,
    parameters: { ...pretraining.parameters, schedule: { ...schedule } },
    inputs,
    booking: bookingOf(inputs),
    run: readingText(async (context, text) => {
      const prepared = await pretraining.prepare(context, text);
      const start: TrainingStart = before
        ? { checkpoint: join(context.input('before'), CHECKPOINT_FILE), stream: 'continued' }
        : { weights: prepared.initialWeights() };
      const settings = { ...prepared.settings, schedule, steps: stableUntil };
      const { progress, state } = await trainInStage(settings, start, context, services);
      await writeCheckpoint(join(context.directory, CHECKPOINT_FILE), { progress, state, best: undefined });
    }),
  };
}

function densePretraining(material: StageMaterial, request: PretrainingRequest): Pretraining {
  const { plan, tokenizer } = material;
  const { model, seed, domainTokens, share = 1 } = request;
  const choice = windowChoice(material, request.windows, { tokens: domainTokens, seed });
  return {
    name: `${model}${choice.name}, seed ${seed}`,
    seed,
    share,
    parameters: { ...pretrainingParameters(material, model), ...choice.parameters, seed },
    inputs: { ...choice.inputs, tokenizer },
    async prepare(context, text) {
      const { vocabularySize } = await readTokenizer(context);
      const size = modelSize(plan, model, vocabularySize);
      const windows: WindowSource = await choice.open(context, text);
      return {
        settings: {
          size,
          weights: denseParameterization(size),
          recipe: pretrainingRecipe(plan),
          ...batchRows(plan.pretraining.batchTokens, plan),
          stream: windowStream(windows, seed),
        },
        datasetTokens: windows.tokens,
        initialWeights: () => initialWeights(size, seed),
      };
    },
    leave: (context, result, { settings }) =>
      writeModel(context.directory, settings.size, result.best, context.input('tokenizer')),
  };
}

/** What every pretraining depends on besides its data and seed. */
export function pretrainingParameters(
  { plan, services }: StageMaterial,
  model: ModelName,
): Record<string, Json> {
  return {
    engine: services.engineName,
    model: { ...plan.models[model] },
    context: plan.context,
    batch: batchRows(plan.pretraining.batchTokens, plan),
    recipe: { ...pretrainingRecipe(plan) },
  };
}

/** The steps of a budget: until when the rate is stable, and when it has fallen to zero. */
function budgetSteps(plan: ExperimentPlan, budget: number, share: number): Omit<Schedule, 'warmupSteps'> {
  const { rows } = batchRows(plan.pretraining.batchTokens, plan);
  const end = Math.max(2, Math.round((budget * share) / (rows * plan.context)));
  return { stableUntil: Math.max(1, Math.round(end * (1 - DECAY_SHARE))), end };
}

function warmupSteps(plan: ExperimentPlan, share: number): number {
  const [smallest] = plan.pretraining.budgets;
  return Math.max(1, Math.round(budgetSteps(plan, smallest, share).end * WARMUP_SHARE));
}
