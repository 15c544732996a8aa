/** Who pays a method's pretraining: all domains together, or each domain again, as with importance sampling. */

import type { Booking } from './ledger.ts';
import type { MeasuredPoint } from './measured-point.ts';

/**
 * Where most of a method's pretraining is booked, by what was measured of it. Before fine-tuning pretraining is nearly all
 * that was paid; without such a point it is told by where a larger budget costs more.
 */
export function bookingOfPretraining(own: readonly MeasuredPoint[]): Booking {
  const pretrained = own.find(
    ({ domainTokens, pretrainingTokens }) => domainTokens === 0 && pretrainingTokens > 0,
  );
  if (pretrained !== undefined) return larger(pretrained.genericFlops, pretrained.specializationFlops);
  const ordered = [...own].sort((a, b) => a.pretrainingTokens - b.pretrainingTokens);
  const smallest = ordered[0];
  const largest = ordered[ordered.length - 1];
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

function larger(generic: number, specialization: number): Booking {
  return generic >= specialization ? 'generic' : 'specialization';
}
