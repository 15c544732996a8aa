/** The optimizers against their published formulas. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Random } from '../../../src/common/random.ts';
import { OnnxRuntimeEngine } from '../../../src/engines/onnxruntime/engine.ts';
import { input, matmul } from '../../../src/graph/build.ts';
import type { Tensor } from '../../../src/graph/tensor.ts';
import { adamW } from '../../../src/training/optimizers/adamw.ts';
import { muon, orthogonalize } from '../../../src/training/optimizers/muon.ts';
import type { Optimizer } from '../../../src/training/optimizers/optimizer.ts';
import { assertClose } from '../../support/compare.ts';
import { symmetricEigenvalues } from '../../support/eigenvalues.ts';
import { productFlops } from '../../support/product-flops.ts';
import { evaluate } from '../../support/reference.ts';

const engine = new OnnxRuntimeEngine({ threads: 2 });
after(() => engine.dispose());

const scalars = {
  rate: input('rate', [], 'batch'),
  correction1: input('correction1', [], 'batch'),
  correction2: input('correction2', [], 'batch'),
};

function normals(length: number, seed: number): Float32Array {
  const random = Random.fromSeed(seed, 'optimizers');
  return Float32Array.from({ length }, () => random.normal());
}

const adam = { learningRate: 0.02, beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1 };

/** AdamW as Loshchilov and Hutter (2019, algorithm 2) write it, on one number. */
function writtenAdamW(start: number, gradients: readonly number[], rates: readonly number[], decay: number) {
  let [w, m, v] = [start, 0, 0];
  gradients.forEach((g, i) => {
    const t = i + 1;
    m = adam.beta1 * m + (1 - adam.beta1) * g;
    v = adam.beta2 * v + (1 - adam.beta2) * g * g;
    const mHat = m / (1 - adam.beta1 ** t);
    const vHat = v / (1 - adam.beta2 ** t);
    w -= rates[i] * adam.learningRate * (mHat / (Math.sqrt(vHat) + adam.epsilon) + decay * w);
  });
  return w;
}

for (const decayed of [true, false]) {
  test(`AdamW ${decayed ? 'with' : 'without'} decay follows the published formula over ten steps`, async () => {
    const shape = [3, 4];
    const [w, m, v] = ['w', 'm', 'v'].map((name) => input(name, shape, 'state'));
    const updated = adamW(adam).update(w, input('g', shape, 'batch'), {
      moments: [m, v],
      scalars,
      decay: decayed,
    });
    const [m2, v2] = updated.moments;
    const executable = await engine.compile({
      name: 'adamw',
      updates: { w: updated.value, m: m2, v: v2 },
      metrics: {},
    });
    const zeros = { shape, data: new Float32Array(12) };
    const start = normals(12, 1);
    const state = engine.createState({ w: { shape, data: start }, m: zeros, v: zeros });
    const gradients = Array.from({ length: 10 }, (_, i) => normals(12, 10 + i));
    const rates = gradients.map((_, i) => 1 - i / 20);
    for (const [i, g] of gradients.entries()) {
      await executable.step(state, {
        g,
        rate: Float32Array.of(rates[i]),
        correction1: Float32Array.of(1 / (1 - adam.beta1 ** (i + 1))),
        correction2: Float32Array.of(1 / (1 - adam.beta2 ** (i + 1))),
      });
    }
    const expected = Array.from(start, (value, k) =>
      writtenAdamW(
        value,
        gradients.map((g) => g[k]),
        rates,
        decayed ? adam.weightDecay : 0,
      ),
    );
    assertClose((await state.read()).w.data, expected, 1e-5, 'weights');
  });
}

for (const [rows, columns] of [
  [6, 14],
  [14, 6],
  [10, 10],
  [1, 9],
]) {
  test(`orthogonalizing a ${rows} x ${columns} matrix brings its singular values to about one`, () => {
    const x = input('x', [rows, columns], 'batch');
    const o = orthogonalize(x);
    const gram = rows <= columns ? matmul(o, o, { transposeB: true }) : matmul(o, o, { transposeA: true });
    for (let seed = 0; seed < 20; seed++) {
      const [squares] = evaluate([gram], { x: normals(rows * columns, seed) });
      for (const square of symmetricEigenvalues(squares, Math.min(rows, columns))) {
        const singular = Math.sqrt(square);
        assert.ok(singular > 0.7 && singular < 1.3, `seed ${seed}: singular value ${singular}`);
      }
    }
  });
}

