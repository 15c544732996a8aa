import assert from 'node:assert/strict';
import { test } from 'node:test';
import { minimize } from '../../../src/common/minimize.ts';
import { assertClose } from '../../support/compare.ts';

const stopping = { leastGain: 1e-12, mostEvaluations: 200 };

/** sum_i c_i (x_i - i)^2 */
const quadratic = (scales: readonly number[]) => async (point: Float64Array) => ({
  value: point.reduce((sum, x, i) => sum + scales[i] * (x - i) ** 2, 0),
  gradient: point.map((x, i) => 2 * scales[i] * (x - i)),
});

/** Rosenbrock's valley, its minimum at (1, 1). */
const valley = async ([x, y]: Float64Array) => ({
  value: (1 - x) ** 2 + 100 * (y - x * x) ** 2,
  gradient: Float64Array.of(-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)),
});

test('the minimum is found, of a function whose scales differ by a thousand and along a bent valley', async () => {
  const found = await minimize(new Float64Array(4).fill(7), quadratic([1, 1000, 30, 5]), stopping);
  assertClose(found.point, Float64Array.of(0, 1, 2, 3), 1e-5, 'quadratic');
  const bent = await minimize(Float64Array.of(-1.2, 1), valley, stopping);
  assertClose(bent.point, Float64Array.of(1, 1), 1e-5, 'valley');
});

test('it ends when a step gains little, at the limit of evaluations, and where nothing is lower', async () => {
  const counted = async (leastGain: number, mostEvaluations: number) => {
    const seen: number[] = [];
    const found = await minimize(
      Float64Array.of(-1.2, 1),
      async (point) => {
        const at = await valley(point);
        seen.push(at.value);
        return at;
      },
      { leastGain, mostEvaluations },
    );
    assert.equal(found.evaluations, seen.length);
    assert.equal(found.value, Math.min(...seen));
    return seen.length;
  };
  assert.ok((await counted(1, 200)) < (await counted(1e-9, 200)));
  assert.equal(await counted(0, 5), 5);
  const flat = async () => ({ value: 3, gradient: new Float64Array(2) });
  const nowhere = await minimize(Float64Array.of(1, 2), flat, stopping);
  assert.deepEqual([...nowhere.point, nowhere.value, nowhere.evaluations], [1, 2, 3, 1]);
});

test('noise in the value ends it instead of ever shorter steps', async () => {
  let calls = 0;
  const noisy = async (point: Float64Array) => {
    const at = await quadratic([1, 20, 3])(point);
    return { ...at, value: at.value + 1e-4 * Math.sin(1e3 * ++calls) };
  };
  const found = await minimize(new Float64Array(3).fill(4), noisy, { leastGain: 1e-3, mostEvaluations: 200 });
  assert.ok(found.evaluations < 30, `${found.evaluations}`);
  assertClose(found.point, Float64Array.of(0, 1, 2), 0.05, 'point');
});

test('a first step that was too long does not spoil what is learnt of the curvature', async () => {
  const steep = quadratic([3000, 3000, 3000]);
  const found = await minimize(Float64Array.of(0.001, 1.001, 2.001), steep, {
    leastGain: 1e-9,
    mostEvaluations: 40,
  });
  assert.ok(found.evaluations < 15 && found.value < 1e-8, `${found.evaluations}: ${found.value}`);
});
