/**
 * What the stages of an experiment will compute, known before they run: floating-point operations, from the parameters
 * that are in their fingerprints. Training on the domain ends by early stopping, so it has an upper bound (the cap) and
 * an expectation: about what the presets measured.
 *
 * Weighed: a `work` field on every stage. The parameters say it already, and stages stay free of forecasting.
 */

import * as z from 'zod';
import { type ModelSize, modelShapeSchema, sameShape } from '../../common/model-size.ts';
import type { ExperimentPlan } from '../../methods/experiment-plan.ts';
import { recipeSchema } from '../../methods/stages/define.ts';
import { GENERIC_TOKENS } from '../../methods/stages/evaluate.ts';
import { stepsBetweenValidations } from '../../methods/stages/fine-tune.ts';
import { fineTuningFlopsPerToken, parameterizationOf } from '../../methods/stages/fine-tuning-kinds.ts';
import { sizeOn } from '../../methods/stages/training.ts';
import { denseParameterization } from '../../models/parameterization.ts';
import { projectedParameterization, projectedTrainingFlopsPerToken } from '../../models/projected.ts';
import { inferenceFlopsPerToken, trainingFlopsPerToken } from '../../models/size.ts';
import type { Stage } from '../../pipeline/stage.ts';
import { evaluationFlops, MOST_EVALUATIONS } from '../../training/expert-fit.ts';
import { updateFlops } from '../../training/optimizers/optimizer.ts';
import { optimizers } from '../../training/recipe.ts';
import { longestTraining } from '../../training/stopping.ts';
import type { Calibration } from './calibration.ts';
import { selectionWork } from './selection-forecast.ts';
import type { ForecastFacts, StageWork } from './stage-work.ts';

/** Passes over the in-domain set up to the best step, of which patience is no part: about as the presets measured. */
const EXPECTED_EPOCHS = 8;

/** Of an expert's vector that is fitted to a domain: about as was measured. */
const EXPECTED_EVALUATIONS = 10;

const count = z.number();
const modelFields = {
  model: modelShapeSchema,
  context: count,
};
const batch = z.object({ rows: count });
const pretrainingSchema = z.object({
  ...modelFields,
  batch,
  recipe: recipeSchema,
  schedule: z.object({ end: count }),
  projection: z.object({ experts: count, slabs: count, expertWidth: count }).optional(),
  groups: count.optional(),
});
const fineTuningSchema = z.object({
  ...modelFields,
  batch,
  recipe: recipeSchema,
  domainTokens: z.union([count, z.literal('all')]),
  maximumEpochs: count,
  maximumTokens: count,
  patienceTokens: count,
  lowerings: count.default(0),
  validation: z.object({ least: count, most: count }),
  replayShare: count.default(0),
  teacher: modelFields.model.optional(),
  distillation: z.object({ temperature: count, weight: count }).optional(),
  lowRank: z.object({ rank: count, alpha: count }).nullable(),
});
const fittingSchema = z.object({
  ...modelFields,
  projection: z.object({ experts: count, slabs: count, expertWidth: count }),
  fit: z.object({ domainTokens: count, rows: count }).optional(),
});
const evaluationSchema = z.object(modelFields);
const choiceSchema = z.object({ ...modelFields, domainTokens: count });

/** The work of a stage; `undefined` for one that has no products: reading, comparing, tokenizing and drawing text. */
export function stageWork(stage: Stage, facts: ForecastFacts): StageWork | undefined {
  const { vocabulary, tokensOf } = facts;
  if (stage.kind === 'pretrain' || stage.kind === 'pretrain-trunk') return pretrainingWork(stage, vocabulary);
  if (stage.kind === 'fine-tune') return fineTuningWork(stage, facts);
  if (stage.kind === 'evaluate') {
    const { model, context } = evaluationSchema.parse(stage.parameters);
    const { tokens, generic } = stage.inputs;
    const { heldout, validation } = tokensOf(tokens);
    const other = generic === undefined ? 0 : Math.min(tokensOf(generic).heldout, heldout, GENERIC_TOKENS);
    const size = { ...model, context, vocabulary };
    return certain(size, (heldout + validation + other) * inferenceFlopsPerToken(size));
  }
  if (stage.kind === 'choose-expert') {
    const parsed = choiceSchema.safeParse(stage.parameters);
    if (!parsed.success) return undefined;
    const { model, context, domainTokens } = parsed.data;
    const size = { ...model, context, vocabulary };
    const experts = Object.keys(stage.inputs).filter((role) => role.startsWith('expert')).length;
    const compared = Math.min(domainTokens, tokensOf(stage.inputs.tokens).train);
    return certain(size, experts * compared * inferenceFlopsPerToken(size));
  }
  if (stage.kind === 'project') return fittingWork(stage, facts);
  return selectionWork(stage, facts);
}

