/**
 * When a training on few tokens ends: the rate is constant until the validation loss has not fallen for a while, or until
 * the cap is near; then the training goes back to its best step, lets the rate fall to zero from there, and ends. Where
 * the best step will be is not known beforehand, so the decay cannot be planned as pretraining's is. A training that
 * adapts a model goes on from its best step at a lower rate instead, some times: a rate that is too high for
 * what was pretrained long gains nothing at any step.
 *
 * All of it is a function of the progress, which is in the checkpoint: a resumed training decides as the uninterrupted
 * one did.
 */
import type { Decay, LossPoint, Lowering, TrainingProgress } from './checkpoint.ts';
import { rateAt, type Schedule } from './schedule.ts';

export interface StoppingSettings {
  /** Tokens trained on since the lowest validation loss, after which the rate falls; in the decay, after which it ends. */
  readonly patienceTokens: number;
  /** The share of the best steps that the decay has, as `DECAY_SHARE` of a pretraining budget. */
  readonly decayShare: number;
  /** How often the rate is lowered before the end; never when absent. */
  readonly lowerings?: number;
}

/** From one rate to the next lower one. */
const LOWER_RATE = 1 / 3;

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

/** A change after which the training goes on from its best step. */
export type Change = { readonly decay: Decay } | { readonly lowering: Lowering };

/** What comes next: a step, a change of the rate, or the end. Needs a validation at the first step. */
export function whatNext(progress: TrainingProgress, inputs: StoppingInputs): 'step' | 'end' | Change {
  const { step, decay, lowering } = progress;
  if (decay !== undefined) {
    return step >= decay.end || isPatienceSpent(progress, inputs) ? 'end' : 'step';
  }
  const spent = isPatienceSpent(progress, inputs);
  if (!spent && step < lastConstantStep(inputs)) return 'step';
  const { lowerings = 0 } = inputs;
  if (spent && step < inputs.steps && (lowering?.times ?? 0) < lowerings) {
    return { lowering: lowered(progress) };
  }
  const best = bestPoint(progress.validation).step;
  const { steps, decayShare } = inputs;
  const length = Math.min(steps - step, Math.round((best * decayShare) / (1 - decayShare)));
  if (length < 1) return 'end';
  return { decay: { because: spent ? 'patience' : 'cap', from: best, begun: step, end: step + length } };
}

function lowered({ step, validation, lowering }: TrainingProgress): Lowering {
  const { times = 0, from = 0, begun = 0 } = lowering ?? {};
  const best = bestPoint(validation).step;
  // Where the last rate gained nothing, the best step is still the one that it went on with.
  return { times: times + 1, from: best > begun ? best - begun + from : from, begun: step };
}

/** The factor on the rate at a step, and the step for the optimizer: a change goes on from the best one. */
export function scheduledStep(
  schedule: Schedule,
  step: number,
  { decay, lowering }: Pick<TrainingProgress, 'decay' | 'lowering'>,
): { readonly rate: number; readonly step: number } {
  if (decay !== undefined) {
    const { from, begun, end } = decay;
    const own = step - begun + from;
    return { rate: rateAt({ ...schedule, stableUntil: from, end: from + end - begun }, own), step: own };
  }
  if (lowering === undefined) return { rate: rateAt(schedule, step), step };
  const own = step - lowering.begun + lowering.from;
  return { rate: rateAt(schedule, own) * LOWER_RATE ** lowering.times, step: own };
}

/** Asked of a training that is over. */
export function endingOf(progress: TrainingProgress, inputs: StoppingInputs): Ending {
  if (progress.decay !== undefined) return progress.decay.because;
  return isPatienceSpent(progress, inputs) ? 'patience' : 'cap';
}

/** Judged at validations only. */
function isPatienceSpent(progress: TrainingProgress, inputs: StoppingInputs): boolean {
  const { step, validation, decay, lowering } = progress;
  if (validation.at(-1)?.step !== step) return false;
  const since = Math.max(bestPoint(validation).step, decay?.begun ?? lowering?.begun ?? 0);
  return (step - since) * inputs.tokensPerStep >= inputs.patienceTokens;
}

/** The first of the points with the lowest loss. */
export function bestPoint(points: readonly LossPoint[]): LossPoint {
  return points.reduce((best, point) => (point.loss < best.loss ? point : best));
}
