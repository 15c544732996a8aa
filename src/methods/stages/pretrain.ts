/**
 * Pretraining for several budgets from one run. The stable phase (trunk) runs on from budget to budget; for each a
 * branch lets the learning rate fall to zero and leaves a model. A budget's cost is its trunk and its own decay, as
 * if it had been run alone. What is trained, on which windows, is a `Pretraining`: a plain model, or the
 * projected network (pretraining.ts).
 *
 * The run is that of the experiment's budgets. A budget that is measured besides branches off the run but is no part of
 * it, so that it changes nothing of the others. A list that was selected for one budget's length is trained on in a run
 * of its own: on the stable phase of a longer list, a budget would depend on larger ones.
 */
import { join } from 'node:path';
import * as z from 'zod';
import { formatTokens } from '../../common/format.ts';
import type { StageInput } from '../../pipeline/define-stage.ts';
import type { Stage } from '../../pipeline/stage.ts';
import type { TrainingStart } from '../../training/beginning.ts';
import { FINE_TUNING, forWideModel } from '../../training/recipe.ts';
import type { Schedule } from '../../training/schedule.ts';
import type { ExperimentPlan, ModelName } from '../experiment-plan.ts';
import { defineStage, noPlaces } from './define.ts';
import { bookingOf, type MethodInputs } from './method-inputs.ts';
import { CHECKPOINT_FILE, writeTrainingRecord } from './models.ts';
import {
  openPretraining,
  type PretrainingInputs,
  pretrainingFields,
  pretrainingRoles,
} from './pretraining.ts';
import {
  type ChosenWindows,
  repetitionField,
  type WindowChoice,
  windowChoice,
} from './selection/window-choice.ts';
import { readingText } from './stage-text.ts';
import { batchRows, pretrainingRecipe, scaledRecipe, trainInStage } from './training.ts';

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
   * learning rate falls: continued pretraining (CRISP), branching experts (c-BTM). Of a model that was given, the whole
   * budget is spent on `windows`.
   */
  readonly branches?: boolean;
}

/** What is pretrained, and on what. */
export interface PretrainedNetwork {
  /** For people, for example `small, seed 1, on cluster 3`. */
  readonly name: string;
  readonly share: number;
  readonly parameters: Omit<z.infer<typeof pretrain.parameters>, 'schedule' | 'stream'>;
  readonly inputs: ChosenWindows['inputs'] & { readonly tokenizer: Stage; readonly start?: Stage };
}

/** The stable phase of a pretraining, or a part of it; leaves a checkpoint. */
export const pretrainTrunk = defineStage({
  kind: 'pretrain-trunk',
  version: 2,
  parameters: z.strictObject(pretrainingFields),
  places: noPlaces,
  inputs: { ...pretrainingRoles, earlier: 'optional' },
  run: ({ input, optionalInput, ...work }) =>
    readingText(async (text) => {
      const { parameters, directory } = work;
      const pretraining = await openPretraining(text, textInputs({ input, optionalInput }), parameters);
      const earlier = optionalInput('earlier');
      const start: TrainingStart = earlier
        ? { checkpoint: join(earlier.directory, CHECKPOINT_FILE), stream: 'continued' }
        : { weights: pretraining.initialWeights };
      const { schedule } = parameters;
      const settings = { ...pretraining.settings, schedule, steps: schedule.end };
      await trainInStage(settings, start, { ...work, lastCheckpoint: join(directory, CHECKPOINT_FILE) });
    }),
});

/** A budget's decay on its trunk, or the whole budget without one; leaves a model. */
export const pretrain = defineStage({
  kind: 'pretrain',
  version: 2,
  parameters: z.strictObject({
    ...pretrainingFields,
    ...repetitionField,
    stream: z.enum(['continued', 'new']),
  }),
  places: noPlaces,
  inputs: { ...pretrainingRoles, trunk: 'optional' },
  run: ({ input, optionalInput, ...work }) =>
    readingText(async (text) => {
      const { parameters, directory } = work;
      const pretraining = await openPretraining(text, textInputs({ input, optionalInput }), parameters);
      const trunk = optionalInput('trunk');
      const start: TrainingStart = trunk
        ? { checkpoint: join(trunk.directory, CHECKPOINT_FILE), stream: parameters.stream }
        : { weights: pretraining.initialWeights };
      const { schedule } = parameters;
      const settings = { ...pretraining.settings, schedule, steps: schedule.end };
      const result = await trainInStage(settings, start, work);
      await pretraining.writeArtifact(directory, result);
      await writeTrainingRecord(directory, result, pretraining.datasetTokens);
    }),
});

/** The inputs that a pretraining's text is read from. */
function textInputs({
  input,
  optionalInput,
}: {
  input(role: 'tokens' | 'tokenizer'): StageInput;
  optionalInput(role: 'selection' | 'clustering' | 'domain' | 'start'): StageInput | undefined;
}): PretrainingInputs {
  return {
    tokens: input('tokens'),
    tokenizer: input('tokenizer'),
    selection: optionalInput('selection'),
    clustering: optionalInput('clustering'),
    domain: optionalInput('domain'),
    start: optionalInput('start'),
  };
}

