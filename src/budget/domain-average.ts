/** The measurements of one point and one seed on several domains as one, each domain counting alike or by its weight. */
import { geometricMean, mean } from '../common/means.ts';
import type { Resampling } from '../common/resampling.ts';
import { flops, seconds, tokens } from '../common/units.ts';
import type { Measurement } from './measurement.ts';

/** How much a domain counts in an average. */
export type WeightOf = (domain: string) => number;

/** A measurement, or the average of those of several domains. */
export type Measured = Omit<Measurement, 'resampling'> & { readonly resampling: Resampling };

/** One measurement of each domain. Perplexities and in-domain sizes are geometric means, costs arithmetic ones. */
export function averageOverDomains(measurements: readonly Measurement[], weightOf: WeightOf): Measured {
  const weights = measurements.map(({ domain }) => weightOf(domain));
  const arithmetic = (of: (one: Measurement) => number): number => mean(measurements.map(of), weights);
  const geometric = (of: (one: Measurement) => number): number =>
    geometricMean(measurements.map(of), weights);
  const isTuned = measurements.every(({ domainTokens }) => domainTokens > 0);
  const generic = measurements.flatMap(({ genericPerplexity }) => genericPerplexity ?? []);
  return {
    ...measurements[0],
    domainTokens: tokens(isTuned ? Math.round(geometric((one) => one.domainTokens)) : 0),
    perplexity: geometric((one) => one.perplexity),
    bitsPerByte: arithmetic((one) => one.bitsPerByte),
    validationPerplexity: geometric((one) => one.validationPerplexity),
    genericPerplexity: generic.length < measurements.length ? undefined : geometricMean(generic, weights),
    resampling: averageResampling(measurements, weights),
    genericFlops: flops(arithmetic((one) => one.genericFlops)),
    genericSeconds: seconds(arithmetic((one) => one.genericSeconds)),
    specializationFlops: flops(arithmetic((one) => one.specializationFlops)),
    specializationSeconds: seconds(arithmetic((one) => one.specializationSeconds)),
  };
}

/** Domains are drawn independently of each other, so any draws of theirs may stand together. Too little of one is too little. */
function averageResampling(measurements: readonly Measurement[], weights: readonly number[]): Resampling {
  const all = measurements.map(({ resampling }) => resampling);
  return {
    unit: all.some(({ unit }) => unit === 'windows') ? 'windows' : 'documents',
    units: Math.min(...all.map(({ units }) => units)),
    domains: measurements.map(({ domain, perplexity, resampling: { unit, units } }) => {
      return { domain, unit, units, loss: Math.log(perplexity) };
    }),
    nats: Array.from({ length: Math.min(...all.map(({ nats }) => nats.length)) }, (_, i) =>
      mean(
        all.map(({ nats }) => nats[i]),
        weights,
      ),
    ),
  };
}
