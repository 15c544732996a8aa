/**
 * The minimum of a smooth function of a few numbers that takes long to evaluate: BFGS with backtracking (Nocedal and Wright
 * 2006, algorithms 6.1 and 3.1).
 */

export interface Evaluated {
  readonly value: number;
  readonly gradient: Float64Array;
}

export interface Minimum {
  readonly point: Float64Array;
  readonly value: number;
  readonly evaluations: number;
}

export interface Stopping {
  /** Ends when an iteration lowers the value by less. */
  readonly leastGain: number;
  readonly mostEvaluations: number;
}

/** Armijo's condition: a step lowers the value by at least this share of what its slope promises. */
const SUFFICIENT = 1e-4;
const SHORTER = 0.4;
/** The first step's length, before anything is known of the curvature. */
const FIRST_STEP = 0.1;

/** Never above the value at `start`, which is evaluated first. */
export async function minimize(
  start: Float64Array,
  evaluate: (point: Float64Array) => Promise<Evaluated>,
  { leastGain, mostEvaluations }: Stopping,
): Promise<Minimum> {
  let point = start;
  let at = await evaluate(point);
  let evaluations = 1;
  let inverse = scaledIdentity(start.length, FIRST_STEP / Math.max(norm(at.gradient), Number.MIN_VALUE));
  while (evaluations < mostEvaluations) {
    const direction = inverse.map((row) => -dot(row, at.gradient));
    const slope = dot(direction, at.gradient);
    if (!(slope < 0)) break;
    let step = 1;
    let next: Evaluated | undefined;
    let moved = point;
    while (evaluations < mostEvaluations) {
      moved = point.map((value, i) => value + step * direction[i]);
      const found = await evaluate(moved);
      evaluations++;
      if (found.value <= at.value + SUFFICIENT * step * slope) {
        next = found;
        break;
      }
      step *= SHORTER;
    }
    if (next === undefined) break;
    const gain = at.value - next.value;
    inverse = updated(
      inverse,
      difference(moved, point),
      difference(next.gradient, at.gradient),
      evaluations === 2,
    );
    [point, at] = [moved, next];
    if (gain < leastGain) break;
  }
  return { point, value: at.value, evaluations };
}

type Matrix = readonly Float64Array[];

/** H after a step s along which the gradient changed by y (equation 6.17); the first one is scaled to it (6.20). */
function updated(inverse: Matrix, s: Float64Array, y: Float64Array, isFirst: boolean): Matrix {
  const curvature = dot(s, y);
  // Where the function is not convex along the step, what is known is kept.
  if (curvature <= 1e-12 * norm(s) * norm(y)) return inverse;
  const before = isFirst ? scaledIdentity(s.length, curvature / dot(y, y)) : inverse;
  const hy = Float64Array.from(before, (row) => dot(row, y));
  const share = (1 + dot(y, hy) / curvature) / curvature;
  return before.map((row, i) =>
    row.map((value, j) => value + share * s[i] * s[j] - (hy[i] * s[j] + s[i] * hy[j]) / curvature),
  );
}

function scaledIdentity(size: number, scale: number): Matrix {
  return Array.from({ length: size }, (_, i) => new Float64Array(size).fill(scale, i, i + 1));
}

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((sum, value, i) => sum + value * b[i], 0);
const norm = (a: Float64Array): number => Math.sqrt(dot(a, a));
const difference = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, i) => value - b[i]);
