/**
 * The memory that training takes, from the graph of the step. A batch's parts are all in one graph, but a part begins when the
 * one before has ended: beyond the third they add no activations, only nodes. So the graph is built with a few parts, and
 * what a further one adds is counted for the others; to build all of them takes minutes for a batch of many.
 */
import { predictDeviceNeed, predictPeakBytes } from '../../engines/memory.ts';
import type { ExperimentPlan, TrainedNetwork } from '../../methods/experiment-plan.ts';
import { batchRows } from '../../methods/stages/training.ts';
import { trainingStep } from '../../training/step.ts';
import { isAdapted, plannedStep } from './planned-step.ts';

/** What the most demanding of these needs of a graphics processor while it is trained, in bytes, predicted. */
export function predictDeviceBytes(plan: ExperimentPlan, networks: readonly TrainedNetwork[]): number {
  return Math.max(
    ...networks.map((network) => {
      const fewer = withFewParts(plan, network, FEW_UNITS);
      return predictDeviceNeed(trainingStep(plannedStep(fewer.plan, network))).bytes;
    }),
  );
}

/** The peak of the process's memory while it trains the most demanding of these, from what it holds now. */
export function predictTrainingPeakBytes(
  plan: ExperimentPlan,
  networks: readonly TrainedNetwork[],
  residentBytes: number,
): number {
  return Math.max(
    ...networks.map((network) => {
      const peak = (of: ExperimentPlan): number =>
        predictPeakBytes(trainingStep(plannedStep(of, network)), residentBytes);
      const fewer = withFewParts(plan, network, FEW_UNITS);
      const known = peak(fewer.plan);
      if (fewer.unitsLeft === 0) return known;
      return known + fewer.unitsLeft * (peak(withFewParts(plan, network, FEW_UNITS + 1).plan) - known);
    }),
  );
}

/** From so many on, each further part needs as much as the one before. */
const FEW_UNITS = 3;

/**
 * The plan with a batch of pretraining of fewer parts of the same size. A unit is a part, or the parts that share the weights
 * of one group of the projected network.
 */
function withFewParts(
  plan: ExperimentPlan,
  network: TrainedNetwork,
  units: number,
): { readonly plan: ExperimentPlan; readonly unitsLeft: number } {
  const { pretraining, projection, context } = plan;
  const { rows, microBatches } = batchRows(pretraining.batchTokens, plan);
  const unit = network === 'projected' ? Math.max(1, microBatches / projection.groups) : 1;
  const all = microBatches / unit;
  if (isAdapted(plan, network) || all <= units) return { plan, unitsLeft: 0 };
  const share = units / all;
  return {
    plan: {
      ...plan,
      microBatchTokens: (rows / microBatches) * context,
      pretraining: { ...pretraining, batchTokens: rows * context * share },
      projection: { ...projection, groups: projection.groups * share },
    },
    unitsLeft: all - units,
  };
}
