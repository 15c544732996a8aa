/**
 * Training on the domain: fine-tuning of a pretrained model (all weights, or low-rank factors that are merged
 * afterwards; against a teacher's predictions too when one is distilled), or from scratch. Early stopping on the domain's validation split; the held-out split is not read.
 */
import { join } from 'node:path';
import * as z from 'zod';
import type { ModelSize } from '../../common/model-size.ts';
import { modelShapeSchema } from '../../common/model-size.ts';
import type { TokenStore } from '../../corpus/tokens/token-store.ts';
import { EvaluationBatches } from '../../corpus/windows/evaluation-batches.ts';
import { selectDocuments, WindowSet } from '../../corpus/windows/windows.ts';
import type { Engine, HostTensor } from '../../engines/engine.ts';
import { WEIGHTS_FILE } from '../../formats/model-folder.ts';
import {
  initialLowRankFactors,
  initialWeights,
  type LowRankSettings,
} from '../../models/parameterization.ts';
import { weightSpecifications } from '../../models/size.ts';
import type { StageInput } from '../../pipeline/define-stage.ts';
import type { Stage } from '../../pipeline/stage.ts';
import { readWeights } from '../../training/checkpoint.ts';
import { teacherState } from '../../training/distillation.ts';
import type { Recipe } from '../../training/recipe.ts';
import { replayStream } from '../../training/replay.ts';
import type { TrainingSettings, ValidationSettings } from '../../training/settings.ts';
import { longestTraining } from '../../training/stopping.ts';
import { windowStream } from '../../training/stream.ts';
import type { ModelName } from '../experiment-plan.ts';
import { type Tuning, tuningInWords } from '../tuning.ts';
import { bestTuningStage, tuningsOf } from './choose-tuning.ts';
import { batchSchema, defineStage, domainTokensSchema, noPlaces, recipeSchema } from './define.ts';
import {
  DECAY_SHARES,
  type FineTuningKind,
  fineTuningFlopsPerToken,
  fineTuningKinds,
  LOW_RANK,
  LOWERINGS,
  lossesOf,
  parameterizationOf,
  recipeFor,
} from './fine-tuning-kinds.ts';
import { type MethodInputs, readTokenizer } from './method-inputs.ts';
import { trainedSize, writeModel, writeTrainingRecord } from './models.ts';
import { readingText, setInWords } from './stage-text.ts';
import { batchRows, scaledRecipe, sizeOn, trainInStage } from './training.ts';

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

const WARMUP_STEPS = 10;
/**
 * Validation is spread over as many tokens as the training set has, within these: a small set is seen often, and large
 * validations would come too rarely to stop in time.
 */
const VALIDATION_TOKENS = { least: 4096, most: 32_768 };

export const fineTune = defineStage({
  kind: 'fine-tune',
  version: 5,
  parameters: z.strictObject({
    engine: z.string(),
    kind: z.enum(fineTuningKinds),
    model: modelShapeSchema,
    context: z.number(),
    batch: batchSchema,
    recipe: recipeSchema,
    lowRank: z.strictObject({ rank: z.number(), alpha: z.number() }).nullable(),
    distillation: z.strictObject({ temperature: z.number(), weight: z.number() }).optional(),
    /** The shape of the model whose predictions are distilled. */
    teacher: modelShapeSchema.optional(),
    /** Share of generic tokens among those that are trained on. */
    replayShare: z.number().optional(),
    domainTokens: domainTokensSchema,
    maximumEpochs: z.number(),
    maximumTokens: z.number(),
    patienceTokens: z.number(),
    decayShare: z.number(),
    /** How often the rate is lowered before the end; never when absent. */
    lowerings: z.number().optional(),
    validation: z.strictObject({ least: z.number(), most: z.number() }),
    /** An unusual one of several ways that are tried: where it diverges it has lost, no more. */
    mayDiverge: z.literal(true).optional(),
    seed: z.number(),
  }),
  places: noPlaces,
  inputs: {
    tokenizer: 'one',
    tokens: 'one',
    pretrained: 'optional',
    teacher: 'optional',
    generic: 'optional',
  },
  run: ({ input, optionalInput, ...work }) =>
    readingText(async (text) => {
      const { parameters, directory, services } = work;
      const { context, batch, domainTokens, seed, replayShare: share = 0 } = parameters;
      const tokenizer = await readTokenizer(input('tokenizer'));
      const size = sizeOn(tokenizer, parameters);
      const teacherSize = parameters.teacher && sizeOn(tokenizer, { model: parameters.teacher, context });
      const own = await text.domain(input('tokens'), context, { domainTokens, drawSeed: seed });
      const generic = optionalInput('generic');
      const stream = windowStream(own, seed);
      const replayed = generic && windowStream(await text.training(generic, context), seed);
      const setTokens = own.tokens / (1 - share);
      const steps = Math.ceil(longestTraining(parameters, setTokens) / (batch.rows * context));
      const weights = parameterizationOf(parameters, size);
      const [pretrained, teacher] = [optionalInput('pretrained'), optionalInput('teacher')];
      const validating = validation(await text.store(input('tokens')), parameters, {
        own: own.tokens,
        all: setTokens,
      });
      const settings: TrainingSettings = {
        size,
        weights,
        losses: lossesOf(parameters, size, teacherSize),
        flopsPerToken: fineTuningFlopsPerToken(parameters, size, teacherSize),
        recipe: parameters.recipe,
        schedule: { warmupSteps: WARMUP_STEPS, stableUntil: steps, end: steps },
        steps,
        ...batch,
        stream: replayed ? replayStream({ own: stream, generic: replayed }, { share, context }) : stream,
        validation: validating,
      };
      const start = () => startingWeights(size, parameters, { pretrained, teacher });
      const result = await trainInStage(settings, { weights: start }, work);
      const frozen = parameters.lowRank === null ? {} : await start();
      const merged = await mergeWeights(services.engine(), size, parameters.lowRank, {
        ...frozen,
        ...result.best,
      });
      const written = await trainedSize(size, pretrained?.directory);
      await writeModel(directory, written, merged, input('tokenizer').directory);
      await writeTrainingRecord(directory, result, own.tokens, validating.batches.tokens);
    }),
});

