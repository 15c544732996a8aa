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
  let knowsCurvature = false;
  /** Along a direction; a step that promises no more than `least` is not tried. */
  const searched = async (from: Float64Array, known: Evaluated, direction: Float64Array, least: number) => {
    const slope = dot(direction, known.gradient);
    for (let step = 1; evaluations < mostEvaluations && -step * slope > least; step *= SHORTER) {
      const moved = from.map((value, i) => value + step * direction[i]);
      const next = await evaluate(moved);
      evaluations++;
      if (next.value <= known.value + SUFFICIENT * step * slope) return { moved, next };
    }
    return undefined;
  };
  while (evaluations < mostEvaluations) {
    const direction = Float64Array.from(inverse, (row) => -dot(row, at.gradient));
    const found = await searched(point, at, direction, knowsCurvature ? leastGain : 0);
    if (found === undefined) break;
    const { moved, next } = found;
    const gain = at.value - next.value;
    const change = { s: difference(moved, point), y: difference(next.gradient, at.gradient) };
    [point, at] = [moved, next];
    // Of the first step nothing is known but its direction: that it gained little tells nothing.
    if (knowsCurvature && gain < leastGain) break;
    const curvature = dot(change.s, change.y);
    // Where the function is not convex along the step, what is known is kept.
    if (curvature <= 1e-12 * norm(change.s) * norm(change.y)) continue;
    const before = knowsCurvature
      ? inverse
      : scaledIdentity(start.length, curvature / dot(change.y, change.y));
    inverse = updated(before, change, curvature);
    knowsCurvature = true;
  }
  return { point, value: at.value, evaluations };
}

type Matrix = readonly Float64Array[];

/** H after a step s along which the gradient changed by y (equation 6.17). */
function updated(
  inverse: Matrix,
  { s, y }: { readonly s: Float64Array; readonly y: Float64Array },
  curvature: number,
): Matrix {
  const hy = Float64Array.from(inverse, (row) => dot(row, y));
  const share = (1 + dot(y, hy) / curvature) / curvature;
  return inverse.map((row, i) =>
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
