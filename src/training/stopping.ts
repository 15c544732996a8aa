/**
 * When a training on few tokens ends: the rate is constant until the validation loss has not fallen for a while, or until
 * the cap is near; then the training goes back to its best step, lets the rate fall to zero from there, and ends. Where
 * the best step will be is not known beforehand, so the decay cannot be planned as pretraining's is.
 *
 * All of it is a function of the progress, which is in the checkpoint: a resumed training decides as the uninterrupted
 * one did.
 */
import type { Decay, LossPoint, TrainingProgress } from './checkpoint.ts';
import type { Schedule } from './schedule.ts';

export interface StoppingSettings {
  /** Tokens trained on since the lowest validation loss, after which the rate falls; in the decay, after which it ends. */
  readonly patienceTokens: number;
  /** The share of the best steps that the decay has, as `DECAY_SHARE` of a pretraining budget. */
  readonly decayShare: number;
}

/** What ended a training: no lower validation loss within the patience, or the cap on its length. */
export type Ending = 'patience' | 'cap';

/** The cap on a training's length. */
export interface LengthLimits {
  /** Times that the set is seen at most. */
  readonly maximumEpochs: number;
  /** Tokens trained on at most; the set is seen once at least. */
  readonly maximumTokens: number;
}

/** Tokens that a training on a set of so many tokens has at most. */
export function longestTraining({ maximumEpochs, maximumTokens }: LengthLimits, setTokens: number): number {
  return Math.max(setTokens, Math.min(maximumEpochs * setTokens, maximumTokens));
}

export interface StoppingInputs extends StoppingSettings {
  /** The cap, decay included. */
  readonly steps: number;
  readonly tokensPerStep: number;
}

/** The last step at a constant rate: the decay of a training that reaches the cap fits into what is left of it. */
export function lastConstantStep({ steps, decayShare }: StoppingInputs): number {
  return Math.max(1, Math.round(steps * (1 - decayShare)));
}

/** What comes next: a step, the beginning of the decay, or the end. Needs a validation at the first step. */
export function whatNext(progress: TrainingProgress, inputs: StoppingInputs): 'step' | 'end' | Decay {
  const { step, decay } = progress;
  if (decay !== undefined) {
    return step >= decay.end || isPatienceSpent(progress, inputs) ? 'end' : 'step';
  }
  const spent = isPatienceSpent(progress, inputs);
  if (!spent && step < lastConstantStep(inputs)) return 'step';
  const best = bestPoint(progress.validation).step;
  const { steps, decayShare } = inputs;
  const length = Math.min(steps - step, Math.round((best * decayShare) / (1 - decayShare)));
  if (length < 1) return 'end';
  return { because: spent ? 'patience' : 'cap', from: best, begun: step, end: step + length };
}

/** A step in the schedule and for the optimizer: a decay goes on from the best one, and the schedule ends with it. */
export function scheduledStep(
  schedule: Schedule,
  step: number,
  decay: Decay | undefined,
): { readonly schedule: Schedule; readonly step: number } {
  if (decay === undefined) return { schedule, step };
  const { from, begun, end } = decay;
  return { schedule: { ...schedule, stableUntil: from, end: from + end - begun }, step: step - begun + from };
}

/** Asked of a training that is over. */
export function endingOf(progress: TrainingProgress, inputs: StoppingInputs): Ending {
  if (progress.decay !== undefined) return progress.decay.because;
  return isPatienceSpent(progress, inputs) ? 'patience' : 'cap';
}

/** Judged at validations only. */
function isPatienceSpent({ step, validation, decay }: TrainingProgress, inputs: StoppingInputs): boolean {
  if (validation.at(-1)?.step !== step) return false;
  const since = Math.max(bestPoint(validation).step, decay?.begun ?? 0);
  return (step - since) * inputs.tokensPerStep >= inputs.patienceTokens;
}

/** The first of the points with the lowest loss. */
export function bestPoint(points: readonly LossPoint[]): LossPoint {
  return points.reduce((best, point) => (point.loss < best.loss ? point : best));
}
