/**
 * Training on the domain: fine-tuning of a pretrained model (all weights, or low-rank factors that are merged
 * afterwards; against a teacher's predictions too when one is distilled), or from scratch. Early stopping on the domain's validation split; the held-out split is not read.
 */
import { join } from 'node:path';
import type { Json } from '../../common/json.ts';
import { EvaluationBatches } from '../../corpus/windows/evaluation-batches.ts';
import { mixWindows } from '../../corpus/windows/mixing.ts';
import { selectDocuments, WindowSet } from '../../corpus/windows/windows.ts';
import type { Engine, HostTensor } from '../../engines/engine.ts';
import {
  denseParameterization,
  initialLowRankFactors,
  initialWeights,
  type LowRankSettings,
  lowRankParameterization,
  type Parameterization,
} from '../../models/parameterization.ts';
import { type ModelSize, weightSpecifications } from '../../models/size.ts';
import type { Stage, StageContext } from '../../pipeline/stage.ts';
import { readWeights } from '../../training/checkpoint.ts';
import { distillation, distillationFlopsPerToken, teacherState } from '../../training/distillation.ts';
import { FINE_TUNING, LOW_RANK_FINE_TUNING, PRETRAINING, type Recipe } from '../../training/recipe.ts';
import type { TrainingSettings, ValidationSettings } from '../../training/settings.ts';
import { longestTraining } from '../../training/stopping.ts';
import { windowStream } from '../../training/stream.ts';
import type { ExperimentPlan, ModelName } from '../experiment-plan.ts';
import { readTokenizer, type StageMaterial } from './material.ts';
import { WEIGHTS_FILE, writeModel, writeTrainingRecord } from './models.ts';
import { DECAY_SHARE } from './pretrain.ts';
import { readingText, type StageText, setInWords } from './stage-text.ts';
import { batchRows, modelSize, scaledRecipe, trainInStage } from './training.ts';

export const fineTuningKinds = ['from scratch', 'full', 'low-rank', 'distilled'] as const;
export type FineTuningKind = (typeof fineTuningKinds)[number];

export interface FineTuningRequest {
  readonly kind: FineTuningKind;
  readonly model: ModelName;
  readonly seed: number;
  /** The model to begin with; absent from scratch. */
  readonly pretrained?: Stage;
  /** The fine-tuned large model whose predictions are distilled; only for `distilled`. */
  readonly teacher?: Stage;
  readonly domainTokens: number | 'all';
}

/**
 * Rank of the corrections. The paper's appendix F has 64 at width 2816, a share of 1/44; here it is 1/22 of the width for
 * the large model of the preset `small` (8 of 176), 1/16 for that of `tiny`.
 */
const LOW_RANK: LowRankSettings = { rank: 8, alpha: 16 };

const RECIPES: Readonly<Record<FineTuningKind, Recipe>> = {
  'from scratch': PRETRAINING,
  full: FINE_TUNING,
  'low-rank': LOW_RANK_FINE_TUNING,
  distilled: FINE_TUNING,
};

const WARMUP_STEPS = 10;
/** A model that is made from nothing gains by a falling rate; a smaller one, as adapting has, leaves nothing to gain. */
const DECAY_SHARES: Readonly<Record<FineTuningKind, number>> = {
  'from scratch': DECAY_SHARE,
  full: 0,
  'low-rank': 0,
  distilled: 0,
};
/**
 * Validation is spread over as many tokens as the training set has, within these: a small set is seen often, and large
 * validations would come too rarely to stop in time.
 */
const VALIDATION_TOKENS = { least: 4096, most: 32_768 };

export function fineTuneStage(material: StageMaterial, request: FineTuningRequest): Stage {
  const { plan, tokenizer, domain, services } = material;
  const { kind, model, seed, pretrained, teacher, domainTokens } = request;
  const set = { tokens: domainTokens, seed };
  const verb =
    kind === 'from scratch' ? `train ${model} from scratch` : `fine-tune ${pretrained?.label} (${kind})`;
  const { replay } = plan.mixing;
  return {
    kind: 'fine-tune',
    label: `${verb} on ${setInWords(set, domain.name)}`.replace('fine-tune pretrain', 'fine-tune'),
    version: 4,
    parameters: { engine: services.engineName, ...fineTuningParameters(plan, request) },
    inputs: {
      tokenizer,
      tokens: domain.tokens,
      ...(pretrained && { pretrained }),
      ...(teacher && { teacher }),
      ...(replay > 0 && { generic: material.generic }),
    },
    booking: 'specialization',
    run: readingText(async (context, text) => {
      const { vocabularySize } = await readTokenizer(context);
      const size = modelSize(plan, model, vocabularySize);
      const own = await text.domain('tokens', plan.context, set);
      const windows =
        replay > 0 ? mixWindows(own, await text.training('generic', plan.context), replay, seed) : own;
      const batch = batchRows(plan.fineTuning.batchTokens, plan);
      const batchTokens = batch.rows * plan.context;
      const steps = Math.ceil(longestTraining(plan.fineTuning, windows.tokens) / batchTokens);
      const weights = parameterizationOf(kind, size);
      const start = await startingWeights(size, request, context);
      const validating = await validation(plan, kind, text, windows.tokens);
      const settings: TrainingSettings = {
        size,
        weights,
        ...(teacher && distilling(plan, size)),
        recipe: scaledRecipe(RECIPES[kind], plan.rate),
        schedule: { warmupSteps: WARMUP_STEPS, stableUntil: steps, end: steps },
        steps,
        ...batch,
        stream: windowStream(windows, seed),
        validation: validating,
      };
      const result = await trainInStage(settings, { weights: start }, context, services);
      const merged = await mergeWeights(services.engine(), size, kind, { ...start, ...result.best });
      await writeModel(context.directory, size, merged, context.input('tokenizer'));
      await writeTrainingRecord(context.directory, result, own.tokens, validating.batches.tokens);
    }),
  };
}

