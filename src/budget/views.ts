/**
 * Measurements into what is shown: one cell for each domain, method, pretraining budget, in-domain size and phase,
 * with the spread over seeds. Sizes are those asked for: `all` the text of two domains is one size, however long each
 * is, and so are the sets that seeds draw. Means are taken of log perplexity, so a mean is `exp(mean log)`; costs, which
 * differ a little from seed to seed, are arithmetic means.
 *
 * Weighed: standard deviations. With the three or so seeds that people run, the lowest and the highest value
 * say more and promise less.
 */

import { geometricMean, mean } from '../common/means.ts';
import { tokens } from '../common/units.ts';
import { averageOverDomains, type Measured, type WeightOf } from './domain-average.ts';
import { type InDomainSize, sizeOf, sizesOf } from './in-domain-size.ts';
import type { MeasuredPoint, PointCost, Spread } from './measured-point.ts';
import type { Measurement } from './measurement.ts';

export type Phase = Measurement['phase'];

/** Costs are means over the seeds (and over the domains, in a macro average). */
export interface Cell extends MeasuredPoint {
  readonly phase: Phase;
  readonly bitsPerByte: Spread;
  /** Perplexity per token on generic held-out text, where all seeds were measured on it. */
  readonly generic?: Spread;
}

/** One domain, or the macro average over all, as the reader chooses between them. */
export interface View {
  readonly title: string;
  readonly kind: 'domain' | 'macro average';
  readonly cells: readonly Cell[];
}

/** Whether a measurement can be shown on a log axis; one that cannot is left out and counted. */
export function isMeasurable(measurement: Pick<Measurement, 'perplexity'>): boolean {
  return Number.isFinite(measurement.perplexity) && measurement.perplexity > 0;
}

/** The cells of one domain, or of the macro average's values, in the order of their first measurement. */
export function aggregate(measurements: readonly Measured[]): readonly Cell[] {
  const groups = groupBy(measurements.filter(isMeasurable), pointKey);
  return [...groups.values()].map((group) => cellOf([...groupBy(group, bySeed).values()].map(lastOf)));
}

/**
 * The macro average over domains: for each seed `exp(mean over domains of log perplexity)`. A point is formed
 * only from seeds that measured it on every domain; otherwise it would compare unlike sets of domains.
 */
export function macroAverage(
  measurements: readonly Measurement[],
  weightOf: WeightOf = () => 1,
): readonly Cell[] {
  const usable = measurements.filter(isMeasurable);
  const domains = new Set(measurements.map((measurement) => measurement.domain));
  const averages: Measured[] = [];
  for (const group of groupBy(usable, (m) => `${pointKey(m)}\u0000${m.seed}`).values()) {
    const perDomain = [...groupBy(group, (m) => m.domain).values()].map(lastOf);
    if (perDomain.length === domains.size) averages.push(averageOverDomains(perDomain, weightOf));
  }
  return aggregate(averages);
}

/** What a reader can look at: with several domains the macro average first, then each domain. */
export function viewsOf(measurements: readonly Measurement[]): readonly View[] {
  const domains = groupBy(measurements, (measurement) => measurement.domain);
  const views: View[] = [...domains].map(([domain, own]) => ({
    title: domain,
    kind: 'domain',
    cells: aggregate(own),
  }));
  if (domains.size < 2) return views;
  const cells = macroAverage(measurements);
  if (cells.length === 0) return views;
  return [{ title: `macro average over ${domains.size} domains`, kind: 'macro average', cells }, ...views];
}

/** Methods that have no point in a macro average in a phase they were measured in; of a domain's view none. */
export function notAveraged(
  measurements: readonly Pick<Measurement, 'method' | 'phase'>[],
  { kind, cells }: View,
): readonly string[] {
  if (kind !== 'macro average') return [];
  const missing = measurements.filter(
    ({ method, phase }) => !cells.some((cell) => cell.method === method && cell.phase === phase),
  );
  return [...new Set(missing.map(({ method }) => method))];
}

/** The in-domain sizes of a view's cells after fine-tuning, rising, `all` last. */
export function domainSizes(cells: readonly Cell[]): readonly InDomainSize[] {
  return sizesOf(cells.filter((cell) => cell.phase === 'after fine-tuning'));
}

/**
 * The cells that were fine-tuned on a set of this size; of size 0, those that were not fine-tuned. Where generic text
 * was chosen for sets of several sizes, a method has a cell before fine-tuning for each: the largest set's counts.
 */
export function cellsAtSize(cells: readonly Cell[], size: InDomainSize): readonly Cell[] {
  if (size !== 0) return cells.filter((cell) => cell.phase === 'after fine-tuning' && sizeOf(cell) === size);
  const before = cells.filter(({ phase }) => phase === 'before fine-tuning');
  const points = groupBy(before, (cell) => JSON.stringify([cell.method, cell.pretrainingTokens]));
  return [...points.values()].flatMap((own) => own.filter((cell) => sizeOf(cell) === sizesOf(own).at(-1)));
}

/** The cells before fine-tuning on a set of this size: what saw no in-domain text, or that set alone; without a size all. */
export function beforeTuningOn(cells: readonly Cell[], size: InDomainSize | undefined): readonly Cell[] {
  return cells.filter(
    ({ phase, requestedDomainTokens: asked = size }) =>
      phase === 'before fine-tuning' && (size === undefined || asked === size),
  );
}

/**
 * The cells for which a set of this size is enough: fine-tuned on one of at most this size, or not fine-tuned, with
 * generic text that was chosen for none larger.
 */
