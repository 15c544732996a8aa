/** Leaves and element-wise operations. The derivative stands over each gradient rule. */
import { add, divide, multiply, negate, sigmoid, step, subtract } from '../build.ts';
import { type Operation, sizeOf, type Tensor } from '../tensor.ts';
import { broadcastShapes, float32, require, requireFloat, unbroadcast } from './rules.ts';

export const input: Operation<'input'> = {
  infer: (_, { shape, dtype }) => ({ shape, dtype }),
  gradient: () => [],
};

export const constant: Operation<'constant'> = {
  infer: (_, { data, shape }) => {
    require(data.length === sizeOf(shape), `has ${data.length} values for a shape of ${sizeOf(shape)}`);
    return { shape, dtype: data instanceof Float32Array ? 'float32' : 'int32' };
  },
  gradient: () => [],
};

type Binary = 'add' | 'subtract' | 'multiply' | 'divide' | 'maximum' | 'minimum';
type Unary = 'negate' | 'exponential' | 'logarithm' | 'squareRoot' | 'sigmoid' | 'step' | 'silu';

function binary<Name extends Binary>(
  gradient: (a: Tensor, b: Tensor, upstream: Tensor) => readonly [Tensor, Tensor],
): Operation<Name> {
  return {
    infer: ([a, b]) => {
      requireFloat(a, b);
      return float32(broadcastShapes(a.shape, b.shape));
    },
    gradient: ({ inputs: [a, b] }, upstream) => {
      const [da, db] = gradient(a, b, upstream);
      return [unbroadcast(da, a.shape), unbroadcast(db, b.shape)];
    },
  };
}

function unary<Name extends Unary>(
  gradient: (x: Tensor, upstream: Tensor, y: Tensor) => Tensor | undefined,
): Operation<Name> {
  return {
    infer: ([x]) => {
      requireFloat(x);
      return float32(x.shape);
    },
    gradient: ({ inputs: [x] }, upstream, value) => [gradient(x, upstream, value)],
  };
}

/** d(a + b) = da + db */
export const addition = binary<'add'>((_a, _b, g) => [g, g]);

/** d(a - b) = da - db */
export const subtraction = binary<'subtract'>((_a, _b, g) => [g, negate(g)]);

/** d(a b) = b da + a db */
export const multiplication = binary<'multiply'>((a, b, g) => [multiply(g, b), multiply(g, a)]);

/** d(a / b) = da / b - (a / b) db / b */
export const division = binary<'divide'>((a, b, g) => {
  const da = divide(g, b);
  return [da, negate(multiply(da, divide(a, b)))];
});

/** d max(a, b) = da where a > b, else db */
export const maximum = binary<'maximum'>((a, b, g) => {
  const first = step(subtract(a, b));
  return [multiply(g, first), multiply(g, subtract(1, first))];
});

/** d min(a, b) = da where a < b, else db */
export const minimum = binary<'minimum'>((a, b, g) => {
  const first = step(subtract(b, a));
  return [multiply(g, first), multiply(g, subtract(1, first))];
});

/** d(-x) = -dx */
export const negation = unary<'negate'>((_x, g) => negate(g));

/** d exp(x) = exp(x) dx */
export const exponentiation = unary<'exponential'>((_x, g, y) => multiply(g, y));

/** d log(x) = dx / x */
export const naturalLogarithm = unary<'logarithm'>((x, g) => divide(g, x));

/** d sqrt(x) = dx / (2 sqrt(x)) */
export const root = unary<'squareRoot'>((_x, g, y) => divide(multiply(g, 0.5), y));

/** d sigmoid(x) = s (1 - s) dx */
export const logistic = unary<'sigmoid'>((_x, g, s) => multiply(g, multiply(s, subtract(1, s))));

/** The unit step has no gradient (it is zero almost everywhere). */
export const unitStep = unary<'step'>(() => undefined);

/** silu(x) = x sigmoid(x); d silu = s (1 + x (1 - s)) dx = (y + s (1 - y)) dx with y = silu(x) */
export const sigmoidLinear: Operation<'silu'> = {
  ...unary<'silu'>((x, g, y) => multiply(g, add(y, multiply(sigmoid(x), subtract(1, y))))),
  expand: ({ inputs: [x] }) => multiply(x, sigmoid(x)),
};