/** A projection that is fitted to the in-domain set; another one takes no time to speak of. */
function fittingWork(stage: Stage, { vocabulary, tokensOf }: ForecastFacts): StageWork | undefined {
  const { model, context, projection, fit } = fittingSchema.parse(stage.parameters);
  if (fit === undefined) return undefined;
  const tokens = Math.min(fit.domainTokens, tokensOf(stage.inputs.tokens).train);
  const size = { ...model, context, vocabulary };
  const count = Math.ceil(tokens / (fit.rows * context));
  const flops = (evaluations: number): number =>
    evaluations * evaluationFlops(size, projection, { tokens, count });
  return { size, expected: flops(EXPECTED_EVALUATIONS), maximum: flops(MOST_EVALUATIONS) };
}

function certain(size: ModelSize, flops: number): StageWork {
  return { size, expected: flops, maximum: flops };
}

function fineTuningWork(stage: Stage, { vocabulary, tokensOf }: ForecastFacts): StageWork {
  const parameters = fineTuningSchema.parse(stage.parameters);
  const { model, context, domainTokens, patienceTokens, lowerings, replayShare } = parameters;
  const split = tokensOf(stage.inputs.tokens);
  const own = domainTokens === 'all' ? split.train : Math.min(domainTokens, split.train);
  const set = own / (1 - replayShare);
  const size = { ...model, context, vocabulary };
  const teacher =
    parameters.teacher && sizeOn({ vocabularySize: vocabulary }, { model: parameters.teacher, context });
  const flopsPerToken = fineTuningFlopsPerToken(parameters, size, teacher);
  const { trainable } = parameterizationOf(parameters, size);
  const updates = updateFlops(trainable, optimizers(parameters.recipe));
  const batchTokens = parameters.batch.rows * context;
  const { least, most } = parameters.validation;
  const validated = Math.min(split.validation, most, Math.max(least, own));
  const everySteps = stepsBetweenValidations(set, batchTokens, Math.ceil(validated / batchTokens));
  const flops = (tokens: number): number => {
    const validations = 1 + tokens / batchTokens / everySteps;
    const trained = tokens * flopsPerToken + (tokens / batchTokens) * updates;
    return trained + validations * validated * inferenceFlopsPerToken(size);
  };
  const longest = longestTraining(parameters, set);
  const patience = (1 + lowerings) * Math.max(patienceTokens, set);
  const expected = Math.min(longest, EXPECTED_EPOCHS * set + patience);
  return { size, expected: flops(expected), maximum: flops(longest) };
}

function pretrainingWork(stage: Stage, vocabulary: number): StageWork {
  const parameters = pretrainingSchema.parse(stage.parameters);
  const { model, context, batch: rows, recipe, schedule, projection, groups } = parameters;
  const start = stage.inputs.trunk ?? stage.inputs.earlier;
  const done = start === undefined ? 0 : pretrainingSchema.parse(start.parameters).schedule.end;
  const batchTokens = rows.rows * context;
  const size = { ...model, context, vocabulary };
  const [flopsPerToken, { trainable }] =
    projection && groups
      ? [
          projectedTrainingFlopsPerToken(size, projection, { groups, tokens: batchTokens }),
          projectedParameterization(size, projection, groups),
        ]
      : [trainingFlopsPerToken(size), denseParameterization(size)];
  const step = batchTokens * flopsPerToken + updateFlops(trainable, optimizers(recipe));
  return certain(size, (schedule.end - done) * step);
}

export interface SecondsForecast {
  readonly expected: number;
  readonly maximum: number;
}

/** Time of a stage at the floating-point operations a second that training its model was measured to reach, compilation included. */
export function forecastSeconds(
  work: StageWork | undefined,
  plan: Pick<ExperimentPlan, 'models'>,
  calibrations: readonly Omit<Calibration, 'steps'>[],
): SecondsForecast | undefined {
  const size = work?.size;
  if (work === undefined || size === undefined) return undefined;
  const measured = calibrations.find(({ model }) => sameShape(size, plan.models[model]));
  if (measured === undefined) return undefined;
  const time = (flops: number): number => measured.compileSeconds + flops / measured.flopsPerSecond;
  return { expected: time(work.expected), maximum: time(work.maximum) };
}