test('orthogonalizing keeps the singular vectors: a positive definite matrix goes to the identity', () => {
  const b = input('b', [5, 5], 'batch');
  const o = orthogonalize(matmul(b, b, { transposeB: true }));
  const [value] = evaluate([o], {
    b: Float32Array.from(normals(25, 4), (x, i) => x + (i % 6 === 0 ? 4 : 0)),
  });
  const identity = Float64Array.from({ length: 25 }, (_, i) => (i % 6 === 0 ? 1 : 0));
  for (const [i, element] of value.entries()) assert.ok(Math.abs(element - identity[i]) < 0.3, `${element}`);
});

for (const shape of [
  [4, 6],
  [6, 4],
  [3, 5, 5],
]) {
  test(`the products in an update of ${shape.join(' x ')} are those that the optimizers state`, () => {
    const [w, before, g] = ['w', 'm', 'g'].map((name) => input(name, shape, 'batch'));
    const rows = input('rows', [...shape.slice(0, -1), 1], 'batch');
    const productsOf = (optimizer: Optimizer, moments: readonly Tensor[]) => {
      const { value, moments: after } = optimizer.update(w, g, { moments, scalars, decay: true });
      return productFlops([value, ...after]);
    };
    const settings = { learningRate: 0.01, momentum: 0.95, weightDecay: 0.1 };
    const [plain, rowwise] = [false, true].map((normalizesRows) => muon({ ...settings, normalizesRows }));
    assert.equal(productsOf(plain, [before]), plain.products(shape));
    assert.equal(productsOf(rowwise, [before, rows]), rowwise.products(shape));
    assert.ok(plain.products(shape) > 0);
    assert.equal(productsOf(adamW(adam), [before, before]), adamW(adam).products(shape));
  });
}

test('several matrices at once, along a leading axis, move and are orthogonalized as each does alone', () => {
  const [matrices, rows, columns] = [3, 4, 6];
  const length = rows * columns;
  const names = ['w', 'momentum', 'g'];
  const settings = { learningRate: 0.01, momentum: 0.95, weightDecay: 0.1, normalizesRows: false };
  const step = (shape: number[]) => {
    const [w, before, g] = names.map((name) => input(name, shape, 'batch'));
    const { value, moments } = muon(settings).update(w, g, { moments: [before], scalars, decay: true });
    return [value, ...moments, orthogonalize(g)];
  };
  // The scale of a gradient must not reach its neighbours.
  const given = names.map((_, i) =>
    normals(matrices * length, i).map((x, at) => x * 10 ** Math.floor(at / length)),
  );
  const values = (of: (all: Float32Array) => Float32Array) => ({
    ...Object.fromEntries(names.map((name, i) => [name, of(given[i])])),
    rate: [0.5],
  });
  const together = evaluate(
    step([matrices, rows, columns]),
    values((all) => all),
  );
  for (let at = 0; at < matrices; at++) {
    const own = <T extends Float32Array | Float64Array>(all: T) =>
      all.subarray(at * length, (at + 1) * length);
    const alone = evaluate(
      step([rows, columns]),
      values((all) => all.subarray(at * length, (at + 1) * length)),
    );
    for (const [i, value] of alone.entries())
      assertClose(own(together[i]), value, 1e-12, `matrix ${at}, value ${i}`);
  }
});

