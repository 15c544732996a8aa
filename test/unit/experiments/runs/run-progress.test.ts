import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flops, seconds, tokens } from '../../../../src/common/units.ts';
import { RunProgress } from '../../../../src/experiments/runs/run-progress.ts';
import type { StageEvent } from '../../../../src/pipeline/stage-event.ts';

const cost = { flops: flops(0), seconds: seconds(1), tokens: tokens(0) };
const event = (fingerprint: string, rest: object): StageEvent =>
  ({ fingerprint, kind: 'pretrain', label: fingerprint, ...rest }) as StageEvent;

function begun() {
  const clock = { ms: 0 };
  const progress = new RunProgress(() => clock.ms);
  progress.predict(
    new Map([
      ['a', { expected: 100, maximum: 100 }],
      ['b', { expected: 50, maximum: 100 }],
      ['c', { expected: 50, maximum: 100 }],
    ]),
  );
  return { clock, progress };
}

test('the share done and the time left follow the predicted work and the measured speed', () => {
  const { clock, progress } = begun();
  assert.equal(progress.secondsLeft, undefined);
  progress.onStage(event('a', { state: 'started', resumed: false }));
  progress.onStage(event('a', { state: 'progress', fraction: 0, message: '' }));
  clock.ms = 10_000;
  progress.onStage(event('a', { state: 'progress', fraction: 0.5, message: '' }));
  assert.equal(progress.fraction, 0.25);
  assert.equal(progress.secondsLeft, 30);
  assert.equal(progress.current?.secondsLeft, 10);
});

test('a resumed stage does not count as work what was there before', () => {
  const { clock, progress } = begun();
  progress.onStage(event('a', { state: 'started', resumed: true }));
  progress.onStage(event('a', { state: 'progress', fraction: 0.8, message: '' }));
  clock.ms = 10_000;
  progress.onStage(event('a', { state: 'progress', fraction: 0.9, message: '' }));
  assert.equal(progress.fraction, 0.45);
  assert.ok(Math.abs((progress.secondsLeft ?? 0) - 110) < 1e-6);
});

test('a fine-tuning that stops early counts as all that was expected of it, and no stage as more', () => {
  const { progress } = begun();
  progress.onStage(event('b', { state: 'started', resumed: false }));
  progress.onStage(event('b', { state: 'progress', fraction: 0.9, message: '' }));
  assert.equal(progress.fraction, 0.25);
  progress.onStage(event('b', { state: 'finished', cost }));
  assert.equal(progress.fraction, 0.25);
  progress.onStage(event('c', { state: 'reused' }));
  assert.equal(progress.fraction, 0.5);
});
