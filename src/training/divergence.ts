/** Trainings that are lost: a loss that is no number, or one that is worse than guessing. */
import { DivergenceError } from '../common/errors.ts';
import type { LossPoint } from './checkpoint.ts';

/** Points of the loss curve whose mean counts as the loss at the end. */
const JUDGED_POINTS = 5;
/** Nats above the loss of guessing that tell a lost training from one at its start. */
const GUESSING_MARGIN = 1;
const LOWER_THE_RATE =
  'Lower the learning rate (training.rate in parlance.json, for example by half; of training on the domain alone specialization.search.rates, all below 1) and run again.';

/** A loss (`what`: "loss", "validation loss") that is no number; `savedStep` is 0 when there is no checkpoint. */
export function diverged(what: string, step: number, loss: number, savedStep: number): DivergenceError {
  const kept =
    savedStep > 0 ? `The checkpoint of step ${savedStep} is kept.` : 'No checkpoint had been made.';
  return new DivergenceError(
    `The ${what} at step ${step} is ${loss}: training has diverged. ${kept}`,
    LOWER_THE_RATE,
  );
}

/** Throws when the losses at the end are worse than guessing among `vocabulary` tokens: a training can be lost while its loss is still a number. */
export function refuseWorseThanGuessing(points: readonly LossPoint[], vocabulary: number): void {
  if (points.length < 2 * JUDGED_POINTS) return;
  const last = points.slice(-JUDGED_POINTS);
  const loss = last.reduce((sum, point) => sum + point.loss, 0) / last.length;
  const guessing = Math.log(vocabulary);
  if (loss <= guessing + GUESSING_MARGIN) return;
  throw new DivergenceError(
    `The loss at step ${last[last.length - 1].step} is ${loss.toFixed(2)}, worse than the ${guessing.toFixed(2)} of guessing: training has diverged.`,
    LOWER_THE_RATE,
  );
}
