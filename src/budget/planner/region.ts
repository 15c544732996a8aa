/**
 * How far a place of the budgets lies outside of what was measured: pretraining and in-domain tokens together, on
 * logarithmic axes, in steps of the measured grid. Inside is the convex hull of the measured places; budgets and sizes
 * that were measured, but never together, are outside of it.
 */

export interface Spot {
  readonly budget: number;
  readonly domainTokens: number;
}

/** One step along an axis when too few values were measured to tell: a factor of two. */
const DEFAULT_STEP = Math.LN2;

interface Vector {
  readonly x: number;
  readonly y: number;
}

/** 0 inside of the measured places, 1 a step of the grid outside; infinite where nothing was measured. */
export function stepsOutside(measured: readonly Spot[], place: Spot): number {
  const step = {
    budget: stepOf(measured.map(({ budget }) => budget)),
    domain: stepOf(measured.map(({ domainTokens }) => domainTokens)),
  };
  const vectorOf = ({ budget, domainTokens }: Spot): Vector => ({
    x: Math.log(budget) / step.budget,
    y: Math.log(domainTokens) / step.domain,
  });
  const at = vectorOf(place);
  const points = measured.map(vectorOf);
  let least = Number.POSITIVE_INFINITY;
  for (const [i, a] of points.entries()) {
    for (const b of points.slice(i)) {
      least = Math.min(least, distanceToSegment(at, a, b));
      if (points.some((c) => isInTriangle(at, a, b, c))) return 0;
    }
  }
  return least < 1e-9 ? 0 : least;
}

/** The median of the steps between neighbouring values, in logarithms. */
export function stepOf(values: readonly number[]): number {
  const rising = [...new Set(values)].map(Math.log).sort((a, b) => a - b);
  const steps = rising
    .slice(1)
    .map((value, i) => value - rising[i])
    .sort((a, b) => a - b);
  return steps.length === 0 ? DEFAULT_STEP : steps[Math.floor((steps.length - 1) / 2)];
}

function distanceToSegment(at: Vector, a: Vector, b: Vector): number {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : ((at.x - a.x) * dx + (at.y - a.y) * dy) / length;
  const share = Math.min(1, Math.max(0, along));
  return Math.hypot(at.x - a.x - share * dx, at.y - a.y - share * dy);
}

function isInTriangle(at: Vector, a: Vector, b: Vector, c: Vector): boolean {
  const sides = [turn(a, b, at), turn(b, c, at), turn(c, a, at)];
  const area = Math.abs(turn(a, b, c));
  return area > 1e-9 && (sides.every((side) => side >= 0) || sides.every((side) => side <= 0));
}

/** Twice the area of the triangle, positive where it turns left. */
function turn(a: Vector, b: Vector, c: Vector): number {
  return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}
