/**
 * Whether two measured points differ: `clear` or `tie`, the one word that every view uses. The difference is the mean
 * over seeds of the log of the perplexities' ratio on held-out text. Its interval of 90 % comes from drawing both the
 * held-out documents (resampling.ts, the same draws for both points) and the seeds anew, so it holds the optimizer's
 * and the in-domain draw's chance as well as that of which text was held out.
 *
 * `tie` when the interval contains zero, when the perplexities differ by less than `NEGLIGIBLE`, of an average on each of
 * its domains, or when too little was held out to tell. With one seed the interval is that of the text alone and `seeds`
 * says so. Few seeds drawn anew vary less than other seeds would: where they and not the text make the difference, the
 * interval holds the true one in half of all cases with two seeds, two thirds with three and four fifths with five.
 */
import { mean } from '../../common/means.ts';
import { Random } from '../../common/random.ts';
import type { DrawnParts } from '../../common/resampling.ts';
import type { MeasuredPoint, SeedOutcome } from '../measured-point.ts';

/** Relative differences of perplexity below this are a tie however certain: nobody would notice them in use. */
export const NEGLIGIBLE = 0.01;

/** Parts of held-out text below which nothing is called clear. */
export const LEAST_UNITS = 5;

/** With fewer seeds the interval is too narrow for their chance, which is to be told with it. */
export const ENOUGH_SEEDS = 5;
const ROUNDS = 1000;
const TAIL = 0.05;

export type Verdict = 'clear' | 'tie';

export interface Comparison {
  readonly verdict: Verdict;
  /** Perplexity of the second point over that of the first: above 1 where the first is better. */
  readonly ratio: number;
  /** The interval of 90 % of the ratio. */
  readonly low: number;
  readonly high: number;
  /** Seeds that both points were measured with; 1 means that the spread over seeds is unknown. */
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
  const [low, high] = interval(pairs);
  const resamplings = pairs.flat().map(({ resampling }) => resampling);
  const units = Math.min(...resamplings.map((one) => one.units));
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

function interval(pairs: readonly Pair[]): readonly [number, number] {
  const differences = pairs.map(([a, b]) => {
    const length = Math.min(a.resampling.nats.length, b.resampling.nats.length);
    return Array.from({ length }, (_, i) => b.resampling.nats[i] - a.resampling.nats[i]);
  });
  const random = Random.fromSeed(pairs.length, 'seeds drawn anew');
  const drawn = Array.from({ length: ROUNDS }, (_, round) =>
    mean(
      pairs.map(() => {
        const own = differences[random.below(pairs.length)];
        return own[round % own.length];
      }),
    ),
  ).sort((a, b) => a - b);
  return [drawn[Math.floor(TAIL * ROUNDS)], drawn[Math.ceil((1 - TAIL) * ROUNDS) - 1]];
}
