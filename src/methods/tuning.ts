/** What trainings on a domain are tried with (`FineTuningSearch`), and the one that validation chose. */
import * as z from 'zod';
import { formatCount, formatPlural } from '../common/format.ts';

export const tuningSchema = z.object({
  /** Factor on the learning rates. */
  rate: z.number(),
  weightDecay: z.number(),
  /** Share of generic tokens that were mixed in. */
  replay: z.number(),
});
export type Tuning = Readonly<z.infer<typeof tuningSchema>>;

/** The one with the lowest validation loss, of so many; those that diverged are among these. */
export const chosenTuningSchema = tuningSchema.extend({
  tried: z.number(),
  diverged: z.number().optional(),
});
export type ChosenTuning = Readonly<z.infer<typeof chosenTuningSchema>>;

/** `rates × 0.3333, weight decay 0.01, no replay`. */
export function tuningInWords({ rate, weightDecay, replay }: Tuning): string {
  const mixed = replay === 0 ? 'no replay' : `replay ${number(100 * replay)} %`;
  return `rates × ${number(rate)}, weight decay ${number(weightDecay)}, ${mixed}`;
}

/** `8 trainings`, `8 trainings, 2 of which diverged`. */
export function triedInWords({ tried, diverged }: ChosenTuning): string {
  const all = formatPlural(tried, 'training');
  return diverged === undefined ? all : `${all}, ${formatCount(diverged)} of which diverged`;
}

const number = (value: number): string => `${Number(value.toPrecision(4))}`;
