/** A wrong call of an operation is refused when the graph is built, with all that is needed to find it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GraphError } from '../../../src/common/errors.ts';
import { apply, constant, input } from '../../../src/graph/build.ts';
import type { OperationName, Tensor } from '../../../src/graph/tensor.ts';

const float = (...shape: readonly number[]): Tensor => input('x', shape, 'batch');
const integers = (...shape: readonly number[]): Tensor => input('i', shape, 'batch', 'int32');

interface Refusal {
  readonly build: () => Tensor;
  /** What the message must say of the call and of the reason. */
  readonly says: readonly RegExp[];
}

const refusal = (build: () => Tensor, ...says: readonly RegExp[]): Refusal => ({ build, says });

const unary = (name: 'negate' | 'exponential' | 'logarithm' | 'squareRoot' | 'sigmoid' | 'step' | 'silu') => [
  refusal(() => apply(name, [integers(2)], {}), /int32\[2\]/, /needs float32/),
];

const binary = (name: 'add' | 'subtract' | 'multiply' | 'divide' | 'maximum' | 'minimum') => [
  refusal(
    () => apply(name, [float(2, 3), float(2)], {}),
    /float32\[2, 3\], float32\[2\]/,
    /3 and 2 of axis -1/,
  ),
  refusal(() => apply(name, [float(2), integers(2)], {}), /float32\[2\], int32\[2\]/, /needs float32/),
];

const reduction = (name: 'reduceSum' | 'reduceMax') => [
  refusal(
    () => apply(name, [float(2)], { axes: [1], keepAxes: false }),
    /axes: \[1\]/,
    /axis 1 is not in \[2\]/,
  ),
  refusal(() => apply(name, [float(2)], { axes: [0, 0], keepAxes: true }), /keepAxes: true/, /named twice/),
];

const plain = { transposeA: false, transposeB: false, scale: 1 };
const attention = { scale: 1, blocks: 2 };

