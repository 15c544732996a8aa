/**
 * Reverse-mode differentiation. The result is graph nodes like any other, so that a whole training step is one
 * graph.
 */
import { GraphError } from '../common/errors.ts';
import { add, filled, scalar } from './build.ts';
import { type GradientRule, gradients as rules } from './gradients.ts';
import { topologicalOrder } from './passes.ts';
import { formatShape, type Node, type OperationName, type Tensor } from './tensor.ts';

/** The gradients of a scalar `loss` with respect to `parameters`, in their order and with their shapes. */
export function differentiate(loss: Tensor, parameters: readonly Tensor[]): Tensor[] {
  if (loss.shape.length !== 0) {
    throw new GraphError(
      `Only a scalar can be differentiated, got ${formatShape(loss.shape)}.`,
      'Reduce the loss with reduceSum or mean first.',
    );
  }
  const order = topologicalOrder([loss]);
  const wanted = new Set<Tensor>(parameters);
  const leadsToParameter = new Set<Tensor>();
  for (const tensor of order) {
    if (wanted.has(tensor) || tensor.inputs.some((input) => leadsToParameter.has(input))) {
      leadsToParameter.add(tensor);
    }
  }
  const gradients = new Map<Tensor, Tensor>([[loss, scalar(1)]]);
  for (const tensor of order.reverse()) {
    const upstream = gradients.get(tensor);
    if (upstream === undefined || !leadsToParameter.has(tensor)) continue;
    const inputGradients = applyGradientRule(tensor, upstream);
    tensor.inputs.forEach((input, i) => {
      const gradient = inputGradients[i];
      if (gradient === undefined || !leadsToParameter.has(input)) return;
      const earlier = gradients.get(input);
      gradients.set(input, earlier === undefined ? gradient : add(earlier, gradient));
    });
  }
  return parameters.map((parameter) => gradients.get(parameter) ?? filled(parameter.shape, 0));
}

function applyGradientRule<Name extends OperationName>(
  node: Node<Name> & Tensor,
  upstream: Tensor,
): readonly (Tensor | undefined)[] {
  const rule: GradientRule<Name> = rules[node.operation];
  return rule(node, upstream, node);
}
