/** Linear least squares with a handful of unknowns, solved directly; coefficients can be held at zero or above. */

export interface Row {
  readonly features: readonly number[];
  readonly value: number;
  readonly weight: number;
}

/** Weighted least squares with coefficients of zero or more: the best of the feasible choices of which are free. */
export function nonNegativeLeastSquares(rows: readonly Row[], count: number): readonly number[] {
  const normal = normalEquations(rows, count);
  let best: { readonly coefficients: readonly number[]; readonly loss: number } | undefined;
  for (let chosen = 2 ** count - 1; chosen > 0; chosen--) {
    const coefficients = solveFree(normal, chosen, count);
    if (coefficients.some((value) => !(value >= 0))) continue;
    // The unconstrained optimum is feasible: no choice with fewer free coefficients does better.
    if (chosen === 2 ** count - 1) return coefficients;
    const loss = weightedLoss(rows, coefficients);
    if (best === undefined || loss < best.loss) best = { coefficients, loss };
  }
  return best?.coefficients ?? new Array<number>(count).fill(0);
}

function weightedLoss(rows: readonly Row[], coefficients: readonly number[]): number {
  let loss = 0;
  for (const { features, value, weight } of rows) {
    const error = value - dot(features, coefficients);
    loss += weight * error * error;
  }
  return loss;
}

export function dot(a: readonly number[], b: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** The normal matrix with its right-hand side as last column. */
function normalEquations(rows: readonly Row[], count: number): number[][] {
  const normal = Array.from({ length: count }, () => new Array<number>(count + 1).fill(0));
  for (const { features, value, weight } of rows) {
    for (let i = 0; i < count; i++) {
      const weighted = weight * features[i];
      for (let j = 0; j < count; j++) normal[i][j] += weighted * features[j];
      normal[i][count] += weighted * value;
    }
  }
  return normal;
}

/** The solution with the coefficients of the bits of `chosen` free and the others zero. */
function solveFree(normal: readonly (readonly number[])[], chosen: number, count: number): number[] {
  const free: number[] = [];
  for (let i = 0; i < count; i++) if (chosen & (1 << i)) free.push(i);
  const rows = free.map((i) => {
    const row = free.map((j) => (i === j ? normal[i][j] * (1 + 1e-12) + 1e-300 : normal[i][j]));
    row.push(normal[i][count]);
    return row;
  });
  eliminate(rows, free.length);
  const coefficients = new Array<number>(count).fill(0);
  free.forEach((index, i) => {
    coefficients[index] = rows[i][free.length];
  });
  return coefficients;
}

/** Gauss-Jordan elimination with row pivoting of the first `size` columns, in place. */
function eliminate(rows: number[][], size: number): void {
  for (let column = 0; column < size; column++) {
    let pivot = column;
    for (let i = column + 1; i < size; i++) {
      if (Math.abs(rows[i][column]) > Math.abs(rows[pivot][column])) pivot = i;
    }
    [rows[column], rows[pivot]] = [rows[pivot], rows[column]];
    const own = rows[column];
    const divisor = own[column];
    for (let j = 0; j < own.length; j++) own[j] /= divisor;
    for (let i = 0; i < size; i++) {
      const factor = rows[i][column];
      if (i === column || factor === 0) continue;
      for (let j = 0; j < own.length; j++) rows[i][j] -= factor * own[j];
    }
  }
}
