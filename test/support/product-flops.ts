/** What a graph computes in products, counted in the graph that runs: the oracle of formulas that say it. */
import { optimize, topologicalOrder } from '../../src/graph/passes.ts';
import { sizeOf, type Tensor } from '../../src/graph/tensor.ts';

/** Multiplications and additions of all matrix products; where `rank` is given, of those with so many axes. */
export function productFlops(outputs: readonly Tensor[], rank?: number): number {
  return topologicalOrder(optimize(outputs)).reduce((sum, tensor) => {
    if (tensor.operation !== 'matmul' || (rank !== undefined && tensor.shape.length !== rank)) return sum;
    const [a] = tensor.inputs;
    const inner = a.shape.at(tensor.attributes.transposeA ? -2 : -1) ?? 0;
    return sum + 2 * sizeOf(tensor.shape) * inner;
  }, 0);
}
