import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainDisplay } from '../../../src/cli/display/plain.ts';
import { RunProgress } from '../../../src/experiments/runs/run-progress.ts';
import type { StageEvent } from '../../../src/pipeline/stage-event.ts';

test('in a pipe, progress is told every five seconds at most, starts always, reused stages never', () => {
  const clock = { ms: 0 };
  const lines: string[] = [];
  const display = plainDisplay(
    (line) => lines.push(line),
    () => clock.ms,
  );
  const progress = new RunProgress(() => clock.ms);
  const tell = (rest: Pick<StageEvent, 'state'> & object): void => {
    const event = { fingerprint: 'a', kind: 'pretrain', label: 'pretrain', ...rest } as StageEvent;
    progress.onStage(event);
    display.onStage(event, progress);
  };
  tell({ state: 'reused' });
  tell({ state: 'started', resumed: false } as StageEvent);
  for (; clock.ms < 11_000; clock.ms += 100) {
    tell({ state: 'progress', fraction: clock.ms / 20_000, message: `at ${clock.ms}` } as StageEvent);
  }
  assert.deepEqual(
    lines.map((line) => line.split(' (')[0]),
    ['started   pretrain', 'progress  at 5000', 'progress  at 10000'],
  );
});
