/** The report's charts: whatever is chosen, something stands there, and at first a chart. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { viewsOf } from '../../../../src/budget/views.ts';
import { flops } from '../../../../src/common/units.ts';
import { figuresHtml } from '../../../../src/experiments/report/figures.ts';
import { syntheticResults } from '../../../fixtures/results.ts';

test('each pair of choices shows a chart or says why there is none, and the pair shown first a chart', () => {
  const results = syntheticResults({ domains: ['letters'], methods: ['slm', 'slm-is'], seeds: [1] });
  // Fine-tuning on much text is dear, so that no method is within the lower costs for each domain there.
  const measurements = results.measurements.map((one) => ({
    ...one,
    specializationFlops: flops(one.specializationFlops + one.domainTokens * 1e8),
  }));
  const html = figuresHtml(results, viewsOf(measurements));
  const groups = html.split('<section class="budget"').slice(1);
  assert.ok(groups.length > 4);
  for (const group of groups) {
    const values = (pattern: RegExp) => [...group.matchAll(pattern)].map(([, value]) => value);
    const places = values(/class="(?:note )?placed" (data-axis="\d+" data-size="\d+")/g);
    assert.equal(new Set(places).size, places.length);
    const [axes, sizes] = ['axis', 'size'].map((name) =>
      Math.max(1, values(new RegExp(`value="(${name}-\\d+)"`, 'g')).length),
    );
    assert.equal(places.length, axes * sizes);
    const [axis, size] = ['axis', 'size'].map(
      (name) => values(new RegExp(`value="${name}-(\\d+)" checked`, 'g'))[0],
    );
    const isShown = (place: string): boolean =>
      (axis === undefined || place.includes(`data-axis="${axis}"`)) &&
      (size === undefined || place.includes(`data-size="${size}"`));
    const [first, ...others] = values(/<figure class="placed" ([^>]*)>/g).filter(isShown);
    assert.ok(first !== undefined && others.length === 0, group.slice(0, 200));
  }
  assert.match(
    html,
    /<p class="note placed" data-axis="0" data-size="\d">No method is within this cost\.<\/p>/,
  );
});
