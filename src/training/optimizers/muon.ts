/**
 * Muon: momentum whose matrix is orthogonalized by Newton-Schulz iterations before it is applied (Jordan et al.
 * 2024). Scaled by 0.2 sqrt(max(rows, columns)) as in Moonlight (Liu et al. 2025), so that its steps have the
 * root mean square of AdamW's and one learning rate and decay serve both.
 */
import { add, divide, matmul, multiply, reduceSum, squareRoot, subtract } from '../../graph/build.ts';
import { type Shape, sizeOf, type Tensor } from '../../graph/tensor.ts';
import type { Optimizer } from './optimizer.ts';

export interface MuonSettings {
  readonly learningRate: number;
  readonly momentum: number;
  readonly weightDecay: number;
  /** NorMuon (Li et al. 2025, arXiv 2510.05491): each row is divided by the root of the mean square of its steps so far. */
  readonly normalizesRows: boolean;
}

const ROW_BETA = 0.95;

/**
 * The coefficients of one odd polynomial a X + b X X^T X + c (X X^T)^2 X after the other: the minimax sequence of
 * Polar Express (Amsel et al. 2025) for singular values from 0.001, which needs fewer products for the same
 * accuracy than repeating one polynomial.
 */
const POLYNOMIALS = [
  [8.28721201814563, -23.595886519098837, 17.300387312530933],
  [4.107059111542203, -2.9478499167379106, 0.5448431082926601],
  [3.9486908534822946, -2.908902115962949, 0.5518191394370137],
  [3.3184196573706015, -2.488488024314874, 0.51004894012372],
  [2.300652019954817, -1.6689039845747493, 0.4188073119525673],
] as const;

export function muon(settings: MuonSettings): Optimizer {
  const { learningRate, momentum, weightDecay, normalizesRows } = settings;
  return {
    moments: normalizesRows ? ['momentum', 'rows'] : ['momentum'],
    momentShape: (moment, shape) => (moment === 'rows' ? [...shape.slice(0, -1), 1] : shape),
    products: orthogonalizationFlops,
    update(tensor, gradient, { moments: [before, rowsBefore], scalars: { rate }, decay }) {
      const average = add(multiply(before, momentum), multiply(gradient, 1 - momentum));
      const lookahead = add(multiply(average, momentum), multiply(gradient, 1 - momentum));
      const [rows, columns] = tensor.shape.slice(-2);
      const orthogonal = orthogonalize(lookahead);
      const kept = decay ? multiply(tensor, subtract(1, multiply(rate, learningRate * weightDecay))) : tensor;
      if (!normalizesRows) {
        const size = multiply(rate, learningRate * 0.2 * Math.sqrt(Math.max(rows, columns)));
        return { value: subtract(kept, multiply(orthogonal, size)), moments: [average] };
      }
      const squares = multiply(reduceSum(multiply(orthogonal, orthogonal), [-1], true), 1 / columns);
      const rowMoment = add(multiply(rowsBefore, ROW_BETA), multiply(squares, 1 - ROW_BETA));
      const direction = divide(orthogonal, add(squareRoot(rowMoment), 1e-8));
      // Scaled back to the same root mean square; of no gradient nothing comes.
      const norm = squareRoot(reduceSum(multiply(direction, direction), [-2, -1], true));
      const size = divide(multiply(rate, learningRate * 0.2 * Math.sqrt(rows * columns)), add(norm, 1e-8));
      return { value: subtract(kept, multiply(direction, size)), moments: [average, rowMoment] };
    },
  };
}

/** The Gram matrix of the shorter side, its square and their product with the matrix, for each polynomial and matrix. */
function orthogonalizationFlops(shape: Shape): number {
  const [rows, columns] = shape.slice(-2);
  const [short, long] = rows <= columns ? [rows, columns] : [columns, rows];
  return sizeOf(shape.slice(0, -2)) * POLYNOMIALS.length * (4 * short ** 2 * long + 2 * short ** 3);
}

/** The nearest semi-orthogonal matrix, approximately: singular values end near one. Leading axes hold several. */
export function orthogonalize(matrix: Tensor): Tensor {
  const [rows, columns] = matrix.shape.slice(-2);
  const norm = squareRoot(reduceSum(multiply(matrix, matrix), [-2, -1], matrix.shape.length > 2));
  let x = divide(matrix, add(multiply(norm, 1.01), 1e-7));
  const wide = rows <= columns;
  for (const [a, b, c] of POLYNOMIALS) {
    // The Gram matrix of the shorter side keeps the products small.
    const gram = wide ? matmul(x, x, { transposeB: true }) : matmul(x, x, { transposeA: true });
    const polynomial = add(multiply(gram, b), matmul(gram, gram, { scale: c }));
    const change = wide ? matmul(polynomial, x) : matmul(x, polynomial);
    x = add(multiply(x, a), change);
  }
  return x;
}
