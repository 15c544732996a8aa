/**
 * Random small calls of every operation: shapes, attributes and values. The table is typed over all operations, so
 * that a new one without a case does not compile and is covered by every test that walks the table. Values keep
 * away from kinks and poles: all floats of a case differ by at least 0.07 and none is near zero.
 */
import fc from 'fast-check';
import { Random } from '../../src/common/random.ts';
import { apply, constant, input, multiply } from '../../src/graph/build.ts';
import {
  type DataType,
  type OperationName,
  type Shape,
  sizeOf,
  type Tensor,
} from '../../src/graph/tensor.ts';

export interface Case {
  readonly output: Tensor;
  /** Float inputs whose gradient the operation defines. */
  readonly differentiable: readonly Tensor[];
  readonly values: Readonly<Record<string, Float64Array>>;
}

/** Makes the inputs of one case, with values that depend on the seed alone. */
class CaseBuilder {
  readonly values: Record<string, Float64Array> = {};
  readonly differentiable: Tensor[] = [];
  readonly #random: Random;

  constructor(seed: number) {
    this.#random = Random.fromSeed(seed, 'graph cases');
  }

  /** Distinct values around zero. */
  float(...shape: readonly number[]): Tensor {
    const tensor = this.fixed(...shape);
    this.differentiable.push(tensor);
    return tensor;
  }

  /** Distinct values from 0.5 up. */
  positive(...shape: readonly number[]): Tensor {
    const tensor = this.float(...shape);
    const name = this.#lastName();
    this.values[name] = this.values[name].map((value) => 0.5 + Math.abs(value));
    return tensor;
  }

  /** A float input for which the operation defines no gradient. */
  fixed(...shape: readonly number[]): Tensor {
    const count = Math.max(1, sizeOf(shape));
    const order = this.#permutation(count);
    const centre = this.#random.below(count);
    const own = 0.011 * Object.keys(this.values).length;
    return this.#input(shape, 'float32', (i) => 0.07 * (order[i] - centre) + 0.02 + own);
  }

  indices(length: number, limit: number): Tensor {
    return this.#input([length], 'int32', () => this.#random.below(limit));
  }

  case(output: Tensor): Case {
    return { output, differentiable: this.differentiable, values: this.values };
  }

  #input(shape: Shape, dtype: DataType, value: (i: number) => number): Tensor {
    const name = String.fromCharCode(97 + Object.keys(this.values).length);
    this.values[name] = Float64Array.from({ length: sizeOf(shape) }, (_, i) => value(i));
    return input(name, shape, 'batch', dtype);
  }

  #lastName(): string {
    return Object.keys(this.values).at(-1) ?? '';
  }

  #permutation(length: number): number[] {
    const order = Array.from({ length }, (_, i) => i);
    for (let i = length - 1; i > 0; i--) {
      const j = this.#random.below(i + 1);
      [order[i], order[j]] = [order[j], order[i]];
    }
    return order;
  }
}

type Make<Settings> = (make: CaseBuilder, settings: Settings) => Tensor;

/** A case from random settings (shapes and attributes, which shrink) and a random seed for the values. */
function cases<Settings>(settings: fc.Arbitrary<Settings>, build: Make<Settings>): fc.Arbitrary<Case> {
  return fc.tuple(settings, fc.nat(10_000)).map(([chosen, seed]) => {
    const make = new CaseBuilder(seed);
    return make.case(build(make, chosen));
  });
}

const length = fc.integer({ min: 1, max: 4 });
const shape = fc.array(length, { maxLength: 4 });
const nonScalar = fc.array(length, { minLength: 1, maxLength: 4 });

/** Two shapes that broadcast: each keeps a suffix of the axes, with some of them of length 1. */
const broadcastable = fc
  .tuple(shape, fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }), fc.nat(4), fc.boolean())
  .map(([full, ones, dropped, swap]) => {
    const partial = full.map((own, axis) => (ones[axis] ? 1 : own)).slice(Math.min(dropped, full.length));
    return swap ? [partial, full] : [full, partial];
  });

