/**
 * Whether two measured points differ: `clear` or `tie`, the one word that every view uses. The difference is the mean
 * over seeds of the log of the perplexities' ratio on held-out text. Its interval of 90 % holds two independent chances:
 *
 * - which text was held out: the variance of the difference over held-out documents drawn anew (resampling.ts, the same
 *   draws for both points and all seeds);
 * - which seeds were taken, which stand for initial weights, the order of the text, clusters and the in-domain draw: the
 *   variance of the difference over the seeds. Two or three seeds hardly tell it, one not at all, so it is joined with
 *   what other experiments had (`SEED_SPREAD`), weighted by degrees of freedom: the moderated t of Smyth (2004).
 *
 * The variances add up, and so do their degrees of freedom by Welch and Satterthwaite.
 *
 * `tie` when the interval contains zero, when the perplexities differ by less than `NEGLIGIBLE`, of an average on each of
 * its domains, or when too little was held out to tell.
 */
import { mean } from '../../common/means.ts';
import type { DrawnParts } from '../../common/resampling.ts';
import { tQuantile } from '../../common/student.ts';
import type { MeasuredPoint, SeedOutcome } from '../measured-point.ts';

/** Relative differences of perplexity below this are a tie however certain: nobody would notice them in use. */
export const NEGLIGIBLE = 0.01;

/** Parts of held-out text below which nothing is called clear. */
export const LEAST_UNITS = 5;

/**
 * Of the differences of two methods, from seed to seed, that experiments had until now: their standard deviation, and what
 * that knowledge is worth beside the seeds at hand. docs/decisions/seed-spread.md; `npm run bench:seeds`.
 */
export const SEED_SPREAD = { deviation: 0.015, degreesOfFreedom: 2 };

export type Verdict = 'clear' | 'tie';

export interface Comparison {
  readonly verdict: Verdict;
  /** Perplexity of the second point over that of the first: above 1 where the first is better. */
  readonly ratio: number;
  /** The interval of 90 % of the ratio. */
  readonly low: number;
  readonly high: number;
  /** Seeds that both points were measured with; of 1 the spread over seeds is that of other experiments alone. */
  readonly seeds: number;
  /** The parts of held-out text that the interval rests on, and how many there are; of several domains the fewest. */
  readonly unit: DrawnParts['unit'];
  readonly units: number;
  /** The same of each domain, where the points are averages over domains. */
  readonly domains?: readonly DomainComparison[];
}

export interface DomainComparison extends DrawnParts {
  readonly domain: string;
  readonly ratio: number;
}

/** The second point on held-out text: not to be told from the first, clearly lower or clearly higher. */
export type HeldOutStanding = 'tie' | 'lower' | 'higher';

export function standingOf({ verdict, ratio }: Comparison): HeldOutStanding {
  if (verdict === 'tie') return 'tie';
  return ratio < 1 ? 'lower' : 'higher';
}

/** `undefined` where the points share no seed: their difference would be that of the seeds as well. */
export function compare(first: MeasuredPoint, second: MeasuredPoint): Comparison | undefined {
  const pairs = pairedSeeds(first.seeds, second.seeds);
  if (pairs.length === 0) return undefined;
  const difference = mean(pairs.map(([a, b]) => b.nats - a.nats));
  const resamplings = pairs.flat().map(({ resampling }) => resampling);
  const units = Math.min(...resamplings.map((one) => one.units));
  const margin = halfWidth([chanceOfText(pairs, units), chanceOfSeeds(pairs)]);
  const [low, high] = [difference - margin, difference + margin];
  const ratio = Math.exp(difference);
  const domains = comparedDomains(pairs);
  const isNegligible = (domains ?? [{ ratio }]).every((one) => Math.abs(one.ratio - 1) < NEGLIGIBLE);
  const isClear = units >= LEAST_UNITS && (low > 0 || high < 0) && !isNegligible;
  return {
    verdict: isClear ? 'clear' : 'tie',
    ratio,
    low: Math.exp(low),
    high: Math.exp(high),
    seeds: pairs.length,
    unit: resamplings.some(({ unit }) => unit === 'windows') ? 'windows' : 'documents',
    units,
    ...(domains && { domains }),
  };
}

/** Whether two points are one model, by what their evaluations found, seed by seed: two trainings never agree to the last bit. */
export function isSameModel(a: MeasuredPoint, b: MeasuredPoint): boolean {
  const found = ({ seeds }: MeasuredPoint) => JSON.stringify(seeds.map(({ seed, nats }) => [seed, nats]));
  return a === b || (a.seeds.length > 0 && found(a) === found(b));
}

type Pair = readonly [SeedOutcome, SeedOutcome];

function pairedSeeds(first: readonly SeedOutcome[], second: readonly SeedOutcome[]): Pair[] {
  return first.flatMap((a): Pair[] => {
    const b = second.find(({ seed }) => seed === a.seed);
    return b === undefined ? [] : [[a, b]];
  });
}

/** With the mean over seeds; `undefined` unless the points are averages, which are of the same domains then. */
function comparedDomains(pairs: readonly Pair[]): readonly DomainComparison[] | undefined {
  return pairs[0][0].resampling.domains?.map(({ domain, unit, units }) => {
    const differences = pairs.map(([a, b]) => lossOn(domain, b) - lossOn(domain, a));
    return { domain, unit, units, ratio: Math.exp(mean(differences)) };
  });
}

function lossOn(domain: string, { nats, resampling }: SeedOutcome): number {
  return resampling.domains?.find((one) => one.domain === domain)?.loss ?? nats;
}

/** The variance of a difference, and how well it is known. */
interface Chance {
  readonly variance: number;
  readonly degreesOfFreedom: number;
}

function chanceOfText(pairs: readonly Pair[], units: number): Chance {
  const draws = Math.min(...pairs.flat().map(({ resampling }) => resampling.nats.length));
  const drawn = Array.from({ length: draws }, (_, i) =>
    mean(pairs.map(([a, b]) => b.resampling.nats[i] - a.resampling.nats[i])),
  );
  return { variance: squaresOf(drawn) / drawn.length, degreesOfFreedom: Math.max(1, units - 1) };
}

function chanceOfSeeds(pairs: readonly Pair[]): Chance {
  const { variance, degreesOfFreedom } = varianceOverSeeds(pairs.map(([a, b]) => b.nats - a.nats));
  return { variance: variance / pairs.length, degreesOfFreedom };
}

/** Of one seed's difference, from those of some seeds and what is known of others. */
export function varianceOverSeeds(
  differences: readonly number[],
  { deviation, degreesOfFreedom: known }: typeof SEED_SPREAD = SEED_SPREAD,
): Chance {
  const degreesOfFreedom = known + differences.length - 1;
  return { variance: (known * deviation ** 2 + squaresOf(differences)) / degreesOfFreedom, degreesOfFreedom };
}

function squaresOf(values: readonly number[]): number {
  const center = mean(values);
  return values.reduce((sum, value) => sum + (value - center) ** 2, 0);
}

/** What is a whole number but for rounding is not rounded down. */
const ROUNDING = 1e-9;

/** Of the interval of 90 %, with the degrees of freedom by Welch and Satterthwaite, rounded down as is usual. */
function halfWidth(chances: readonly Chance[]): number {
  const variance = chances.reduce((sum, one) => sum + one.variance, 0);
  const shares = chances.reduce((sum, one) => sum + one.variance ** 2 / one.degreesOfFreedom, 0);
  return tQuantile(Math.floor(variance ** 2 / shares + ROUNDING)) * Math.sqrt(variance);
}
