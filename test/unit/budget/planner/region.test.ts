import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stepsOutside } from '../../../../src/budget/planner/region.ts';

const at = (budget: number, domainTokens: number) => ({ budget, domainTokens });
/** Budgets 1, 2, 4 at the smallest size, sizes 1, 4, 16 at the largest budget: steps of two and of four. */
const CROSSING = [at(1, 1), at(2, 1), at(4, 1), at(4, 4), at(4, 16)];

function near(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) < 1e-9, `${actual} is not ${expected}`);
}

test('a measured place and all between measured places are inside', () => {
  for (const place of [...CROSSING, at(3, 1), at(4, 9), at(2, 4), at(3, 3)]) {
    assert.equal(stepsOutside(CROSSING, place), 0, JSON.stringify(place));
  }
});

test('a step of the grid beyond the largest or the smallest is one step outside, on either axis', () => {
  near(stepsOutside(CROSSING, at(8, 1)), 1);
  near(stepsOutside(CROSSING, at(4, 64)), 1);
  near(stepsOutside(CROSSING, at(0.5, 1)), 1);
  near(stepsOutside(CROSSING, at(16, 1)), 2);
});

test('a budget and a size that were measured, but never together, are outside', () => {
  near(stepsOutside(CROSSING, at(1, 16)), Math.SQRT2);
  near(stepsOutside(CROSSING, at(1, 4)), Math.SQRT1_2);
});

test('of places on one line everything beside the line is outside; of none everything is', () => {
  const line = [at(1, 1), at(2, 1), at(4, 1)];
  near(stepsOutside(line, at(2, 4)), 2);
  assert.equal(stepsOutside([], at(1, 1)), Number.POSITIVE_INFINITY);
});
