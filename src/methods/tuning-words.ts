/** What a training on the domain was tried with, for people. */
import type { Tuning } from '../budget/measurement.ts';

/** `rates × 0.33, weight decay 0.01, no replay`. */
export function tuningInWords({ rate, weightDecay, replay }: Tuning): string {
  const mixed = replay === 0 ? 'no replay' : `replay ${number(100 * replay)} %`;
  return `rates × ${number(rate)}, weight decay ${number(weightDecay)}, ${mixed}`;
}

const number = (value: number): string => `${Number(value.toPrecision(2))}`;
