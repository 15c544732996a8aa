/**
 * Predictions that know how far they can be trusted. The law is fitted to all measured points; each point is left out
 * in turn, predicted from the others, and the error kept with the distance at which it was predicted: a corner left out is
 * a question outside of what the others measured, an inner point one inside. From these errors comes the interval of
 * 90 %, wider the farther outside, and farther than a step of the grid nothing is said at all.
 *
 * Weighed: the residuals and the leverage of least squares. They trust the form of the law, which is what fails.
 */

import { tQuantile } from '../../common/student.ts';
import { stepsOutside } from '../planner/region.ts';
import {
  EXTREME_INTERPLAY,
  natsAt,
  type Place,
  type PowerLaw,
  type Refusal,
  type Sample,
} from './power-law.ts';
import { fitPowerLaw, refitGroup } from './power-law-fit.ts';

/** Farther outside of what was measured, in steps of its grid, nothing is predicted. */
export const FARTHEST = 1;
/** A corner of a wide grid, left out, lies farther outside of the others. */
const FARTHEST_LEFT_OUT = 2;
/**
 * How many times wider an interval is a step outside, less one, and what is added to the spread of the errors, in nats.
 * Calibrated on real experiments: docs/decisions/prediction-intervals.md.
 */
const PER_STEP = 3;
const ADDED_SPREAD = 0.02;
/** Fewer errors of points left out tell no interval. */
const LEAST_ERRORS = 5;

export interface Predicted {
  readonly nats: number;
  /** Half the width of the interval of 90 %. */
  readonly halfWidth: number;
  /** Steps outside of what was measured, 0 inside. */
  readonly steps: number;
}

/** A point predicted from the others. */
export interface LeftOut {
  readonly sample: Sample;
  readonly predicted: number;
  readonly steps: number;
}

export interface Predictor {
  readonly kind: 'fitted';
  readonly law: PowerLaw;
  /** The same with other interplays of pretraining and in-domain text, where no point tells. */
  readonly others: readonly PowerLaw[];
  readonly leftOut: readonly LeftOut[];
}

export function predictorOf(samples: readonly Sample[]): Predictor | Refusal {
  const law = fitPowerLaw(samples);
  if (law.kind === 'refused') return law;
  const leftOut = leaveOut(law);
  if (leftOut.length < LEAST_ERRORS) {
    return {
      kind: 'refused',
      reason: 'too few measured points can be predicted from the others to tell how far off a prediction is',
    };
  }
  const others = law.knows.interplay
    ? []
    : EXTREME_INTERPLAY.map((interplay) => fitPowerLaw(samples, { ...law.exponents, interplay }));
  return { kind: 'fitted', law, others: others.filter((one) => one.kind === 'fitted'), leftOut };
}

/** Held-out text is what is reported, validation text what is chosen by; the second needs no interval. */
export interface FittedPredictors {
  readonly heldout: Predictor;
  readonly validation: PowerLaw;
}

export function predictBoth(
  { heldout, validation }: FittedPredictors,
  place: Place,
): { readonly heldout: Predicted; readonly validation: number } | undefined {
  const found = predict(heldout, place);
  const chosenBy = natsAt(validation, place);
  return found && chosenBy !== undefined ? { heldout: found, validation: chosenBy } : undefined;
}

/** How well points left out were predicted, of one kind of question. */
export interface LeftOutQuality {
  readonly points: number;
  /** Median of the relative error in perplexity. */
  readonly medianError: number;
  /** How many lay inside of the interval of 90 % that the errors of the others give for their distance. */
  readonly inside: number;
}

/** Of points that lie inside of what the others measured, and of those outside; absent where there are none. */
export function qualityOf(predictor: Predictor): {
  readonly inside?: LeftOutQuality;
  readonly outside?: LeftOutQuality;
} {
  const inside = qualityAmong(predictor, ({ steps }) => steps === 0);
  const outside = qualityAmong(predictor, ({ steps }) => steps > 0);
  return { ...(inside && { inside }), ...(outside && { outside }) };
}

function qualityAmong(predictor: Predictor, holds: (one: LeftOut) => boolean): LeftOutQuality | undefined {
  const own = predictor.leftOut.filter(holds);
  if (own.length === 0) return undefined;
  const errors = own.map(({ predicted, sample }) => Math.abs(predicted - sample.nats)).sort((a, b) => a - b);
  return {
    points: own.length,
    medianError: Math.expm1(errors[Math.floor(errors.length / 2)]),
    inside: own.filter((one) => isInside(predictor, one)).length,
  };
}

/** An interval that is made of its own error too holds nearly every point. */
function isInside({ law, leftOut }: Predictor, one: LeftOut): boolean {
  const others = { law, leftOut: leftOut.filter((other) => other !== one) };
  return Math.abs(one.predicted - one.sample.nats) <= halfWidthOf(others, one.steps);
}

export function predict(predictor: Predictor, place: Place): Predicted | undefined {
  const { law, others } = predictor;
  const own = law.samples.filter(({ group }) => group === place.group);
  const steps = stepsOutside(own, place);
  const nats = natsAt(law, place);
  if (nats === undefined || steps > FARTHEST || !reaches(law, own, place)) return undefined;
  const interplay = Math.max(0, ...others.map((other) => Math.abs((natsAt(other, place) ?? nats) - nats)));
  return { nats, halfWidth: Math.hypot(halfWidthOf(predictor, steps), interplay), steps };
}

/** Beyond the budgets or sizes that were measured a curve leads only where its exponent is known. */
function reaches({ knows }: PowerLaw, own: readonly Sample[], place: Place): boolean {
  const spans = (key: 'budget' | 'domainTokens'): boolean => {
    const values = own.map((one) => one[key]);
    return place[key] >= Math.min(...values) && place[key] <= Math.max(...values);
  };
  return (knows.budget || spans('budget')) && (knows.domain || spans('domainTokens'));
}

/** From the errors of points left out, each by its distance. */
function halfWidthOf({ law, leftOut }: Pick<Predictor, 'law' | 'leftOut'>, steps: number): number {
  const scaled = leftOut.map((one) => (one.predicted - one.sample.nats) / growth(one.steps));
  const free = Math.max(1, scaled.length - law.shared);
  const spread = Math.sqrt(scaled.reduce((sum, error) => sum + error * error, 0) / free);
  return tQuantile(free) * (ADDED_SPREAD + spread) * growth(steps);
}

/** The exponents are those of all points: one point moves them little, and the spread makes up for it. */
function leaveOut(law: PowerLaw): readonly LeftOut[] {
  return law.samples.flatMap((sample) => {
    const others = law.samples.filter((other) => other.group === sample.group && other !== sample);
    const steps = stepsOutside(others, sample);
    if (others.length === 0 || steps > FARTHEST_LEFT_OUT) return [];
    const predicted = natsAt(refitGroup(law, others), sample);
    return predicted === undefined ? [] : [{ sample, predicted, steps }];
  });
}

const growth = (steps: number): number => 1 + PER_STEP * steps;
