import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  longestChain,
  scheduledSeconds,
  type Task,
} from '../../../../src/experiments/estimation/schedule.ts';

const task = (id: string, seconds: number, ...inputs: string[]): Task => ({ id, seconds, inputs });

/** A long chain (a, b, c) beside five short tasks. */
const mixed = [
  task('x1', 1),
  task('x2', 1),
  task('x3', 1),
  task('a', 3),
  task('b', 3, 'a'),
  task('c', 3, 'b', 'a'),
  task('x4', 1),
  task('x5', 1),
];

test('on one device the work takes the sum of its tasks', () => {
  assert.equal(scheduledSeconds(mixed, 1), 14);
  assert.equal(scheduledSeconds([], 4), 0);
});

test('the longest chain goes first, and what is short fits beside it', () => {
  assert.equal(scheduledSeconds(mixed, 2), 9);
  assert.deepEqual(
    longestChain(mixed).map(({ id }) => id),
    ['a', 'b', 'c'],
  );
});

test('more devices than tasks side by side help no further', () => {
  const fan = [task('root', 2), ...['a', 'b', 'c', 'd'].map((id) => task(id, 5, 'root'))];
  assert.deepEqual(
    [1, 2, 4, 16].map((devices) => scheduledSeconds(fan, devices)),
    [22, 12, 7, 7],
  );
});

test('inputs that are not in the list are done already, and tasks of no time make ready what needs them', () => {
  const tasks = [task('text', 0, 'stored'), task('a', 4, 'text'), task('b', 4, 'text', 'stored')];
  assert.equal(scheduledSeconds(tasks, 2), 4);
});

test('a schedule is never shorter than the longest chain or its share of the work, nor than twice the longer of them', () => {
  const graphs = fc
    .array(
      fc.record({ seconds: fc.integer({ min: 0, max: 9 }), inputs: fc.array(fc.nat(30), { maxLength: 3 }) }),
      { maxLength: 30 },
    )
    .map((nodes) =>
      nodes.map(({ seconds, inputs }, i) =>
        task(`${i}`, seconds, ...inputs.filter((one) => one < i).map(String)),
      ),
    );
  fc.assert(
    fc.property(graphs, fc.integer({ min: 1, max: 6 }), (tasks, devices) => {
      const took = scheduledSeconds(tasks, devices);
      const chain = longestChain(tasks).reduce((sum, { seconds }) => sum + seconds, 0);
      const share = tasks.reduce((sum, { seconds }) => sum + seconds, 0) / devices;
      assert.ok(took >= Math.max(chain, share) - 1e-9);
      assert.ok(took <= chain + share + 1e-9);
    }),
  );
});
