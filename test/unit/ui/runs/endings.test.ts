import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ENDED_BY_SYSTEM } from '../../../../src/experiments/runs/run-view.ts';
import { endings } from '../../../../src/ui/runs/endings.ts';
import { runView } from '../fixtures.ts';

test('runs that finish one after another are told together, when the last has ended', () => {
  const running = [runView({ id: 'a' }), runView({ id: 'b' })];
  const first = endings([], running);
  const half = endings(first.awaited, [runView({ id: 'a', phase: 'finished' }), running[1]]);
  assert.deepEqual(half.finished, []);
  const both = running.map(({ id }) => runView({ id, phase: 'finished' }));
  const last = endings(half.awaited, both);
  assert.deepEqual(last.finished, [both]);
  assert.deepEqual(last.awaited, []);
});

test('a failure is told at once, and once', () => {
  const runs = [runView({ id: 'a', phase: 'lost' }), runView({ id: 'b' })];
  const news = endings(endings([], [runView({ id: 'a' }), runs[1]]).awaited, runs);
  assert.deepEqual(news.failed, [runs[0]]);
  assert.deepEqual(endings(news.awaited, runs).failed, []);
});

test('what ended before anyone looked, or was stopped by the user, is no news', () => {
  assert.deepEqual(endings([], [runView({ phase: 'finished' }), runView({ phase: 'failed' })]), {
    finished: [],
    failed: [],
    awaited: [],
  });
  const { awaited } = endings([], [runView()]);
  for (const phase of ['interrupted', 'cancelled'] as const) {
    const news = endings(awaited, [runView({ phase })]);
    assert.deepEqual([news.finished, news.failed, news.awaited], [[], [], []]);
  }
});

test('a run that the system ended is news, as one that was lost', () => {
  const run = runView({ phase: 'interrupted', message: ENDED_BY_SYSTEM });
  assert.deepEqual(endings(endings([], [runView()]).awaited, [run]).failed, [run]);
});
