/**
 * Eigenvectors of a small symmetric matrix by Jacobi's rotations (Golub and Van Loan, Matrix Computations, section
 * 8.5), in float64. Weighed: tridiagonal QR is faster for large matrices; at the hundred or so rows of a projected
 * problem this takes a tenth of a second and gives eigenvectors that are orthogonal to the last bit or two.
 */
export interface Eigen {
  /** Largest first. */
  readonly values: Float64Array;
  /** [n, n]: row i is the eigenvector of value i, of length 1. */
  readonly vectors: Float64Array;
  /** Floating-point operations of the rotations. */
  readonly flops: number;
}

/** Of one rotation, for each row of the matrix: two columns of it, two of its rows and two of the eigenvectors turn. */
const ROTATION_FLOPS = 18;

const MOST_SWEEPS = 40;
/** As measured for the Gram matrices of text: for predictions. */
const USUAL_SWEEPS = 8;
/** Off-diagonal elements below this share of the matrix's norm count as zero. */
const NEGLIGIBLE = 1e-15;

/** Floating-point operations that a matrix [n, n] takes as a rule. */
export const usualEigenFlops = (n: number): number => ROTATION_FLOPS * n * USUAL_SWEEPS * ((n * (n - 1)) / 2);

/** Of a symmetric matrix [n, n]. */
export function symmetricEigen(matrix: Float64Array, n: number): Eigen {
  const a = matrix.slice();
  const v = new Float64Array(n * n);
  for (let i = 0; i < n; i++) v[i * n + i] = 1;
  let turned = 0;
  const threshold = NEGLIGIBLE * Math.sqrt(a.reduce((sum, value) => sum + value * value, 0));
  for (let sweep = 0; sweep < MOST_SWEEPS; sweep++) {
    let rotations = 0;
    for (let p = 0; p < n - 1; p++) {
      for (let q = p + 1; q < n; q++) {
        if (Math.abs(a[p * n + q]) <= threshold) continue;
        rotate(a, v, n, p, q);
        rotations++;
      }
    }
    turned += rotations;
    if (rotations === 0) break;
  }
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => a[j * n + j] - a[i * n + i] || i - j);
  const vectors = new Float64Array(n * n);
  for (const [to, from] of order.entries()) vectors.set(v.subarray(from * n, (from + 1) * n), to * n);
  const values = Float64Array.from(order, (i) => a[i * n + i]);
  return { values, vectors, flops: ROTATION_FLOPS * n * turned };
}

/** Turns the plane of axes p and q so that a[p][q] becomes zero; the rows of `v` turn with it. */
function rotate(a: Float64Array, v: Float64Array, n: number, p: number, q: number): void {
  const theta = (a[q * n + q] - a[p * n + p]) / (2 * a[p * n + q]);
  const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const cosine = 1 / Math.sqrt(t * t + 1);
  const sine = t * cosine;
  for (let k = 0; k < n; k++) {
    const [kp, kq] = [a[k * n + p], a[k * n + q]];
    a[k * n + p] = cosine * kp - sine * kq;
    a[k * n + q] = sine * kp + cosine * kq;
  }
  turnRows(a, n, p, q, cosine, sine);
  turnRows(v, n, p, q, cosine, sine);
}

function turnRows(m: Float64Array, n: number, p: number, q: number, cosine: number, sine: number): void {
  for (let k = 0; k < n; k++) {
    const pk = m[p * n + k];
    const qk = m[q * n + k];
    m[p * n + k] = cosine * pk - sine * qk;
    m[q * n + k] = sine * pk + cosine * qk;
  }
}
