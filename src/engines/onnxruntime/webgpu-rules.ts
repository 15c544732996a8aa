/**
 * What the WebGPU provider needs written otherwise, because it has no kernel for what the CPU's graph uses: products of
 * matrices in batches with transposed factors, int64 indices, and slices of integers. Every entry keeps its operation
 * on the GPU; a graph of which any node would fall back to the CPU is refused when it is compiled.
 */
import type { Node } from '../../graph/tensor.ts';
import { sizeOf, type Tensor } from '../../graph/tensor.ts';
import { gemm, type Lowering, type LoweringRules } from './lower.ts';

/** The name of a factor as the plain product needs it: transposed in its last two axes if asked for. */
function oriented(tensor: Tensor, transposed: boolean, to: Lowering): string {
  const name = to.nameOf(tensor);
  if (!transposed) return name;
  const last = tensor.shape.length - 1;
  const perm = tensor.shape.map((_, axis) => (axis < last - 1 ? axis : 2 * last - 1 - axis));
  return to.addNode('Transpose', [name], { perm });
}

function scaled(name: string, scale: number, to: Lowering): string {
  return scale === 1 ? name : to.addNode('Mul', [name, to.addConstant(Float32Array.of(scale), [])]);
}

/** The scale goes where the fewest values are: to a factor or to the product. */
function batchedProduct(node: Node<'matmul'>, to: Lowering): string {
  const { transposeA, transposeB, scale } = node.attributes;
  const [a, b] = node.inputs;
  const factors = [oriented(a, transposeA, to), oriented(b, transposeB, to)];
  const sizes = [a, b, node].map(({ shape }) => sizeOf(shape));
  const smallest = sizes.indexOf(Math.min(...sizes));
  if (smallest < 2) factors[smallest] = scaled(factors[smallest], scale, to);
  const product = to.addNode('MatMul', factors);
  return smallest < 2 ? product : scaled(product, scale, to);
}

/**
 * ScatterElements adds with atomic operations and takes int32 indices, one for each value. Sums of rows that share
 * an index come in no fixed order, so that their last digits may differ from run to run.
 */
function scatterRows({ inputs: [values, indices], shape }: Node<'scatterAdd'>, to: Lowering): string {
  const column = to.addNode('Reshape', [to.nameOf(indices), to.integers([values.shape[0], 1])]);
  const places = to.addNode('Expand', [column, to.integers(values.shape)]);
  const zeros = to.addNode('Expand', [to.addConstant(Float32Array.of(0), []), to.integers(shape)]);
  return to.addNode('ScatterElements', [zeros, places, to.nameOf(values)], {
    axis: 0,
    reduction: 'add',
  });
}

/** Integers are picked by their places, since only floats can be sliced. */
function sliceRange({ inputs: [x], attributes: { axis, start, end } }: Node<'slice'>, to: Lowering): string {
  if (x.dtype === 'int32') {
    const places = Int32Array.from({ length: end - start }, (_, i) => start + i);
    return to.addNode('Gather', [to.nameOf(x), to.addConstant(places, [places.length])], { axis });
  }
  const range = [[start], [end], [axis]].map((value) => to.integers(value));
  return to.addNode('Slice', [to.nameOf(x), ...range]);
}

export const WEBGPU_RULES: LoweringRules = {
  table: {
    matmul: (node, to) => (node.shape.length === 2 ? gemm(node, undefined, to) : batchedProduct(node, to)),
    scatterAdd: scatterRows,
    slice: sliceRange,
  },
};
