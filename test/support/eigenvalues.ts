/** Eigenvalues of a small symmetric matrix by Jacobi's rotations (Golub and Van Loan, section 8.5). */

/** The eigenvalues of `matrix` [n, n], stored row by row, in no order. */
export function symmetricEigenvalues(matrix: ArrayLike<number>, n: number): number[] {
  const a = Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => matrix[i * n + j]));
  for (let sweep = 0; sweep < 30; sweep++) {
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) rotate(a, p, q);
    }
  }
  return a.map((row, i) => row[i]);
}

/** Turns the plane of axes p and q so that a[p][q] becomes zero. */
function rotate(a: number[][], p: number, q: number): void {
  if (a[p][q] === 0) return;
  const angle = 0.5 * Math.atan2(2 * a[p][q], a[q][q] - a[p][p]);
  const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
  for (const row of a) {
    [row[p], row[q]] = [cosine * row[p] - sine * row[q], sine * row[p] + cosine * row[q]];
  }
  for (let k = 0; k < a.length; k++) {
    [a[p][k], a[q][k]] = [cosine * a[p][k] - sine * a[q][k], sine * a[p][k] + cosine * a[q][k]];
  }
}