const axesOf = (of: fc.Arbitrary<number[]>) =>
  of.chain((own) =>
    fc.record({
      shape: fc.constant(own),
      axes: fc.subarray(own.map((_, axis) => axis)),
      keepAxes: fc.boolean(),
    }),
  );

const binary = (name: 'add' | 'subtract' | 'multiply' | 'maximum' | 'minimum') =>
  cases(broadcastable, (make, [a, b]) => apply(name, [make.float(...a), make.float(...b)], {}));

const unary = (name: 'negate' | 'sigmoid' | 'step' | 'silu' | 'sumOverDevices') =>
  cases(shape, (make, own) => apply(name, [make.float(...own)], {}));

const ofPositive = (name: 'logarithm' | 'squareRoot') =>
  cases(shape, (make, own) => apply(name, [make.positive(...own)], {}));

const reduction = (name: 'reduceSum' | 'reduceMax') =>
  cases(axesOf(nonScalar), (make, { shape: own, ...attributes }) =>
    apply(name, [make.float(...own)], attributes),
  );

/** Few values, since they grow with their number and large scores cost float32 its digits. */
const attention = fc.record({
  batch: fc.integer({ min: 1, max: 2 }),
  heads: fc.integer({ min: 1, max: 2 }),
  blocks: length,
  rows: fc.integer({ min: 1, max: 2 }),
  size: fc.integer({ min: 1, max: 3 }),
  scale: fc.constantFrom(0.3, 1),
});

const rotation = fc.record({ leading: fc.array(length, { maxLength: 2 }), positions: length, half: length });