/** The model pretrained on a budget; one that was given is it already, unless it is continued on windows of its own. */
export function pretrainStage(given: MethodInputs, request: PretrainingRequest): Stage {
  const { branches = false, budget, windows, model } = request;
  const start = given.from[model];
  if (start !== undefined && windows === undefined) return start;
  const continued = branches || windows?.kind === 'cluster';
  if (start !== undefined && continued) {
    return budgetStage(given, { decay: denseNetwork(given, request, start) }, budget);
  }
  const own = denseNetwork(given, request);
  if (branches) {
    const trunk = denseNetwork(given, { ...request, windows: undefined, share: 1 });
    const decay = { ...own, name: `${own.name}, after generic text` };
    return budgetStage(given, { trunk, decay }, budget);
  }
  if (windows?.kind !== 'selected') return budgetStage(given, { trunk: own, decay: own }, budget);
  // Only what is mixed in while the rate falls has a limit of its own.
  const isMixedLate = own.parameters.domainRepetition !== undefined;
  const plain =
    isMixedLate && denseNetwork(given, { ...request, windows: { ...windows, mixing: undefined } });
  return budgetStage(given, { ...(plain && { trunk: plain }), decay: own }, budget);
}

/** The part of a pretraining that reads a selected list: all of it, or what branches off the generic stable phase. */
export type SelectedPart = 'whole' | 'decay';

/** Tokens that a pretraining reads of a list. */
export function selectedTokens(plan: ExperimentPlan, budget: number, part: SelectedPart): number {
  const { end, stableUntil } = budgetSteps(plan, budget, 1);
  const { rows } = batchRows(plan.pretraining.batchTokens, plan);
  return (part === 'decay' ? end - stableUntil : end) * rows * plan.context;
}

interface Phases {
  /** The stable phase up to where the budget's decay begins; without one `decay` trains the whole budget. */
  readonly trunk?: PretrainedNetwork;
  readonly decay: PretrainedNetwork;
}

export function budgetStage(given: MethodInputs, { trunk, decay }: Phases, budget: number): Stage {
  const { plan, services } = given;
  const { end, stableUntil: decayFrom } = budgetSteps(plan, budget, decay.share);
  const { stableUntil } = budgetSteps(plan, budget, (trunk ?? decay).share);
  const steps = stableUntil + Math.max(1, end - decayFrom);
  const schedule = {
    warmupSteps: warmupSteps(plan, budget, (trunk ?? decay).share),
    stableUntil,
    end: steps,
  };
  const inputs = { ...decay.inputs, trunk: trunk && trunkStage(given, trunk, budget) };
  const subject = `${decay.name}, ${formatTokens(budget * decay.share)} tokens`;
  return pretrain.stage(
    {
      label: `pretrain ${subject}`,
      subject,
      booking: bookingOf(Object.values(inputs)),
      parameters: { ...decay.parameters, schedule, stream: trunk === decay ? 'continued' : 'new' },
      places: null,
      inputs,
    },
    services,
  );
}

/** The stable phase up to the point where this budget's decay begins. */
function trunkStage(given: MethodInputs, network: PretrainedNetwork, budget: number): Stage {
  const { plan, services } = given;
  const { share } = network;
  const { stableUntil } = budgetSteps(plan, budget, share);
  const schedule = { warmupSteps: warmupSteps(plan, budget, share), stableUntil, end: stableUntil };
  const isOneBudgets = network.inputs.selection !== undefined;
  const earlier = plan.pretraining.budgets.findLast(
    (other) => !isOneBudgets && budgetSteps(plan, other, share).stableUntil < stableUntil,
  );
  const inputs = {
    ...network.inputs,
    earlier: earlier === undefined ? undefined : trunkStage(given, network, earlier),
  };
  const subject = `${network.name}, to step ${stableUntil}`;
  return pretrainTrunk.stage(
    {
      label: `pretrain ${subject}`,
      subject,
      booking: bookingOf(Object.values(inputs)),
      parameters: { ...network.parameters, schedule },
      places: null,
      inputs,
    },
    services,
  );
}

function denseNetwork(given: MethodInputs, request: PretrainingRequest, start?: Stage): PretrainedNetwork {
  const { tokenizer } = given;
  const { model, seed, domainTokens, share = 1 } = request;
  const choice = windowChoice(given, request.windows, { tokens: domainTokens, seed });
  return {
    name: `${model}${choice.name}, seed ${seed}`,
    share,
    parameters: { ...pretrainingParameters(given, model, start), ...choice.parameters, seed },
    inputs: { ...choice.inputs, tokenizer, ...(start && { start }) },
  };
}

/** What every pretraining depends on besides its data and seed; one that continues a model takes smaller steps. */
export function pretrainingParameters(
  { plan, services }: MethodInputs,
  model: ModelName,
  start: Stage | undefined,
) {
  return {
    engine: services.engineName,
    model: plan.models[model],
    context: plan.context,
    batch: batchRows(plan.pretraining.batchTokens, plan),
    recipe:
      start === undefined
        ? pretrainingRecipe(plan, model)
        : scaledRecipe(forWideModel(FINE_TUNING, plan.models[model].width), plan.rate),
  };
}

/** The steps of a budget: until when the rate is stable, and when it has fallen to zero. */
function budgetSteps(plan: ExperimentPlan, budget: number, share: number): Omit<Schedule, 'warmupSteps'> {
  const { rows } = batchRows(plan.pretraining.batchTokens, plan);
  const end = Math.max(2, Math.round((budget * share) / (rows * plan.context)));
  return { stableUntil: stableUntil(end), end };
}

/** The last step before the decay of a pretraining of so many. */
export function stableUntil(end: number): number {
  return Math.max(1, Math.round(end * (1 - DECAY_SHARE)));
}

/** Of the smallest budget, from which the others go on; a smaller one that is measured besides has its own. */
function warmupSteps(plan: ExperimentPlan, budget: number, share: number): number {
  const [smallest] = plan.pretraining.budgets;
  const { end } = budgetSteps(plan, Math.min(budget, smallest), share);
  return Math.max(1, Math.round(end * WARMUP_SHARE));
}
