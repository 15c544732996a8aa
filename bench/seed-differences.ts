/** Differences of measured points over seeds, and the distribution that their variances are taken to come from. */
import { type SEED_SPREAD, varianceOverSeeds } from '../src/budget/choice/verdict.ts';
import { sizeOf } from '../src/budget/in-domain-size.ts';
import type { Cell } from '../src/budget/views.ts';
import { mean } from '../src/common/means.ts';
import { tQuantile } from '../src/common/student.ts';

export type SeedSpread = typeof SEED_SPREAD;

/** Of the log perplexities of two points, one a seed; two at least. */
export type Differences = readonly number[];

/** A pair of points. */
export interface Pair {
  readonly differences: Differences;
  /** The deviation of their mean over seeds with held-out text drawn anew. */
  readonly ofText: number;
}

/** Fine-tuned with as much text, after as much pretraining unless one has none: what an answer compares. */
export function pairsOf(cells: readonly Cell[]): readonly Pair[] {
  const tuned = cells.filter(({ phase }) => phase === 'after fine-tuning');
  return tuned.flatMap((a, i) =>
    tuned.slice(0, i).flatMap((b) => {
      const isCompared =
        sizeOf(a) === sizeOf(b) &&
        (a.pretrainingTokens === b.pretrainingTokens || a.pretrainingTokens * b.pretrainingTokens === 0);
      const seeds = a.seeds.flatMap((one) =>
        b.seeds.filter(({ seed }) => seed === one.seed).map((other) => [one, other] as const),
      );
      if (!isCompared || seeds.length < 2) return [];
      const drawn = a.seeds[0].resampling.nats.map((_, i) =>
        mean(seeds.map(([one, other]) => one.resampling.nats[i] - other.resampling.nats[i])),
      );
      const differences = seeds.map(([one, other]) => one.nats - other.nats);
      return [{ differences, ofText: Math.sqrt(squares(drawn) / drawn.length) }];
    }),
  );
}

/**
 * The most likely of a grid: variances over seeds are those of normal differences whose own variance is scaled inverse
 * chi-squared, so a variance over the square of the deviation has Fisher's F distribution (Smyth 2004, section 3).
 */
export function fitSpread(pairs: readonly Pair[]): SeedSpread {
  const deviations = Array.from({ length: 100 }, (_, i) => 0.001 * 1.05 ** i);
  const degrees = Array.from({ length: 30 }, (_, i) => i + 1);
  const spreads = deviations.flatMap((deviation) =>
    degrees.map((degreesOfFreedom): SeedSpread => ({ deviation, degreesOfFreedom })),
  );
  const variances = pairs.map(({ differences }) => ({
    variance: squares(differences) / (differences.length - 1),
    degreesOfFreedom: differences.length - 1,
  }));
  const likelihoods = spreads.map((spread) =>
    variances.reduce((sum, one) => sum + logDensity(one, spread), 0),
  );
  return spreads[likelihoods.indexOf(Math.max(...likelihoods))];
}

/** Less what depends on the variance alone. */
function logDensity(
  { variance, degreesOfFreedom: n }: { readonly variance: number; readonly degreesOfFreedom: number },
  { deviation, degreesOfFreedom: m }: SeedSpread,
): number {
  const ratio = variance / deviation ** 2;
  return (
    logGamma((n + m) / 2) -
    logGamma(m / 2) +
    (n / 2) * Math.log(n / m / deviation ** 2) -
    ((n + m) / 2) * Math.log1p((n / m) * ratio)
  );
}

/** Of whole numbers and halves. */
function logGamma(x: number): number {
  if (x === 0.5) return Math.log(Math.PI) / 2;
  return x === 1 ? 0 : Math.log(x - 1) + logGamma(x - 1);
}

/** In which share of cases a seed's difference is within the interval of 90 % that the other seeds give. */
export function coverageOf(pairs: readonly Pair[], spread: SeedSpread): number {
  const cases = pairs.flatMap(({ differences }) =>
    differences.map((left, i) => isHeld(left, differences.toSpliced(i, 1), spread)),
  );
  return cases.filter(Boolean).length / cases.length;
}

/** Text is the same for all seeds and has no part in it; the seed left out has the chance of one, the others of a mean. */
function isHeld(left: number, others: Differences, spread: SeedSpread): boolean {
  const { variance, degreesOfFreedom } = varianceOverSeeds(others, spread);
  const halfWidth = tQuantile(degreesOfFreedom) * Math.sqrt(variance * (1 + 1 / others.length));
  return Math.abs(left - mean(others)) <= halfWidth;
}

function squares(values: readonly number[]): number {
  const center = mean(values);
  return values.reduce((sum, value) => sum + (value - center) ** 2, 0);
}
