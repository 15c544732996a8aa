/** What a projected network starts with. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ModelSize } from '../../../src/common/model-size.ts';
import type { HostTensor } from '../../../src/engines/engine.ts';
import { initialWeights } from '../../../src/models/parameterization.ts';
import {
  expertVector,
  initialProjectedWeights,
  type ProjectionShape,
  projectWeights,
} from '../../../src/models/projected.ts';
import { weightSpecifications } from '../../../src/models/size.ts';

const size: ModelSize = { layers: 2, width: 8, heads: 2, feedForward: 12, context: 4, vocabulary: 10 };

/** The plain model of one expert. */
function expertOf(
  of: ModelSize,
  shape: ProjectionShape,
  state: Readonly<Record<string, HostTensor>>,
  at: number,
) {
  const only = new Float32Array(shape.experts).fill(1, at, at + 1);
  return projectWeights(of, state, expertVector(shape, state, only));
}

test('projected matrices start with the standard deviation of the plain model, experts unlike each other', () => {
  const wide: ModelSize = { ...size, width: 16, feedForward: 48 };
  const many = { experts: 24, slabs: 5, expertWidth: 4 };
  const state = initialProjectedWeights(wide, many, 3);
  const plain = initialWeights(wide, 3);
  const experts = Array.from({ length: many.experts }, (_, i) => expertOf(wide, many, state, i));
  for (const { name, initialization } of weightSpecifications(wide)) {
    if (!name.includes('mlp') || initialization === 'ones') {
      assert.deepEqual(experts[3][name], plain[name]);
      continue;
    }
    const squares = experts.flatMap((weights) => [...weights[name].data].map((x) => x * x));
    const deviation = Math.sqrt(squares.reduce((sum, x) => sum + x) / squares.length);
    assert.ok(Math.abs(deviation / initialization.standardDeviation - 1) < 0.35, `${name}: ${deviation}`);
    assert.notDeepEqual(experts[0][name].data, experts[1][name].data);
  }
});

test('a network of one slab or one number an expert starts as one model for all clusters', () => {
  for (const single of [
    { experts: 2, slabs: 1, expertWidth: 3 },
    { experts: 2, slabs: 3, expertWidth: 1 },
  ]) {
    const state = initialProjectedWeights(size, single, 1);
    const [a, b] = [0, 1].map((i) => expertOf(size, single, state, i));
    assert.deepEqual(a, b);
    for (const { data } of Object.values(state)) assert.ok(data.every(Number.isFinite));
  }
});
