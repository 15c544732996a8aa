import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatLocalTime, formatZone } from '../../../../src/common/format.ts';
import type { LoggedEvent, RunEvent } from '../../../../src/experiments/runs/events.ts';
import { LogText } from '../../../../src/ui/runs/log-text.ts';
import { measurement, t } from '../fixtures.ts';

const time = new Date('2026-03-01T11:25:07.123Z');
const logged = (events: readonly RunEvent[]): LoggedEvent[] =>
  events.map((event, sequence) => ({ sequence, time: time.toISOString(), event }));
const progress = (fraction: number): RunEvent => ({
  type: 'stage',
  event: {
    fingerprint: 'a',
    kind: 'pretrain',
    label: 'pretrain',
    state: 'progress',
    fraction,
    message: 'loss 4',
  },
});

test('events become lines with their time, in words', () => {
  const log = new LogText(t);
  log.add(
    logged([
      { type: 'state', state: 'failed', message: 'The disk is full.', hint: 'Free some space.' },
      { type: 'measurement', measurement: measurement() },
    ]),
  );
  assert.deepEqual(log.text().split('\n'), [
    `Times are ${formatZone(time)}.`,
    `${formatLocalTime(time.toISOString())}:07  The run: failed · The disk is full. · Free some space.`,
    `${formatLocalTime(time.toISOString())}:07  Pretrained on look-alike text (slm-is) on factbook, seed 1, after fine-tuning: held-out perplexity 60.91 (1.5000 bits per byte), validation 59.08`,
  ]);
});

test('progress is written again only after a noticeable step, and at the end', () => {
  const log = new LogText(t);
  log.add(logged([0, 0.01, 0.04, 0.06, 0.07, 1].map(progress)));
  assert.deepEqual(log.text().match(/\d+ %/g), ['0 %', '6 %', '100 %']);
});

test('events that come a second time are not written twice', () => {
  const log = new LogText(t);
  const events = logged([progress(0), progress(1)]);
  log.add(events.slice(0, 1));
  log.add(events);
  assert.equal(log.text().split('\n').length, 1 + 2);
});
