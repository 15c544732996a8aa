/** Advice when a graphics processor's memory does not suffice: the parts of a batch that would fit, computed. */
import { DeviceMemoryError } from '../../common/errors.ts';
import type { ExperimentPlan } from '../../methods/experiment-plan.ts';
import { batchRows, MICRO_BATCH_TOKENS } from '../../methods/stages/training.ts';
import type { Experiment } from '../config/experiment.ts';
import { predictDeviceBytes } from '../estimation/training-memory.ts';
import { trainedNetworks } from './trained-networks.ts';

/** What a smaller part should need at most of what has just failed. */
const ENOUGH_LESS = 0.85;

export interface MicroBatchAdvice {
  readonly microBatchTokens: number;
  /** Of what is needed now: predicted for both. */
  readonly share: number;
}

/** The largest parts, by halves, that need clearly less memory; nothing when even single rows do not. */
export function smallerMicroBatch(experiment: Experiment): MicroBatchAdvice | undefined {
  const { plan } = experiment;
  const networks = trainedNetworks(experiment);
  const now = predictDeviceBytes(plan, networks);
  let tokens = plan.microBatchTokens ?? MICRO_BATCH_TOKENS;
  while (tokens > plan.context) {
    tokens = Math.max(plan.context, Math.floor(tokens / 2));
    const smaller = { ...plan, microBatchTokens: tokens };
    if (networks.includes('projected') && !groupsFit(smaller)) continue;
    const share = predictDeviceBytes(smaller, networks) / now;
    if (share <= ENOUGH_LESS) return { microBatchTokens: tokens, share };
  }
  return undefined;
}

/** An error of memory with the setting that mends it; any other error as it is. */
export function adviseOnMemory(error: unknown, experiment: Experiment): unknown {
  if (!(error instanceof DeviceMemoryError)) return error;
  const advice = smallerMicroBatch(experiment);
  const hint =
    advice === undefined
      ? `Smaller parts of a batch would not help much: choose a smaller model or vocabulary in ${experiment.file}, or the engine onnxruntime:cpu.`
      : `Set "training": { "microBatch": ${advice.microBatchTokens} } in ${experiment.file}: a step is predicted to need ${Math.round(100 * advice.share)} % of the memory then. Or choose the engine onnxruntime:cpu.`;
  return new DeviceMemoryError(error.message, `${hint} Everything up to the last checkpoint is kept.`, error);
}

function groupsFit(plan: ExperimentPlan): boolean {
  const { microBatches } = batchRows(plan.pretraining.batchTokens, plan);
  const { groups } = plan.projection;
  return groups % microBatches === 0 || microBatches % groups === 0;
}
