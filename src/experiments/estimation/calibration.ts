/**
 * A short measurement before an experiment: the training step of a model, compiled as it will be, on random tokens; it gives
 * the speed in tokens a second. Where one step alone would take a processor minutes, and its weights gigabytes, a much
 * smaller model stands in: products of its size go at about the rate of larger ones, and the speed follows from the
 * operations. That it does is said with the speed.
 */

import type { ModelSize } from '../../common/model-size.ts';
import { Random } from '../../common/random.ts';
import type { Engine } from '../../engines/engine.ts';
import type { ExperimentPlan, ModelName } from '../../methods/experiment-plan.ts';
import { batchRows } from '../../methods/stages/training.ts';
import { denseParameterization, initialWeights } from '../../models/parameterization.ts';
import { parameterCount, trainingFlopsPerToken } from '../../models/size.ts';
import { updateFlops, zeroMoments } from '../../training/optimizers/optimizer.ts';
import { optimizers, PRETRAINING } from '../../training/recipe.ts';
import { shares } from '../../training/shares.ts';
import { type TrainingStepSettings, trainingStep } from '../../training/step.ts';
import { plannedStep } from './planned-step.ts';

export interface Calibration {
  readonly model: ModelName;
  readonly trainingTokensPerSecond: number;
  /** The operations of products, the optimizer's included, that training reached. */
  readonly flopsPerSecond: number;
  readonly steps: number;
  readonly compileSeconds: number;
  /** The model that was trained in its place. */
  readonly standIn?: { readonly parameterCount: number };
}

const WARM_UP_STEPS = 2;
const MEASURED_STEPS = 3;

/** A step of more operations is not tried on a processor: ten seconds at 100 GFLOP a second, five times over. */
const MOST_STEP_FLOPS = 1e12;
/** Wide enough for products that use all of a processor, in steps of about a second. */
const STAND_IN: ModelSize = {
  layers: 2,
  width: 512,
  heads: 4,
  feedForward: 1376,
  context: 256,
  vocabulary: 4096,
};
const STAND_IN_BATCH_TOKENS = 2048;

/** Compiles and runs the training steps of models; of each the median of a few steps counts. */
export async function calibrateAll(
  plan: ExperimentPlan,
  models: readonly ModelName[],
  engine: Engine,
): Promise<readonly Calibration[]> {
  const calibrations: Calibration[] = [];
  let standIn: Omit<Calibration, 'model'> | undefined;
  for (const model of models) {
    const step = plannedStep(plan, model);
    if (isTooLong(step, engine)) {
      standIn ??= await measure(standInStep(), engine);
      calibrations.push({ model, ...inPlaceOf(step.size, standIn) });
    } else {
      calibrations.push({ model, ...(await measure(step, engine)) });
    }
  }
  return calibrations;
}

export async function calibrate(
  plan: ExperimentPlan,
  model: ModelName,
  engine: Engine,
): Promise<Calibration> {
  const [calibration] = await calibrateAll(plan, [model], engine);
  return calibration;
}

/** A graphics processor is measured on the step itself, whatever engine drives it: its rate depends on the size far more. */
function isTooLong({ size, batch }: TrainingStepSettings, engine: Engine): boolean {
  const flops = batch.rows * batch.length * trainingFlopsPerToken(size);
  return engine.device.accelerated !== true && flops > MOST_STEP_FLOPS;
}

/** With AdamW alone: on a batch this small Muon's products would weigh as they do not on the real one. */
function standInStep(): TrainingStepSettings {
  const { rows, microBatches } = batchRows(STAND_IN_BATCH_TOKENS, STAND_IN);
  return {
    size: STAND_IN,
    weights: denseParameterization(STAND_IN),
    batch: { rows, length: STAND_IN.context },
    microBatches,
    clipNorm: PRETRAINING.clipNorm,
    optimizerFor: optimizers({ ...PRETRAINING, matrices: 'adamw' }),
  };
}

function inPlaceOf(size: ModelSize, measured: Omit<Calibration, 'model'>): Omit<Calibration, 'model'> {
  return {
    ...measured,
    trainingTokensPerSecond: measured.flopsPerSecond / trainingFlopsPerToken(size),
    standIn: { parameterCount: parameterCount(STAND_IN) },
  };
}

async function measure(step: TrainingStepSettings, engine: Engine): Promise<Omit<Calibration, 'model'>> {
  const { size, batch, weights, microBatches, optimizerFor } = step;
  const parts = shares({ rows: batch.rows, microBatches, groups: weights.groups }, engine.devices);
  const count = batch.rows * batch.length;
  const began = performance.now();
  const executable = await engine.compile(trainingStep({ ...step, ...parts }));
  const compileSeconds = (performance.now() - began) / 1000;
  const initial = { ...initialWeights(size, 0), ...zeroMoments(weights.trainable, optimizerFor) };
  const state = engine.createState(initial, { owned: true });
  const generator = Random.fromSeed(0, 'calibration');
  const ids = Int32Array.from({ length: count }, () => generator.below(size.vocabulary));
  const one = Float32Array.of(1);
  const seconds: number[] = [];
  for (let i = 0; i < WARM_UP_STEPS + MEASURED_STEPS; i++) {
    const stepBegan = performance.now();
    await executable.step(state, { ids, targets: ids, rate: one, correction1: one, correction2: one });
    if (i >= WARM_UP_STEPS) seconds.push((performance.now() - stepBegan) / 1000);
  }
  await executable.dispose();
  state.dispose();
  const median = seconds.sort((a, b) => a - b)[Math.floor(seconds.length / 2)];
  const flops = count * trainingFlopsPerToken(size) + updateFlops(weights.trainable, optimizerFor);
  return {
    trainingTokensPerSecond: count / median,
    flopsPerSecond: flops / median,
    steps: seconds.length,
    compileSeconds,
  };
}