export function cellsUpToSize(cells: readonly Cell[], size: InDomainSize): readonly Cell[] {
  const rising = sizesOf(cells);
  const enough = rising.slice(0, rising.indexOf(size) + 1);
  return cells.filter((cell) => enough.includes(sizeOf(cell)));
}

/** What a size amounts to: the geometric mean of the tokens of the cells there. */
export function tokensAt(cells: readonly Cell[], size: InDomainSize): number {
  const sets = cellsAtSize(cells, size).map(({ domainTokens }) => domainTokens);
  return size === 0 || sets.length === 0 ? 0 : Math.round(geometricMean(sets));
}

/**
 * The cells that each method has at its chosen pretraining budget: the one with the lowest perplexity on validation text
 * at the method's largest in-domain size; its largest budget where nothing was fine-tuned.
 */
export function atChosenBudget(cells: readonly Cell[]): readonly Cell[] {
  const chosen = new Map<string, number>();
  for (const [method, own] of groupBy(cells, (cell) => cell.method)) {
    const size = domainSizes(own).at(-1);
    const tuned = size === undefined ? [] : cellsAtSize(own, size);
    const [lowest] = [...tuned].sort((a, b) => a.validation.mean - b.validation.mean);
    chosen.set(method, lowest?.pretrainingTokens ?? Math.max(...own.map((cell) => cell.pretrainingTokens)));
  }
  return cells.filter((cell) => cell.pretrainingTokens === chosen.get(cell.method));
}

/** Each method's cell at its chosen budget and the largest in-domain size of the view, in the order of the methods. */
export function standingCells({ cells }: View): readonly Cell[] {
  const tuned = atChosenBudget(cells).filter(({ phase }) => phase === 'after fine-tuning');
  const size = sizesOf(tuned).at(-1);
  return tuned.filter((cell) => sizeOf(cell) === size);
}

/** The cells that each method has at its own largest pretraining budget: the curve over in-domain sizes. */
export function atLargestBudget(cells: readonly Cell[]): readonly Cell[] {
  const largest = new Map<string, number>();
  for (const { method, pretrainingTokens } of cells) {
    largest.set(method, Math.max(pretrainingTokens, largest.get(method) ?? 0));
  }
  return cells.filter((cell) => cell.pretrainingTokens === largest.get(cell.method));
}

/** The measurements that a cell was made from; of a macro average those of every domain. */
export function measurementsOf(
  measurements: readonly Measurement[],
  cell: Pick<Cell, 'method' | 'phase' | 'pretrainingTokens' | 'requestedDomainTokens'>,
): readonly Measurement[] {
  return measurements.filter(
    (one) =>
      one.method === cell.method &&
      one.phase === cell.phase &&
      one.pretrainingTokens === cell.pretrainingTokens &&
      one.requestedDomainTokens === cell.requestedDomainTokens,
  );
}

function cellOf(seeds: readonly Measured[]): Cell {
  const first = seeds[0];
  return {
    method: first.method,
    pretrainingTokens: first.pretrainingTokens,
    domainTokens: averageTokens(seeds),
    phase: first.phase,
    ...(first.requestedDomainTokens !== undefined && { requestedDomainTokens: first.requestedDomainTokens }),
    perplexity: spreadOf(
      seeds.map((m) => m.perplexity),
      geometricMean,
    ),
    validation: spreadOf(
      seeds.map((m) => m.validationPerplexity),
      geometricMean,
    ),
    seeds: seeds.map(({ seed, perplexity, resampling }) => ({
      seed,
      nats: Math.log(perplexity),
      resampling,
    })),
    bitsPerByte: spreadOf(
      seeds.map((m) => m.bitsPerByte),
      mean,
    ),
    ...genericSpread(seeds),
    ...meanCost(seeds),
  };
}

function genericSpread(seeds: readonly Measured[]): Pick<Cell, 'generic'> {
  const values = seeds.flatMap(({ genericPerplexity }) => genericPerplexity ?? []);
  return values.length < seeds.length ? {} : { generic: spreadOf(values, geometricMean) };
}

function meanCost(measurements: readonly Measured[]): PointCost {
  return {
    genericFlops: mean(measurements.map((m) => m.genericFlops)),
    genericSeconds: mean(measurements.map((m) => m.genericSeconds)),
    specializationFlops: mean(measurements.map((m) => m.specializationFlops)),
    specializationSeconds: mean(measurements.map((m) => m.specializationSeconds)),
  };
}

function spreadOf(values: readonly number[], average: (values: readonly number[]) => number): Spread {
  const min = Math.min(...values);
  const max = Math.max(...values);
  // Rounding may carry a mean of equal values just outside them.
  return { mean: Math.min(max, Math.max(min, average(values))), min, max, n: values.length };
}

function averageTokens(measurements: readonly Measurement[]): number {
  const sets = measurements.map(({ domainTokens }) => domainTokens);
  return sets.includes(tokens(0)) ? 0 : Math.round(geometricMean(sets));
}

function pointKey(m: Measured): string {
  const size = m.phase === 'after fine-tuning' ? sizeOf(m) : m.requestedDomainTokens;
  return JSON.stringify([m.method, m.pretrainingTokens, m.phase, size]);
}

function bySeed({ seed }: Measured): string {
  return String(seed);
}

/** A measurement made again replaces the earlier one. */
function lastOf<T>(measurements: readonly T[]): T {
  return measurements[measurements.length - 1];
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return groups;
}
