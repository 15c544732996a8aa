/**
 * What the stages of an experiment will compute, known before they run: tokens and floating-point operations, from the
 * parameters that are in their fingerprints. Fine-tuning ends by early stopping, so it has an upper bound (all epochs)
 * and an expectation: half of it, about what the presets measured.
 *
 * Weighed: a `work` field on every stage. The parameters say it already, and stages stay free of forecasting.
 */
import * as z from 'zod';
import type { Flops } from '../common/units.ts';
import type { ExperimentPlan, ModelShape } from '../methods/experiment-plan.ts';
import { projectedTrainingFlopsPerToken } from '../models/projected.ts';
import { inferenceFlopsPerToken, type ModelSize, trainingFlopsPerToken } from '../models/size.ts';
import type { Stage } from '../pipeline/stage.ts';
import { distillationFlopsPerToken } from '../training/distillation.ts';
import type { Calibration } from './calibration.ts';

/** Tokens that a training stage steps through, or that an evaluation predicts. */
export interface StageWork {
  /** The model whose measured speed tells how fast this work goes. */
  readonly size: ModelSize;
  readonly flopsPerToken: Flops;
  readonly expectedTokens: number;
  readonly maximumTokens: number;
}

/** Tokens of the training and the held-out split of a domain: counted, or estimated before it is tokenized. */
export interface DomainTokens {
  readonly train: number;
  readonly heldout: number;
}

const EXPECTED_SHARE_OF_EPOCHS = 0.5;
/** Validations during fine-tuning are kept under half of the work (methods/stages/fine-tune.ts). */
const VALIDATION_SHARE = 0.5;

const count = z.number();
const modelFields = {
  model: z.object({ layers: count, width: count, heads: count, feedForward: count }),
  context: count,
};
const batch = z.object({ rows: count });
const pretrainingSchema = z.object({
  ...modelFields,
  batch,
  schedule: z.object({ end: count }),
  projection: z.object({ experts: count, slabs: count, expertWidth: count }).optional(),
  groups: count.optional(),
});
const fineTuningSchema = z.object({
  ...modelFields,
  domainTokens: z.union([count, z.literal('all')]),
  maximumEpochs: count,
  teacher: modelFields.model.optional(),
  distillation: z.object({ temperature: count, weight: count }).optional(),
});
const evaluationSchema = z.object(modelFields);

/** The work of a stage; `undefined` for one that is not about a model, which is quick beside those that are. */
export function stageWork(
  stage: Stage,
  vocabulary: ExperimentPlan['vocabulary'],
  tokensOf: (tokens: Stage) => DomainTokens,
): StageWork | undefined {
  if (stage.kind === 'pretrain' || stage.kind === 'pretrain-trunk') return pretrainingWork(stage, vocabulary);
  if (stage.kind === 'fine-tune') {
    const { model, context, domainTokens, maximumEpochs, teacher, distillation } = fineTuningSchema.parse(
      stage.parameters,
    );
    const { train } = tokensOf(stage.inputs.tokens);
    const set = domainTokens === 'all' ? train : Math.min(domainTokens, train);
    const maximumTokens = set * maximumEpochs * (1 + VALIDATION_SHARE);
    const size = { ...model, context, vocabulary };
    const expectedTokens = maximumTokens * EXPECTED_SHARE_OF_EPOCHS;
    const flopsPerToken =
      teacher && distillation
        ? distillationFlopsPerToken(size, { ...teacher, context, vocabulary }, distillation)
        : trainingFlopsPerToken(size);
    return { size, flopsPerToken, expectedTokens, maximumTokens };
  }
  if (stage.kind === 'evaluate') {
    const { model, context } = evaluationSchema.parse(stage.parameters);
    const { heldout } = tokensOf(stage.inputs.tokens);
    const size = { ...model, context, vocabulary };
    const flopsPerToken = inferenceFlopsPerToken(size);
    return { size, flopsPerToken, expectedTokens: heldout, maximumTokens: heldout };
  }
  return undefined;
}

function pretrainingWork(stage: Stage, vocabulary: number): StageWork {
  const parameters = pretrainingSchema.parse(stage.parameters);
  const { model, context, batch: rows, schedule, projection, groups } = parameters;
  const start = stage.inputs.trunk ?? stage.inputs.before;
  const done = start === undefined ? 0 : pretrainingSchema.parse(start.parameters).schedule.end;
  const batchTokens = rows.rows * context;
  const tokens = (schedule.end - done) * batchTokens;
  const size = { ...model, context, vocabulary };
  const flopsPerToken =
    projection && groups
      ? projectedTrainingFlopsPerToken(size, projection, { groups, tokens: batchTokens })
      : trainingFlopsPerToken(size);
  return { size, flopsPerToken, expectedTokens: tokens, maximumTokens: tokens };
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
  if (work === undefined) return undefined;
  const measured = calibrations.find(({ model }) => isOfShape(work.size, plan.models[model]));
  if (measured === undefined) return undefined;
  const speed = measured.trainingTokensPerSecond * trainingFlopsPerToken(work.size);
  const time = (tokens: number): number => measured.compileSeconds + (tokens * work.flopsPerToken) / speed;
  return { expected: time(work.expectedTokens), maximum: time(work.maximumTokens) };
}

function isOfShape(size: ModelSize, shape: ModelShape): boolean {
  const { layers, width, heads, feedForward } = shape;
  return (
    size.layers === layers && size.width === width && size.heads === heads && size.feedForward === feedForward
  );
}