type FineTuningParameters = z.infer<typeof fineTune.parameters>;

/** Of several ways to train, all are trained and the best on validation is kept. */
export function fineTuneStage(given: MethodInputs, request: FineTuningRequest): Stage {
  const { plan, domain, services } = given;
  const { kind, model, pretrained, domainTokens } = request;
  const verb =
    kind === 'from scratch' ? `train ${model} from scratch` : `fine-tune ${pretrained?.subject} (${kind})`;
  const subject = `${verb} on ${setInWords({ tokens: domainTokens }, domain.name)}`;
  const recipe = scaledRecipe(recipeFor(kind, plan, model), plan.rate);
  const tried = tuningsOf(plan, recipe);
  const models = tried.map((one) => {
    const name = tried.length === 1 ? subject : `${subject}: ${tuningInWords(one)}`;
    return tunedStage(given, request, { name, recipe, tuning: one, isOneOfSeveral: tried.length > 1 });
  });
  return models.length === 1 ? models[0] : bestTuningStage(models, tried, { subject, services });
}

interface TuningWay {
  /** For people. */
  readonly name: string;
  readonly recipe: Recipe;
  readonly tuning: Tuning;
  readonly isOneOfSeveral: boolean;
}

function tunedStage(
  given: MethodInputs,
  request: FineTuningRequest,
  { name, recipe, tuning, isOneOfSeveral }: TuningWay,
): Stage {
  const { plan, tokenizer, domain, services } = given;
  const { kind, model, seed, pretrained, teacher, domainTokens } = request;
  const { replay, rate, weightDecay } = tuning;
  const isUnusual = rate !== 1 || weightDecay !== recipe.weightDecay || replay !== plan.mixing.replay;
  const { maximumEpochs, maximumTokens, patienceTokens, batchTokens } = plan.fineTuning;
  return fineTune.stage(
    {
      label: name,
      subject: name,
      booking: 'specialization',
      parameters: {
        engine: services.engineName,
        kind,
        model: plan.models[model],
        context: plan.context,
        batch: batchRows(batchTokens, plan),
        recipe: { ...scaledRecipe(recipe, rate), weightDecay },
        lowRank: kind === 'low-rank' ? LOW_RANK : null,
        ...(kind === 'distilled' && { distillation: plan.distillation, teacher: plan.models.large }),
        ...(replay > 0 && { replayShare: replay }),
        domainTokens,
        maximumEpochs,
        maximumTokens,
        patienceTokens,
        decayShare: DECAY_SHARES[kind],
        ...(LOWERINGS[kind] > 0 && { lowerings: LOWERINGS[kind] }),
        validation: VALIDATION_TOKENS,
        // The usual way is the very stage that it is without a search, and an error where it diverges.
        ...(isOneOfSeveral && isUnusual && { mayDiverge: true as const }),
        seed,
      },
      places: null,
      inputs: {
        tokenizer,
        tokens: domain.tokens,
        pretrained,
        teacher,
        ...(replay > 0 && { generic: given.generic }),
      },
    },
    services,
  );
}

async function startingWeights(
  size: ModelSize,
  { lowRank, seed }: FineTuningParameters,
  models: { readonly pretrained: StageInput | undefined; readonly teacher: StageInput | undefined },
): Promise<Record<string, HostTensor>> {
  const { pretrained, teacher } = models;
  if (pretrained === undefined) return initialWeights(size, seed);
  const read = ({ directory }: StageInput) => readWeights(join(directory, WEIGHTS_FILE));
  return {
    ...(await read(pretrained)),
    ...(teacher && teacherState(await read(teacher))),
    ...(lowRank && initialLowRankFactors(size, lowRank.rank, seed)),
  };
}

/**
 * Two validations an epoch, or as few as keep them under half of the training's work. A small set is patient for longer
 * than an epoch, since single steps say little; a large one is seen whole before it is given up. `all`: an epoch's tokens with
 * those that are replayed among them, of which `own` are the domain's; whatever is replayed, the same text is validated on.
 */
function validation(
  store: TokenStore,
  parameters: FineTuningParameters,
  { own, all }: { readonly own: number; readonly all: number },
): ValidationSettings {
  const { batch, context, patienceTokens, decayShare, lowerings, mayDiverge } = parameters;
  const windows = new WindowSet(store, selectDocuments(store, 'validation'), context);
  const batches = new EvaluationBatches(windows, batch.rows, validationTokens(own));
  return {
    batches,
    everySteps: stepsBetweenValidations(all, batch.rows * context, batches.count),
    patienceTokens: Math.max(patienceTokens, all),
    decayShare,
    ...(lowerings !== undefined && { lowerings }),
    ...(mayDiverge && { mayDiverge }),
  };
}

/** Tokens of the validation split that each validation reads, where the split has as many. */
export function validationTokens(domainTokens: number): number {
  const { least, most } = VALIDATION_TOKENS;
  return Math.min(most, Math.max(least, domainTokens));
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
  lowRank: LowRankSettings | null,
  values: Readonly<Record<string, HostTensor>>,
): Promise<Record<string, HostTensor>> {
  const weights = parameterizationOf({ lowRank }, size);
  const names = weightSpecifications(size).map(({ name }) => name);
  if (lowRank === null) return Object.fromEntries(names.map((name) => [name, values[name]]));
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
