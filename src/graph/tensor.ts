/**
 * The tensor graph: immutable values with static shapes. A `Tensor` is a node: an operation, its attributes and
 * its input tensors. Nothing is computed here; a graph is data that passes rewrite and engines lower.
 *
 * Weighed: a node list with integer handles is more compact, but values that refer to each other need no
 * bookkeeping, and differentiation, passes and lowering become plain recursion over them.
 */
export type Shape = readonly number[];
export type DataType = 'float32' | 'int32';

/** Where an input comes from: fed with each step, or kept by the engine under its name between steps. */
export type InputSource = 'batch' | 'state';

type None = Readonly<Record<never, never>>;

/** The attributes of each operation. Adding an operation starts with a line here; the compiler then asks for the rest. */
export interface Attributes {
  input: {
    readonly name: string;
    readonly source: InputSource;
    readonly shape: Shape;
    readonly dtype: DataType;
  };
  constant: { readonly data: Float32Array | Int32Array; readonly shape: Shape };

  add: None;
  subtract: None;
  multiply: None;
  divide: None;
  maximum: None;
  minimum: None;

  negate: None;
  exponential: None;
  logarithm: None;
  squareRoot: None;
  sigmoid: None;
  step: None;

  matmul: { readonly transposeA: boolean; readonly transposeB: boolean; readonly scale: number };
  reduceSum: { readonly axes: readonly number[]; readonly keepAxes: boolean };
  reduceMax: { readonly axes: readonly number[]; readonly keepAxes: boolean };
  softmax: None;

  reshape: { readonly shape: Shape };
  transpose: { readonly permutation: readonly number[] };
  broadcast: { readonly shape: Shape };
  slice: { readonly axis: number; readonly start: number; readonly end: number };
  concatenate: { readonly axis: number };

  gather: None;
  scatterAdd: { readonly rows: number };
  pick: None;
  place: { readonly columns: number };

  silu: None;
  rmsNorm: { readonly epsilon: number };
  rotary: { readonly inverse: boolean };
  causalAttention: { readonly scale: number; readonly blocks: number };
  causalAttentionGradient: { readonly scale: number; readonly blocks: number; readonly of: 'q' | 'k' | 'v' };
  linearCrossEntropy: None;
  sumOverDevices: None;
}

export type OperationName = keyof Attributes;

/** One node. The type parameter ties the attributes to the operation. */
export interface Node<Name extends OperationName = OperationName> {
  readonly operation: Name;
  readonly attributes: Attributes[Name];
  readonly inputs: readonly Tensor[];
  readonly shape: Shape;
  readonly dtype: DataType;
}

/** Any node, as a union over all operations, so that `switch (tensor.operation)` narrows its attributes. */
export type Tensor = { [Name in OperationName]: Node<Name> }[OperationName];

/** Thrown by shape rules; the builder adds the operation, the shapes and the call. */
export class ShapeMismatch extends Error {}

export const sizeOf = (shape: Shape): number => shape.reduce((product, length) => product * length, 1);
export const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((length, i) => length === b[i]);
export const formatShape = (shape: Shape): string => `[${shape.join(', ')}]`;
