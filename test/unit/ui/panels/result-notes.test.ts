/** What stands above a panel's figures. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resultNotes } from '../../../../src/ui/panels/result-notes.ts';
import { syntheticResults } from '../../../fixtures/results.ts';

const { measurements } = syntheticResults({ domains: ['letters', 'minutes'] });
const own = { recordedOn: undefined, created: '2026-01-02T03:04:05Z' };
const whole = {
  domains: ['letters', 'minutes'],
  measurements,
  hasReport: true,
  isGoingOn: false,
  runs: [own],
};

test('nothing is said of an experiment that was measured whole on this machine, nor before anything was', () => {
  assert.deepEqual(resultNotes(whole), []);
  assert.deepEqual(resultNotes({ ...whole, measurements: [], hasReport: false, isGoingOn: true }), []);
});

test('domains that were not measured are named with what recommends for them, once no run will measure them', () => {
  const more = { ...whole, domains: ['letters', 'minutes', 'notes'] };
  assert.match(resultNotes(more)[0], /^notes was not measured\. “Plan for Budgets…” .* for it from/);
  assert.match(
    resultNotes({ ...more, domains: [...more.domains, 'orders'] })[0],
    /^notes and orders were not measured\. .* for them from/,
  );
  const [living, ...others] = resultNotes({ ...more, isGoingOn: true });
  assert.match(living, /^Runs are going on/);
  assert.deepEqual(others, []);
});

test('what figures rest on is said: sizes without a report, times of another machine', () => {
  const recorded = { ...own, recordedOn: 'a laptop' };
  const [sizes, times, ...others] = resultNotes({ ...whole, hasReport: false, runs: [recorded, recorded] });
  assert.match(sizes, /until a run ends with a report/);
  assert.match(times, /recorded on 2026-01-02, .* \(a laptop\)\.$/);
  assert.deepEqual(others, []);
});
