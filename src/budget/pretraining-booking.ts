/** Who pays a method's pretraining: all domains together, or each domain again, as with importance sampling. */

import { sizeOf, sizesOf } from './in-domain-size.ts';
import type { Booking } from './ledger.ts';
import type { MeasuredPoint } from './measured-point.ts';

/**
 * Where most of a method's pretraining is booked, by what was measured of it; `undefined` where nothing was pretrained. It
 * is told by where a larger budget costs more at one in-domain size: clustering costs what it does at any budget, and
 * fine-tuning on a larger set costs more whatever was pretrained. Of one budget the model before fine-tuning tells, whose
 * cost is nearly all pretraining.
 */
export function bookingOfPretraining(own: readonly MeasuredPoint[]): Booking | undefined {
  const pretrained = own.filter(({ pretrainingTokens }) => pretrainingTokens > 0);
  if (pretrained.length === 0) return undefined;
  const untuned = pretrained.filter(({ domainTokens }) => domainTokens === 0);
  const { smallest, largest } = budgetsApart(untuned.length > 0 ? untuned : pretrained);
  if (untuned.length > 0 && largest.pretrainingTokens === smallest.pretrainingTokens) {
    return larger(largest.genericFlops, largest.specializationFlops);
  }
  return larger(
    largest.genericFlops - smallest.genericFlops,
    largest.specializationFlops - smallest.specializationFlops,
  );
}

/** Methods of which each domain pays a pretraining of its own. */
export function pretrainedPerDomain(points: readonly MeasuredPoint[]): readonly string[] {
  const methods = [...new Set(points.map(({ method }) => method))];
  return methods.filter(
    (method) => bookingOfPretraining(points.filter((point) => point.method === method)) === 'specialization',
  );
}

interface BudgetsApart {
  readonly smallest: MeasuredPoint;
  readonly largest: MeasuredPoint;
}

/** The points of the smallest and the largest pretraining budget, at the in-domain size where these are furthest apart. */
function budgetsApart(points: readonly MeasuredPoint[]): BudgetsApart {
  const ofSizes = sizesOf(points).map((size): BudgetsApart => {
    const rising = points
      .filter((point) => sizeOf(point) === size)
      .sort((a, b) => a.pretrainingTokens - b.pretrainingTokens);
    return { smallest: rising[0], largest: rising[rising.length - 1] };
  });
  const distance = ({ smallest, largest }: BudgetsApart): number =>
    largest.pretrainingTokens - smallest.pretrainingTokens;
  return ofSizes.reduce((widest, one) => (distance(one) > distance(widest) ? one : widest));
}

function larger(generic: number, specialization: number): Booking {
  return generic >= specialization ? 'generic' : 'specialization';
}
