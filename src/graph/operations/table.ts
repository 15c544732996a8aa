/** Every operation's rules. The type asks for each name in `Attributes`: a missing entry does not compile. */
import type { Operation, OperationName } from '../tensor.ts';
import * as elementwise from './elementwise.ts';
import * as products from './products.ts';
import * as shapes from './shapes.ts';
import * as transformer from './transformer.ts';

export const operations: { readonly [Name in OperationName]: Operation<Name> } = {
  input: elementwise.input,
  constant: elementwise.constant,
  add: elementwise.addition,
  subtract: elementwise.subtraction,
  multiply: elementwise.multiplication,
  divide: elementwise.division,
  maximum: elementwise.maximum,
  minimum: elementwise.minimum,
  negate: elementwise.negation,
  exponential: elementwise.exponentiation,
  logarithm: elementwise.naturalLogarithm,
  squareRoot: elementwise.root,
  sigmoid: elementwise.logistic,
  step: elementwise.unitStep,
  matmul: products.matrixProduct,
  reduceSum: products.summation,
  reduceMax: products.largest,
  softmax: products.normalizedExponential,
  reshape: shapes.reshaping,
  transpose: shapes.transposition,
  broadcast: shapes.broadcasting,
  slice: shapes.slicing,
  concatenate: shapes.concatenation,
  gather: shapes.gathering,
  scatterAdd: shapes.scattering,
  pick: shapes.picking,
  place: shapes.placing,
  silu: elementwise.sigmoidLinear,
  rmsNorm: transformer.rootMeanSquareNorm,
  rotary: transformer.rotaryPosition,
  causalAttention: transformer.maskedAttention,
  linearCrossEntropy: transformer.linearCrossEntropy,
};
