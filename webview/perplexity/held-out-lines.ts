/**
 * Held-out perplexity by tokens trained, one line a method across all its stages: the untrained or the given model at 0, a model for
 * each pretraining budget, and the model of the largest budget after training on the in-domain text. Every point is an
 * evaluation on the same held-out text; what lies between two points was not measured.
 */
import { sizeOf } from '../../src/budget/in-domain-size.ts';
import type { Measurement, MethodFacts, UntrainedMeasurement } from '../../src/budget/measurement.ts';
import { isGiven } from '../../src/budget/pretraining-words.ts';
import { aggregate, beforeTuningOn, type Cell, cellsAtSize, domainSizes } from '../../src/budget/views.ts';
import { ignoresGiven } from '../../src/methods/titles.ts';

export interface LineData {
  readonly methods: readonly Pick<MethodFacts, 'id' | 'model' | 'choosesTuned'>[];
  /** Of one domain. */
  readonly measurements: readonly Measurement[];
  readonly untrained: readonly UntrainedMeasurement[];
  /** Models that came in from elsewhere. */
  readonly given: readonly MethodFacts['model'][];
  /** Tokens of one step of training on the domain. */
  readonly batchTokens: number;
}

export type PointKind = 'untrained' | 'given' | 'pretrained' | 'trained on the domain';

/** A mean over seeds: geometric, as everywhere; tokens are an arithmetic mean. */
export interface LinePoint {
  readonly kind: PointKind;
  /** All that the model was trained on: generic tokens, then those of training on the domain up to the step that is kept. */
  readonly tokens: number;
  readonly pretrainingTokens: number;
  readonly perplexity: number;
  readonly validation: number;
  readonly seeds: readonly SeedPoint[];
}

export interface SeedPoint {
  readonly seed: number;
  readonly tokens: number;
  readonly perplexity: number;
  readonly validation: number;
}

export interface HeldOutLine {
  readonly method: string;
  /** In the order of tokens; the one trained on the domain comes last. */
  readonly points: readonly LinePoint[];
  /** The lowest on validation text. */
  readonly best: LinePoint;
  /** The point that training on the domain began with; absent where that is not measured, or not known. */
  readonly tunedFrom?: LinePoint;
  /** The model trained on the domain was chosen among several, so that none of the others need be what it began with. */
  readonly choosesTuned?: boolean;
}

/** One line for each method that has a measurement, in the order of the methods. */
export function heldOutLines(data: LineData): readonly HeldOutLine[] {
  const cells = aggregate(data.measurements);
  return data.methods.flatMap((method) => {
    const own = cells.filter((cell) => cell.method === method.id);
    return own.length === 0 ? [] : [lineOf(own, startOf(method, cells, data), method, data)];
  });
}

type ShownMethod = LineData['methods'][number];

/** What a method's training begins with; absent where that was not measured. */
function startOf(method: ShownMethod, cells: readonly Cell[], data: LineData): LinePoint | undefined {
  if (!data.given.includes(method.model) || ignoresGiven(method.id)) {
    const seeds = new Set(
      cells.filter((cell) => cell.method === method.id).flatMap((cell) => cell.seeds.map(({ seed }) => seed)),
    );
    return untrainedPoint(data.untrained.filter((one) => one.model === method.model && seeds.has(one.seed)));
  }
  const same = new Set(data.methods.filter(({ model }) => model === method.model).map(({ id }) => id));
  const measured = cellsAtSize(cells, 0).filter((cell) => same.has(cell.method) && isGiven(cell));
  const given = measured.find((cell) => cell.method === method.id) ?? measured.at(0);
  return given && pointOf(given, 'given', data);
}

function lineOf(
  cells: readonly Cell[],
  start: LinePoint | undefined,
  { id, choosesTuned }: ShownMethod,
  data: LineData,
): HeldOutLine {
  const tuned = tunedAtLargest(cells);
  const before = tuned === undefined ? cellsAtSize(cells, 0) : beforeTuningOn(cells, sizeOf(tuned));
  const pretrained = before
    .filter((cell) => !isGiven(cell))
    .sort((a, b) => a.pretrainingTokens - b.pretrainingTokens)
    .map((cell) => pointOf(cell, 'pretrained', data));
  const untunedPoints = [...(start === undefined ? [] : [start]), ...pretrained];
  const last = tuned && pointOf(tuned, 'trained on the domain', data);
  const points = [...untunedPoints, ...(last === undefined ? [] : [last])];
  const tunedFrom =
    last && !choosesTuned && untunedPoints.find(({ tokens }) => tokens === last.pretrainingTokens);
  const best = points.reduce((lowest, one) => (one.validation < lowest.validation ? one : lowest));
  return {
    method: id,
    points,
    best,
    ...(tunedFrom && { tunedFrom }),
    ...(choosesTuned && { choosesTuned }),
  };
}

/** After training on the largest in-domain set, at the largest budget that this was measured at. */
function tunedAtLargest(cells: readonly Cell[]): Cell | undefined {
  const size = domainSizes(cells).at(-1);
  if (size === undefined) return undefined;
  return [...cellsAtSize(cells, size)].sort((a, b) => a.pretrainingTokens - b.pretrainingTokens).at(-1);
}

function pointOf(cell: Cell, kind: PointKind, { measurements, batchTokens }: LineData): LinePoint {
  const own = measurements.filter(
    (one) =>
      one.method === cell.method &&
      one.phase === cell.phase &&
      one.pretrainingTokens === cell.pretrainingTokens &&
      one.requestedDomainTokens === cell.requestedDomainTokens,
  );
  const seeds = cell.seeds.flatMap(({ seed, nats }): SeedPoint[] => {
    const one = own.findLast((measurement) => measurement.seed === seed);
    if (one === undefined) return [];
    const tokens = one.pretrainingTokens + one.bestStep * batchTokens;
    return [{ seed, tokens, perplexity: Math.exp(nats), validation: one.validationPerplexity }];
  });
  return {
    kind,
    tokens: seeds.reduce((sum, { tokens }) => sum + tokens, 0) / seeds.length,
    pretrainingTokens: cell.pretrainingTokens,
    perplexity: cell.perplexity.mean,
    validation: cell.validation.mean,
    seeds,
  };
}

function untrainedPoint(untrained: readonly UntrainedMeasurement[]): LinePoint | undefined {
  const bySeed = new Map(untrained.map((one) => [one.seed, one]));
  if (bySeed.size === 0) return undefined;
  const seeds = [...bySeed.values()].map(({ seed, perplexity, validationPerplexity }) => ({
    seed,
    tokens: 0,
    perplexity,
    validation: validationPerplexity,
  }));
  const mean = (value: (one: SeedPoint) => number): number =>
    Math.exp(seeds.reduce((sum, one) => sum + Math.log(value(one)), 0) / seeds.length);
  return {
    kind: 'untrained',
    tokens: 0,
    pretrainingTokens: 0,
    perplexity: mean((one) => one.perplexity),
    validation: mean((one) => one.validation),
    seeds,
  };
}
