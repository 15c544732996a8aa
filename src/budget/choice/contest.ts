/**
 * Which method is lowest within two budgets, over a plane of both: the paper's recommendation chart (figure 1) as
 * measured. The plane is divided into equal parts of its logarithmic axes; in each the points that both budgets allow
 * contend, the lowest on validation text leads, and the contest is undecided where another method's lowest ties with it on
 * held-out text or is clearly lower there: then the two texts disagree. A method whose lowest is the leader's own model, as
 * that with which several begin is before fine-tuning, is no rival.
 */
import type { MeasuredPoint } from '../measured-point.ts';
import { type Comparison, compare, type HeldOutStanding, isSameModel, standingOf } from './verdict.ts';

export interface Plane<P> {
  /** Both rising; a budget holds from its value to the next one. */
  readonly x: readonly number[];
  readonly y: readonly number[];
  isWithin(point: P, x: number, y: number): boolean;
}

export interface Contest<P extends MeasuredPoint> {
  /** The lowest on validation text. */
  readonly leader: P;
  /** Methods that cannot be told from it, in the order of their perplexities on validation text. */
  readonly ties: readonly string[];
  /** Methods that are clearly lower on held-out text, in the same order. */
  readonly lower: readonly string[];
}

/** By row (of y) and column (of x); `undefined` where no point is within both budgets. */
export function contests<P extends MeasuredPoint>(
  points: readonly P[],
  plane: Plane<P>,
): readonly (readonly (Contest<P> | undefined)[])[] {
  const rising = [...points].sort((a, b) => a.validation.mean - b.validation.mean);
  const compared = remembering();
  // Neighbours mostly allow the same points.
  const known = new Map<string, Contest<P> | undefined>();
  return plane.y.map((y) =>
    plane.x.map((x) => {
      const allowed = rising.filter((point) => plane.isWithin(point, x, y));
      const key = allowed.map((point) => rising.indexOf(point)).join(' ');
      if (!known.has(key)) known.set(key, contestOf(allowed, compared));
      return known.get(key);
    }),
  );
}

type Compare = (first: MeasuredPoint, second: MeasuredPoint) => Comparison | undefined;

function contestOf<P extends MeasuredPoint>(rising: readonly P[], compared: Compare): Contest<P> | undefined {
  const lowest = new Map<string, P>();
  for (const point of rising) if (!lowest.has(point.method)) lowest.set(point.method, point);
  const [leader, ...others] = lowest.values();
  if (leader === undefined) return undefined;
  const rivals = others.filter((one) => !isSameStart(leader, one));
  const methodsWith = (standing: HeldOutStanding): readonly string[] =>
    rivals
      .filter((rival) => {
        const comparison = compared(leader, rival);
        // Points that share no seed are not told apart either.
        return (comparison === undefined ? 'tie' : standingOf(comparison)) === standing;
      })
      .map(({ method }) => method);
  return { leader, ties: methodsWith('tie'), lower: methodsWith('lower') };
}

/** Before fine-tuning several methods are the model that they begin with. */
function isSameStart(a: MeasuredPoint, b: MeasuredPoint): boolean {
  return a.domainTokens === 0 && b.domainTokens === 0 && isSameModel(a, b);
}

function remembering(): Compare {
  const known = new Map<MeasuredPoint, Map<MeasuredPoint, Comparison | undefined>>();
  return (first, second) => {
    const own = known.get(first) ?? new Map<MeasuredPoint, Comparison | undefined>();
    known.set(first, own);
    if (!own.has(second)) own.set(second, compare(first, second));
    return own.get(second);
  };
}

/** So many values from the first to the last, at equal ratios. */
export function logSpaced(from: number, to: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => from * (to / from) ** (i / Math.max(1, count - 1)));
}