export const operationCases: { readonly [Name in OperationName]: fc.Arbitrary<Case> } = {
  input: cases(shape, (make, own) => make.float(...own)),
  constant: cases(shape, (make, own) => {
    const data = Float32Array.from({ length: sizeOf(own) }, (_, i) => i / 8);
    return apply('add', [make.float(...own), constant(data, own)], {});
  }),
  add: binary('add'),
  subtract: binary('subtract'),
  multiply: binary('multiply'),
  divide: cases(broadcastable, (make, [a, b]) =>
    apply('divide', [make.float(...a), make.positive(...b)], {}),
  ),
  maximum: binary('maximum'),
  minimum: binary('minimum'),
  negate: unary('negate'),
  // Scaled: a sum of large exponentials leaves finite differences too few digits.
  exponential: cases(shape, (make, own) => apply('exponential', [multiply(make.float(...own), 0.25)], {})),
  logarithm: ofPositive('logarithm'),
  squareRoot: ofPositive('squareRoot'),
  sigmoid: unary('sigmoid'),
  step: unary('step'),
  matmul: cases(
    fc.record({
      batch: broadcastable,
      sizes: fc.tuple(length, length, length),
      transposeA: fc.boolean(),
      transposeB: fc.boolean(),
      scale: fc.constantFrom(1, 0.5, -2),
    }),
    (make, { batch, sizes: [rows, inner, columns], ...attributes }) => {
      const rank = Math.min(2, Math.max(batch[0].length, batch[1].length));
      const [batchA, batchB] = batch.map((axes) => [1, 1, ...axes].slice(axes.length + 2 - rank));
      const a = attributes.transposeA ? [inner, rows] : [rows, inner];
      const b = attributes.transposeB ? [columns, inner] : [inner, columns];
      return apply('matmul', [make.float(...batchA, ...a), make.float(...batchB, ...b)], attributes);
    },
  ),
  reduceSum: reduction('reduceSum'),
  reduceMax: reduction('reduceMax'),
  softmax: cases(nonScalar, (make, own) => apply('softmax', [make.float(...own)], {})),
  reshape: cases(fc.tuple(shape, fc.boolean()), (make, [own, flat]) =>
    apply('reshape', [make.float(...own)], { shape: flat ? [sizeOf(own)] : [...own.toReversed(), 1] }),
  ),
  transpose: cases(
    shape.chain((own) => {
      const axes = own.map((_, axis) => axis);
      const permutation = fc.shuffledSubarray(axes, { minLength: axes.length });
      return fc.record({ own: fc.constant(own), permutation });
    }),
    (make, { own, permutation }) => apply('transpose', [make.float(...own)], { permutation }),
  ),
  broadcast: cases(broadcastable, (make, [a, b]) => {
    const [from, to] = sizeOf(a) < sizeOf(b) || a.length < b.length ? [a, b] : [b, a];
    return apply('broadcast', [make.float(...from)], { shape: to });
  }),
  slice: cases(
    fc.record({ own: nonScalar, axis: fc.nat(3), ends: fc.tuple(fc.nat(3), fc.nat(3)) }),
    (make, { own, axis: chosen, ends }) => {
      const axis = chosen % own.length;
      const [start, last] = ends.map((end) => end % own[axis]).sort((x, y) => x - y);
      return apply('slice', [make.float(...own)], { axis, start, end: last + 1 });
    },
  ),
  concatenate: cases(
    fc.record({ own: nonScalar, axis: fc.nat(3), lengths: fc.array(length, { minLength: 1, maxLength: 4 }) }),
    (make, { own, axis: chosen, lengths }) => {
      const axis = chosen % own.length;
      return apply(
        'concatenate',
        lengths.map((part) => make.float(...own.with(axis, part))),
        { axis },
      );
    },
  ),
  gather: cases(fc.tuple(length, length, length), (make, [rows, width, count]) =>
    apply('gather', [make.float(rows, width), make.indices(count, rows)], {}),
  ),
  scatterAdd: cases(fc.tuple(length, length, length), (make, [rows, width, count]) =>
    apply('scatterAdd', [make.float(count, width), make.indices(count, rows)], { rows }),
  ),
  pick: cases(fc.tuple(length, length), (make, [rows, columns]) =>
    apply('pick', [make.float(rows, columns), make.indices(rows, columns)], {}),
  ),
  place: cases(fc.tuple(length, length), (make, [rows, columns]) =>
    apply('place', [make.float(rows), make.indices(rows, columns)], { columns }),
  ),
  silu: unary('silu'),
  rmsNorm: cases(
    fc.record({ own: nonScalar, epsilon: fc.constantFrom(1e-5, 0.1) }),
    (make, { own, epsilon }) =>
      apply('rmsNorm', [make.float(...own), make.float(...own.slice(-1))], { epsilon }),
  ),
  rotary: cases(fc.tuple(rotation, fc.boolean()), (make, [{ leading, positions, half }, inverse]) => {
    const angles = [positions, half];
    const x = make.float(...leading, positions, 2 * half);
    return apply('rotary', [x, make.fixed(...angles), make.fixed(...angles)], { inverse });
  }),
  causalAttention: cases(attention, (make, { batch, heads, blocks, rows, size, scale }) => {
    const own = [batch, heads, blocks * rows, size];
    const parts = [make.float(...own), make.float(...own), make.float(...own)];
    return apply('causalAttention', parts, { scale, blocks });
  }),
  causalAttentionGradient: cases(
    fc.tuple(attention, fc.constantFrom('q', 'k', 'v')),
    (make, [{ batch, heads, blocks, rows, size, scale }, of]) => {
      const own = [batch, heads, blocks * rows, size];
      const parts = Array.from({ length: 4 }, () => make.fixed(...own));
      return apply('causalAttentionGradient', parts, { scale, blocks, of });
    },
  ),
  linearCrossEntropy: cases(fc.tuple(length, length, length), (make, [rows, width, vocabulary]) => {
    const [x, head] = [make.float(rows, width), make.float(vocabulary, width)];
    return apply('linearCrossEntropy', [x, head, make.indices(rows, vocabulary)], {});
  }),
  sumOverDevices: unary('sumOverDevices'),
};

/** The table as a list, for a test over every operation. */
export const everyOperation = Object.entries(operationCases);
