/**
 * What the stages of an experiment will compute, known before they run: tokens and floating-point operations, from the
 * parameters that are in their fingerprints. Fine-tuning ends by early stopping, so it has an upper bound (all epochs)
 * and an expectation: half of it, about what the presets measured.
 *
 * Weighed: a `work` field on every stage. The parameters say it already, and stages stay free of forecasting.
 */
import { z } from 'zod';
import { type Flops, flops } from '../common/units.ts';
import type { ExperimentPlan, ModelShape } from '../methods/experiment-plan.ts';
import { inferenceFlopsPerToken, type ModelSize, trainingFlopsPerToken } from '../models/size.ts';
import type { Stage } from '../pipeline/stage.ts';
import type { Calibration } from './calibration.ts';

/** Tokens that a training stage steps through, or that an evaluation predicts. */
export interface StageWork {
  readonly size: ModelSize;
  readonly pass: 'training' | 'forward';
  readonly expectedTokens: number;
  readonly maximumTokens: number;
}

/** Tokens of the training and the held-out split of a domain: counted, or estimated before it is tokenized. */
export interface DomainTokens {
  readonly train: number;
  readonly heldout: number;
}

const EXPECTED_SHARE_OF_EPOCHS = 0.5;
/** Validations during fine-tuning are kept under a quarter of the work (methods/stages/fine-tune.ts). */
const VALIDATION_SHARE = 0.25;

const count = z.number();
const modelFields = {
  model: z.object({ layers: count, width: count, heads: count, feedForward: count }),
  context: count,
};
const batch = z.object({ rows: count });
const pretrainingSchema = z.object({ ...modelFields, batch, schedule: z.object({ end: count }) });
const fineTuningSchema = z.object({
  ...modelFields,
  domainTokens: z.union([count, z.literal('all')]),
  maximumEpochs: count,
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
    const { model, context, domainTokens, maximumEpochs } = fineTuningSchema.parse(stage.parameters);
    const { train } = tokensOf(stage.inputs.tokens);
    const set = domainTokens === 'all' ? train : Math.min(domainTokens, train);
    const maximumTokens = set * maximumEpochs * (1 + VALIDATION_SHARE);
    const size = { ...model, context, vocabulary };
    const expectedTokens = maximumTokens * EXPECTED_SHARE_OF_EPOCHS;
    return { size, pass: 'training', expectedTokens, maximumTokens };
  }
  if (stage.kind === 'evaluate') {
    const { model, context } = evaluationSchema.parse(stage.parameters);
    const { heldout } = tokensOf(stage.inputs.tokens);
    const size = { ...model, context, vocabulary };
    return { size, pass: 'forward', expectedTokens: heldout, maximumTokens: heldout };
  }
  return undefined;
}

function pretrainingWork(stage: Stage, vocabulary: number): StageWork {
  const { model, context, batch: rows, schedule } = pretrainingSchema.parse(stage.parameters);
  const start = stage.inputs.trunk ?? stage.inputs.before;
  const done = start === undefined ? 0 : pretrainingSchema.parse(start.parameters).schedule.end;
  const tokens = (schedule.end - done) * rows.rows * context;
  const size = { ...model, context, vocabulary };
  return { size, pass: 'training', expectedTokens: tokens, maximumTokens: tokens };
}

/** Floating-point operations for one token of this work. */
export function flopsPerToken({ size, pass }: StageWork): Flops {
  return flops(pass === 'training' ? trainingFlopsPerToken(size) : inferenceFlopsPerToken(size));
}

export interface SecondsForecast {
  readonly expected: number;
  readonly maximum: number;
}

/** Time of a stage from measured speeds, compilation included; a forward pass takes a third of a training step. */
export function forecastSeconds(
  work: StageWork | undefined,
  plan: Pick<ExperimentPlan, 'models'>,
  calibrations: readonly Omit<Calibration, 'steps'>[],
): SecondsForecast | undefined {
  if (work === undefined) return undefined;
  const measured = calibrations.find(({ model }) => isOfShape(work.size, plan.models[model]));
  if (measured === undefined) return undefined;
  const speed = measured.trainingTokensPerSecond * (work.pass === 'training' ? 1 : 3);
  const time = (tokens: number): number => measured.compileSeconds + tokens / speed;
  return { expected: time(work.expectedTokens), maximum: time(work.maximumTokens) };
}

function isOfShape(size: ModelSize, shape: ModelShape): boolean {
  const { layers, width, heads, feedForward } = shape;
  return (
    size.layers === layers && size.width === width && size.heads === heads && size.feedForward === feedForward
  );
}
