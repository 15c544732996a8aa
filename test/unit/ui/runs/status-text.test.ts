import assert from 'node:assert/strict';
import { test } from 'node:test';
import { statusText } from '../../../../src/ui/runs/status-text.ts';
import { runView, t } from '../fixtures.ts';

const text = (...runs: Parameters<typeof runView>[0][]): string => statusText(runs.map(runView), t).text;

test('one run is named with its share and time left', () => {
  assert.equal(
    text({ fraction: 0.43, secondsLeft: 300 }),
    '$(sync~spin) Parlance: Pretrained on look-alike text 43 % · 5 min',
  );
  assert.equal(
    text({ phase: 'preparing' }),
    '$(sync~spin) Parlance: Pretrained on look-alike text preparing',
  );
});

test('several runs are counted, each kind apart', () => {
  const several = text(
    {},
    { phase: 'preparing' },
    { phase: 'queued' },
    { phase: 'paused' },
    { phase: 'finished' },
  );
  assert.equal(several, '$(sync~spin) Parlance: 2 running, 1 paused, 1 queued');
});

test('nothing spins where nothing computes', () => {
  assert.equal(text({ phase: 'paused' }, { phase: 'queued' }), '$(debug-pause) Parlance: 1 paused, 1 queued');
  assert.equal(text({ phase: 'finished' }), '$(beaker) Parlance');
});

test('a screen reader hears the words without the icon', () => {
  assert.doesNotMatch(statusText([runView()], t).spoken, /\$\(/);
});