function parameterizationOf(kind: FineTuningKind, size: ModelSize): Parameterization {
  return kind === 'low-rank' ? lowRankParameterization(size, LOW_RANK) : denseParameterization(size);
}

/** The loss against the teacher's distribution, and what a token of it costs. */
function distilling(
  plan: ExperimentPlan,
  student: ModelSize,
): Pick<TrainingSettings, 'losses' | 'flopsPerToken'> {
  const teacher = modelSize(plan, 'large', student.vocabulary);
  return {
    losses: distillation(student, teacher, plan.distillation),
    flopsPerToken: distillationFlopsPerToken(student, teacher, plan.distillation),
  };
}

function fineTuningParameters(
  plan: ExperimentPlan,
  { kind, model, seed, domainTokens }: FineTuningRequest,
): Record<string, Json> {
  const { maximumEpochs, maximumTokens, patienceTokens, batchTokens } = plan.fineTuning;
  return {
    kind,
    model: { ...plan.models[model] },
    context: plan.context,
    batch: batchRows(batchTokens, plan),
    recipe: { ...scaledRecipe(RECIPES[kind], plan.rate) },
    lowRank: kind === 'low-rank' ? { ...LOW_RANK } : null,
    ...(kind === 'distilled' && {
      distillation: { ...plan.distillation },
      teacher: { ...plan.models.large },
    }),
    ...(plan.mixing.replay > 0 && { replay: plan.mixing.replay }),
    domainTokens,
    maximumEpochs,
    maximumTokens,
    patienceTokens,
    decayShare: DECAY_SHARES[kind],
    validation: { ...VALIDATION_TOKENS },
    seed,
  };
}

async function startingWeights(
  size: ModelSize,
  { kind, seed, pretrained }: FineTuningRequest,
  context: StageContext,
): Promise<Record<string, HostTensor>> {
  if (pretrained === undefined) return initialWeights(size, seed);
  const weights = await readWeights(join(context.input('pretrained'), WEIGHTS_FILE));
  if (kind === 'distilled') {
    return { ...weights, ...teacherState(await readWeights(join(context.input('teacher'), WEIGHTS_FILE))) };
  }
  return kind === 'low-rank' ? { ...weights, ...initialLowRankFactors(size, LOW_RANK.rank, seed) } : weights;
}

/**
 * Two validations an epoch, or as few as keep them under half of the training's work. A small set is patient for longer
 * than an epoch, since single steps say little; a large one is seen whole before it is given up.
 */
async function validation(
  plan: ExperimentPlan,
  kind: FineTuningKind,
  text: StageText,
  trainingTokens: number,
): Promise<ValidationSettings> {
  const store = await text.store('tokens');
  const { rows } = batchRows(plan.fineTuning.batchTokens, plan);
  const windows = new WindowSet(store, selectDocuments(store, 'validation'), plan.context);
  const batches = new EvaluationBatches(windows, rows, validationTokens(trainingTokens));
  return {
    batches,
    everySteps: stepsBetweenValidations(trainingTokens, rows * plan.context, batches.count),
    patienceTokens: Math.max(plan.fineTuning.patienceTokens, trainingTokens),
    decayShare: DECAY_SHARES[kind],
  };
}

/** Tokens of the validation split that each validation reads, where the split has as many. */
export function validationTokens(trainingTokens: number): number {
  const { least, most } = VALIDATION_TOKENS;
  return Math.min(most, Math.max(least, trainingTokens));
}

/** `batches`: of one validation. */
export function stepsBetweenValidations(
  trainingTokens: number,
  batchTokens: number,
  batches: number,
): number {
  const halfEpoch = Math.round(trainingTokens / batchTokens / 2);
  return Math.max(1, halfEpoch, Math.round(batches * (2 / 3)));
}

/** The plain weights of a model, whatever its parameterization: W + (alpha / rank) B A for low-rank. */
export async function mergeWeights(
  engine: Engine,
  size: ModelSize,
  kind: FineTuningKind,
  values: Readonly<Record<string, HostTensor>>,
): Promise<Record<string, HostTensor>> {
  const weights = parameterizationOf(kind, size);
  const names = weightSpecifications(size).map(({ name }) => name);
  const state = engine.createState(values);
  const merge = await engine.compile({
    name: 'merge weights',
    updates: Object.fromEntries(names.map((name) => [name, weights.weight(name)])),
    metrics: {},
  });
  await merge.step(state, {});
  const merged = await state.read(names);
  await merge.dispose();
  state.dispose();
  return merged;
}
