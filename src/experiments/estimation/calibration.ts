/**
 * A short measurement before an experiment: the training step of a model, compiled as it will be, on random tokens.
 * It gives the speed in tokens a second; memory is predicted from the same program's graph.
 */

import type { ModelSize } from '../../common/model-size.ts';
import { Random } from '../../common/random.ts';
import type { Engine } from '../../engines/engine.ts';
import { predictDeviceNeed, predictPeakBytes } from '../../engines/memory.ts';
import {
  type ExperimentPlan,
  type ModelName,
  type TrainedNetwork,
  wholeNetwork,
} from '../../methods/experiment-plan.ts';
import { LOW_RANK, parameterizationOf, recipeFor } from '../../methods/stages/fine-tuning-kinds.ts';
import { projectionShape } from '../../methods/stages/pretrain-projected.ts';
import { batchRows, modelSize, pretrainingRecipe } from '../../methods/stages/training.ts';
import { initialWeights, type Parameterization } from '../../models/parameterization.ts';
import { projectedParameterization } from '../../models/projected.ts';
import { distillation } from '../../training/distillation.ts';
import { zeroMoments } from '../../training/optimizers/optimizer.ts';
import { optimizers } from '../../training/recipe.ts';
import { type TrainingStepSettings, trainingStep } from '../../training/step.ts';

export interface Calibration {
  readonly model: ModelName;
  readonly trainingTokensPerSecond: number;
  readonly steps: number;
  readonly compileSeconds: number;
}

const WARM_UP_STEPS = 2;
const MEASURED_STEPS = 3;

/** Compiles and runs the training step of a model; the median of a few steps counts. */
export async function calibrate(
  plan: ExperimentPlan,
  model: ModelName,
  engine: Engine,
): Promise<Calibration> {
  const step = stepOf(plan, model);
  const { size, batch, weights, optimizerFor } = step;
  const count = batch.rows * batch.length;
  const began = performance.now();
  const executable = await engine.compile(trainingStep(step));
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
  return { model, trainingTokensPerSecond: count / median, steps: seconds.length, compileSeconds };
}

/** What the most demanding of these needs of a graphics processor while it is trained, in bytes, predicted. */
export function predictDeviceBytes(plan: ExperimentPlan, networks: readonly TrainedNetwork[]): number {
  return Math.max(...networks.map((network) => predictDeviceNeed(trainingStep(stepOf(plan, network))).bytes));
}

/** The peak of the process's memory while it trains the most demanding of these, from what it holds now. */
export function predictTrainingPeakBytes(
  plan: ExperimentPlan,
  networks: readonly TrainedNetwork[],
  residentBytes: number,
): number {
  return Math.max(
    ...networks.map((network) => predictPeakBytes(trainingStep(stepOf(plan, network)), residentBytes)),
  );
}

/** The training step of a network as its stage compiles it; of a model that was given, that of fine-tuning. */
function stepOf(plan: ExperimentPlan, network: TrainedNetwork): TrainingStepSettings {
  const whole = wholeNetwork(network);
  const model = whole === 'large' ? 'large' : 'small';
  const size = modelSize(plan, model, plan.vocabulary);
  const isFineTuned = whole !== network || network === 'distilled' || plan.from[model] !== undefined;
  const { batchTokens } = isFineTuned ? plan.fineTuning : plan.pretraining;
  const { rows, microBatches } = batchRows(batchTokens, plan);
  const recipe = isFineTuned ? recipeFor('full', plan, model) : pretrainingRecipe(plan);
  return {
    size,
    weights: parameterization(plan, network, size),
    losses:
      network === 'distilled'
        ? distillation(size, modelSize(plan, 'large', plan.vocabulary), plan.distillation)
        : undefined,
    batch: { rows, length: size.context },
    microBatches,
    clipNorm: recipe.clipNorm,
    optimizerFor: optimizers(recipe),
  };
}

function parameterization(plan: ExperimentPlan, network: TrainedNetwork, size: ModelSize): Parameterization {
  if (network === 'projected') {
    return projectedParameterization(size, projectionShape(plan), plan.projection.groups);
  }
  return parameterizationOf({ lowRank: wholeNetwork(network) === network ? null : LOW_RANK }, size);
}
