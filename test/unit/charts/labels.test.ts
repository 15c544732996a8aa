import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { spreadLabels } from '../../../src/charts/labels.ts';

test('labels that do not collide stay where they wish to be', () => {
  assert.deepEqual(spreadLabels([80, 20, 50], 18, 0, 100), [80, 20, 50]);
});

test('labels that wish for one place stand evenly around it', () => {
  assert.deepEqual(spreadLabels([50, 50, 50], 10, 0, 100), [40, 50, 60]);
});

test('labels keep their distance, their order and their bounds', () => {
  const wishes = fc.array(fc.double({ min: 0, max: 300, noNaN: true }), { minLength: 1, maxLength: 16 });
  fc.assert(
    fc.property(wishes, (wished) => {
      const placed = spreadLabels(wished, 18, 0, 300);
      const order = wished.map((_, index) => index).sort((a, b) => placed[a] - placed[b]);
      assert.ok(
        placed.every((place) => place >= -1e-9 && place <= 300 + 1e-9),
        `${placed}`,
      );
      for (let i = 1; i < order.length; i++) {
        assert.ok(placed[order[i]] - placed[order[i - 1]] >= 18 - 1e-9, `${placed}`);
        assert.ok(wished[order[i]] >= wished[order[i - 1]]);
      }
    }),
  );
});

test('more labels than fit share the room equally', () => {
  assert.deepEqual(spreadLabels([5, 5, 5], 50, 0, 20), [0, 10, 20]);
});
