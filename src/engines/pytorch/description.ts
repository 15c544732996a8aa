/** A program as it is sent to Python: its nodes in the order of computation, each with the places of its inputs. */
import { optimize, topologicalOrder } from '../../graph/passes.ts';
import type { OperationName, Tensor } from '../../graph/tensor.ts';
import type { Program, ProgramInput } from '../engine.ts';

type Attributes = Readonly<Record<string, unknown>>;
type NodeDescription = readonly [
  operation: OperationName,
  inputs: readonly number[],
  shape: readonly number[],
  dtype: string,
  attributes: Attributes,
];

export interface ProgramDescription {
  readonly nodes: readonly NodeDescription[];
  /** Places of the new values of state, then of metrics. */
  readonly roots: readonly number[];
  readonly updates: readonly string[];
  readonly metrics: readonly string[];
  /** Of the batch. */
  readonly inputs: readonly ProgramInput[];
  /** What constants' offsets point into, in bytes. */
  readonly constants: readonly (Float32Array | Int32Array)[];
}

/** Composite operations that are not `native` are expanded. */
export function describeProgram(program: Program, native: ReadonlySet<OperationName>): ProgramDescription {
  const results = [...Object.values(program.updates), ...Object.values(program.metrics)];
  const roots = optimize(results, native);
  const order = topologicalOrder(roots);
  const places = new Map(order.map((tensor, place) => [tensor, place]));
  const placeOf = (tensor: Tensor): number => places.get(tensor) ?? -1;
  const constants: (Float32Array | Int32Array)[] = [];
  let offset = 0;
  const attributesOf = (tensor: Tensor): Attributes => {
    if (tensor.operation === 'input') {
      const { name, source } = tensor.attributes;
      return { name, source };
    }
    if (tensor.operation !== 'constant') return tensor.attributes;
    const { data } = tensor.attributes;
    constants.push(data);
    const attributes = { offset };
    offset += data.byteLength;
    return attributes;
  };
  return {
    nodes: order.map((tensor) => [
      tensor.operation,
      tensor.inputs.map(placeOf),
      tensor.shape,
      tensor.dtype,
      attributesOf(tensor),
    ]),
    roots: roots.map(placeOf),
    updates: Object.keys(program.updates),
    metrics: Object.keys(program.metrics),
    inputs: order.flatMap((tensor) =>
      tensor.operation === 'input' && tensor.attributes.source === 'batch' ? [tensor.attributes] : [],
    ),
    constants,
  };
}