/** For each operation but `input`, which has nothing to refuse. */
const refusals: { readonly [Name in Exclude<OperationName, 'input'>]: readonly Refusal[] } = {
  constant: [
    refusal(() => constant(Float32Array.of(1, 2), [3]), /shape: \[3\]/, /2 values for a shape of 3/),
  ],
  add: binary('add'),
  subtract: binary('subtract'),
  multiply: binary('multiply'),
  divide: binary('divide'),
  maximum: binary('maximum'),
  minimum: binary('minimum'),
  negate: unary('negate'),
  exponential: unary('exponential'),
  logarithm: unary('logarithm'),
  squareRoot: unary('squareRoot'),
  sigmoid: unary('sigmoid'),
  step: unary('step'),
  silu: unary('silu'),
  matmul: [
    refusal(
      () => apply('matmul', [float(2, 3), float(2, 3)], plain),
      /float32\[2, 3\], float32\[2, 3\]/,
      /3 and 2/,
    ),
    refusal(
      () => apply('matmul', [float(2, 3), float(4, 2)], { ...plain, transposeB: true }),
      /transposeB: true/,
      /3 and 2/,
    ),
    refusal(() => apply('matmul', [float(1, 2, 3), float(3, 2)], plain), /same number of axes/),
    refusal(() => apply('matmul', [float(2, 2, 3), float(3, 3, 2)], plain), /2 and 3 of axis -1/),
  ],
  reduceSum: reduction('reduceSum'),
  reduceMax: reduction('reduceMax'),
  softmax: [refusal(() => apply('softmax', [float()], {}), /float32\[\]/, /at least one axis/)],
  reshape: [refusal(() => apply('reshape', [float(2, 3)], { shape: [4] }), /6 elements do not fill \[4\]/)],
  transpose: [
    refusal(
      () => apply('transpose', [float(2, 3)], { permutation: [0, 0] }),
      /permutation: \[0,0\]/,
      /each axis once/,
    ),
  ],
  broadcast: [
    refusal(
      () => apply('broadcast', [float(2)], { shape: [3] }),
      /shape: \[3\]/,
      /2 and 3|does not broadcast/,
    ),
    refusal(() => apply('broadcast', [float(2)], { shape: [1] }), /does not broadcast to \[1\]/),
  ],
  slice: [
    refusal(() => apply('slice', [float(2)], { axis: 1, start: 0, end: 1 }), /axis 1 is not in \[2\]/),
    refusal(() => apply('slice', [float(2)], { axis: 0, start: 1, end: 3 }), /range 1 to 3/),
    refusal(() => apply('slice', [float(2)], { axis: 0, start: 1, end: 1 }), /range 1 to 1/),
  ],
  concatenate: [
    refusal(() => apply('concatenate', [float(2, 3), float(2, 4)], { axis: 0 }), /differ along axis 1/),
    refusal(() => apply('concatenate', [float(2), integers(2)], { axis: 0 }), /differ in type/),
    refusal(() => apply('concatenate', [], { axis: 0 }), /axis 0 is not in the parts/),
  ],
  gather: [
    refusal(
      () => apply('gather', [float(4, 2), float(3)], {}),
      /float32\[4, 2\], float32\[3\]/,
      /must be int32/,
    ),
    refusal(() => apply('gather', [float(4), integers(3)], {}), /must be a matrix/),
    refusal(() => apply('gather', [float(4, 2), integers(3, 1)], {}), /one axis/),
  ],
  scatterAdd: [
    refusal(() => apply('scatterAdd', [float(4, 2), integers(3)], { rows: 5 }), /rows: 5/, /one index a row/),
  ],
  pick: [refusal(() => apply('pick', [float(4, 2), integers(3)], {}), /one index a row/)],
  place: [
    refusal(() => apply('place', [float(4), integers(3)], { columns: 2 }), /columns: 2/, /one index a value/),
  ],
  rmsNorm: [
    refusal(
      () => apply('rmsNorm', [float(4, 2), float(4)], { epsilon: 1 }),
      /float32\[4, 2\], float32\[4\]/,
      /last axis/,
    ),
  ],
  rotary: [
    refusal(() => apply('rotary', [float(4, 3), float(4, 1), float(4, 1)], { inverse: false }), /even/),
    refusal(() => apply('rotary', [float(4, 2), float(4, 2), float(4, 1)], { inverse: false }), /size \/ 2/),
  ],
  causalAttention: [
    refusal(
      () => apply('causalAttention', [float(1, 1, 3, 2), float(1, 1, 3, 2), float(1, 1, 3, 2)], attention),
      /2 blocks do not divide the length 3/,
    ),
    refusal(
      () => apply('causalAttention', [float(1, 1, 4, 2), float(1, 1, 2, 2), float(1, 1, 2, 2)], attention),
      /one shape/,
    ),
    refusal(
      () => apply('causalAttention', [float(4, 2), float(4, 2), float(4, 2)], attention),
      /\[batch, heads, length, size\]/,
    ),
  ],
  causalAttentionGradient: [
    refusal(
      () =>
        apply(
          'causalAttentionGradient',
          [float(1, 1, 4, 2), float(1, 1, 4, 2), float(1, 1, 4, 2), float(1, 1, 2, 2)],
          { ...attention, of: 'q' },
        ),
      /the gradient must have one shape/,
    ),
  ],
  sumOverDevices: [refusal(() => apply('sumOverDevices', [integers(2)], {}), /needs float32/)],
  linearCrossEntropy: [
    refusal(
      () => apply('linearCrossEntropy', [float(4, 2), float(5, 3), integers(4)], {}),
      /widths 2 and 3 differ/,
    ),
    refusal(
      () => apply('linearCrossEntropy', [float(4, 2), float(5, 2), integers(5)], {}),
      /one target a row/,
    ),
  ],
};

for (const [name, refused] of Object.entries(refusals)) {
  test(`${name} refuses inputs that do not fit, naming the call and the reason`, () => {
    assert.ok(refused.length > 0);
    for (const { build, says } of refused) {
      assert.throws(build, (error) => {
        assert.ok(error instanceof GraphError);
        assert.ok(error.message.startsWith(`${name}(`), error.message);
        for (const pattern of says) assert.match(error.message, pattern);
        return true;
      });
    }
  });
}

test('the stack of a refusal leads to the call that was wrong', () => {
  function mistaken(): Tensor {
    return apply('add', [float(2), float(3)], {});
  }
  assert.throws(mistaken, (error) => error instanceof Error && /mistaken/.test(error.stack ?? ''));
});
