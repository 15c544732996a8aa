/**
 * Training on the domain: fine-tuning of a pretrained model (all weights, or low-rank factors that are merged
 * afterwards), or from scratch. Early stopping on the domain's validation split; the held-out split is not read.
 */
import { join } from 'node:path';
import type { Json } from '../../common/json.ts';
import { EvaluationBatches } from '../../corpus/evaluation-batches.ts';
import { TokenStore } from '../../corpus/token-store.ts';
import { selectDocuments, WindowSet } from '../../corpus/windows.ts';
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
import { TOKENIZER_FILE, Tokenizer } from '../../tokenizer/tokenizer.ts';
import { readWeights } from '../../training/checkpoint.ts';
import { FINE_TUNING, LOW_RANK_FINE_TUNING, PRETRAINING, type Recipe } from '../../training/recipe.ts';
import { windowStream } from '../../training/stream.ts';
import type { ValidationSettings } from '../../training/trainer.ts';
import type { ExperimentPlan, ModelName } from '../experiment-plan.ts';
import { WEIGHTS_FILE, writeModel, writeTrainingRecord } from './models.ts';
import { formatTokens } from './pretrain.ts';
import type { StageServices } from './services.ts';
import { batchRows, modelSize, scaledRecipe, trainInStage, trainingWindows } from './training.ts';

export type FineTuningKind = 'from scratch' | 'full' | 'low-rank';

export interface FineTuningInputs {
  readonly plan: ExperimentPlan;
  readonly tokenizer: Stage;
  /** The domain's tokens. */
  readonly tokens: Stage;
  readonly domain: string;
  readonly services: StageServices;
}

export interface FineTuningRequest {
  readonly kind: FineTuningKind;
  readonly model: ModelName;
  readonly seed: number;
  /** The model to begin with; absent from scratch. */
  readonly pretrained?: Stage;
  readonly domainTokens: number | 'all';
}

/** Rank of the corrections; the paper's appendix F uses 64 at width 2816, the same share of the width is 1/44. */
const LOW_RANK: LowRankSettings = { rank: 8, alpha: 16 };

const RECIPES: Readonly<Record<FineTuningKind, Recipe>> = {
  'from scratch': PRETRAINING,
  full: FINE_TUNING,
  'low-rank': LOW_RANK_FINE_TUNING,
};

const WARMUP_STEPS = 10;
/** Validation is spread over this many tokens at most. */
const VALIDATION_TOKENS = 32_768;

export function fineTuneStage(inputs: FineTuningInputs, request: FineTuningRequest): Stage {
  const { plan, tokenizer, tokens, domain, services } = inputs;
  const { kind, model, seed, pretrained, domainTokens } = request;
  const amount = domainTokens === 'all' ? 'all' : formatTokens(domainTokens);
  const verb =
    kind === 'from scratch' ? `train ${model} from scratch` : `fine-tune ${pretrained?.label} (${kind})`;
  return {
    kind: 'fine-tune',
    label: `${verb} on ${amount} tokens of ${domain}`.replace('fine-tune pretrain', 'fine-tune'),
    version: 1,
    parameters: { engine: services.engineName, ...fineTuningParameters(plan, request) },
    inputs: { tokenizer, tokens, ...(pretrained && { pretrained }) },
    booking: 'specialization',
    async run(context) {
      const vocabulary = (await Tokenizer.load(join(context.input('tokenizer'), TOKENIZER_FILE)))
        .vocabularySize;
      const size = modelSize(plan, model, vocabulary);
      const recipe = scaledRecipe(RECIPES[kind], plan.rate);
      const limit = domainTokens === 'all' ? undefined : domainTokens;
      const windows = await trainingWindows(context.input('tokens'), plan.context, limit);
      const batch = batchRows(plan.fineTuning.batchTokens, plan.context);
      const batchTokens = batch.rows * plan.context;
      const steps = Math.ceil((plan.fineTuning.maximumEpochs * windows.tokens) / batchTokens);
      const weights =
        kind === 'low-rank' ? lowRankParameterization(size, LOW_RANK) : denseParameterization(size);
      const start = await startingWeights(size, request, context);
      const settings = {
        size,
        weights,
        recipe,
        schedule: { warmupSteps: WARMUP_STEPS, stableUntil: steps, end: steps },
        steps,
        ...batch,
        stream: windowStream(windows, seed),
        validation: await validation(plan, context, windows.tokens / batchTokens),
      };
      const result = await trainInStage(settings, { weights: start }, context, services);
      const merged = await mergeWeights(services.engine(), size, weights, { ...start, ...result.best });
      await writeModel(context.directory, size, merged, context.input('tokenizer'));
      await writeTrainingRecord(context.directory, result, windows.tokens);
    },
  };
}

function fineTuningParameters(
  plan: ExperimentPlan,
  { kind, model, seed, domainTokens }: FineTuningRequest,
): Record<string, Json> {
  const { maximumEpochs, patience, batchTokens } = plan.fineTuning;
  return {
    kind,
    model: { ...plan.models[model] },
    context: plan.context,
    batch: batchRows(batchTokens, plan.context),
    recipe: { ...scaledRecipe(RECIPES[kind], plan.rate) },
    lowRank: kind === 'low-rank' ? { ...LOW_RANK } : null,
    domainTokens,
    maximumEpochs,
    patience,
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
  return kind === 'low-rank' ? { ...weights, ...initialLowRankFactors(size, LOW_RANK.rank, seed) } : weights;
}

/** Two validations an epoch, or as few as keep them under a quarter of the work. */
async function validation(
  plan: ExperimentPlan,
  context: StageContext,
  stepsPerEpoch: number,
): Promise<ValidationSettings> {
  const store = await TokenStore.open(context.input('tokens'));
  const { rows } = batchRows(plan.fineTuning.batchTokens, plan.context);
  const windows = new WindowSet(store, selectDocuments(store, 'validation'), plan.context);
  const batches = new EvaluationBatches(windows, rows, VALIDATION_TOKENS);
  const everySteps = Math.max(1, Math.round(stepsPerEpoch / 2), Math.round(batches.count * (4 / 3)));
  return { batches, everySteps, patience: plan.fineTuning.patience };
}

/** The plain weights of a model, whatever its parameterization: W + (alpha / rank) B A for low-rank. */
async function mergeWeights(
  engine: Engine,
  size: ModelSize,
  weights: Parameterization,
  values: Readonly<Record<string, HostTensor>>,
): Promise<Record<string, HostTensor>> {
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