test('NorMuon follows its published steps: rows over the root of their mean squares, at AdamW’s root mean square', () => {
  const [rows, columns] = [3, 5];
  const settings = { learningRate: 0.01, momentum: 0.95, weightDecay: 0.1, normalizesRows: true };
  const shape = [rows, columns];
  const [w, before, g] = ['w', 'before', 'g'].map((name) => input(name, shape, 'batch'));
  const rowsBefore = input('rows', [rows, 1], 'batch');
  const optimizer = muon(settings);
  assert.deepEqual(
    optimizer.moments.map((moment) => optimizer.momentShape?.(moment, shape)),
    [shape, [rows, 1]],
  );
  const moved = optimizer.update(w, g, { moments: [before, rowsBefore], scalars, decay: true });
  const given = {
    w: normals(15, 1),
    before: normals(15, 2),
    g: normals(15, 3),
    rows: [0.2, 0.1, 0.4],
    rate: [0.5],
  };
  const lookahead = given.g.map((x, i) => 0.95 * (0.95 * given.before[i] + 0.05 * x) + 0.05 * x);
  const [orthogonal] = evaluate([orthogonalize(g)], { g: Float64Array.from(lookahead) });
  const rowMoments = given.rows.map((moment, row) => {
    const own = orthogonal.subarray(row * columns, (row + 1) * columns);
    return 0.95 * moment + 0.05 * (own.reduce((sum, x) => sum + x * x, 0) / columns);
  });
  const direction = orthogonal.map((x, i) => x / Math.sqrt(rowMoments[Math.floor(i / columns)]));
  const rootMeanSquare = Math.sqrt(direction.reduce((sum, x) => sum + x * x, 0) / (rows * columns));
  const expected = direction.map(
    (x, i) => given.w[i] * (1 - 0.5 * 0.01 * 0.1) - (0.5 * 0.01 * 0.2 * x) / rootMeanSquare,
  );
  const [value, , rowMoment] = evaluate([moved.value, ...moved.moments], given);
  assertClose(value, expected, 1e-6, 'weights');
  assertClose(rowMoment, Float64Array.from(rowMoments), 1e-6, 'row moments');
});

test('of no gradient NorMuon makes no step', () => {
  const shape = [2, 3];
  const [w, before, g] = ['w', 'before', 'g'].map((name) => input(name, shape, 'batch'));
  const settings = { learningRate: 0.01, momentum: 0.95, weightDecay: 0.1, normalizesRows: true };
  const moments = [before, input('rows', [2, 1], 'batch')];
  const { value } = muon(settings).update(w, g, { moments, scalars, decay: false });
  const zeros = new Float32Array(6);
  const own = normals(6, 1);
  const [after] = evaluate([value], { w: own, before: zeros, g: zeros, rows: [0, 0], rate: [1] });
  assert.deepEqual([...after], [...own]);
});

test('orthogonalizing zeros gives zeros, not NaN', () => {
  const [value] = evaluate([orthogonalize(input('x', [2, 3], 'batch'))], { x: new Float32Array(6) });
  assert.deepEqual([...value], [0, 0, 0, 0, 0, 0]);
});

for (const shape of [
  [8, 24],
  [24, 8],
]) {
  test(`a step of Muon on [${shape.join(', ')}] changes the elements by 0.2 of the learning rate (root mean square)`, () => {
    const [w, before] = [input('w', shape, 'state'), input('momentum', shape, 'state')];
    const settings = { learningRate: 0.01, momentum: 0.95, weightDecay: 0.1, normalizesRows: false };
    const { value, moments } = muon(settings).update(w, input('g', shape, 'batch'), {
      moments: [before],
      scalars,
      decay: true,
    });
    const count = shape[0] * shape[1];
    const g = normals(count, 7);
    const start = normals(count, 8);
    const given = {
      w: start,
      momentum: normals(count, 9),
      g,
      rate: [0.5],
      correction1: [1],
      correction2: [1],
    };
    const [moved, average] = evaluate([value, moments[0]], given);
    const kept = 1 - 0.5 * 0.01 * 0.1;
    const meanSquare = moved.reduce((sum, x, i) => sum + (x - kept * start[i]) ** 2, 0) / count;
    const relative = Math.sqrt(meanSquare) / (0.5 * 0.01);
    assert.ok(relative > 0.15 && relative < 0.25, `root mean square ${relative}`);
    assertClose(
      average,
      given.momentum.map((m, i) => 0.95 * m + 0.05 * g[i]),
      1e-6,
      'momentum',
    );
  });
}
