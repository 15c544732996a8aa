import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  formatBytes,
  formatCompact,
  formatCount,
  formatEstimate,
  formatFlops,
  formatFlopsTick,
  formatLocalTime,
  formatPerplexity,
  formatPlural,
  formatRange,
  formatSeconds,
  formatTime,
  formatZone,
} from '../../../src/common/format.ts';

test('perplexities have four significant digits', () => {
  assert.deepEqual([8.0431, 17.3, 227.13, 1234.4, 12_345].map(formatPerplexity), [
    '8.043',
    '17.30',
    '227.1',
    '1234',
    '12,350',
  ]);
});

test('a range whose ends print alike is one number', () => {
  assert.equal(formatRange(82.312, 85.02), '82.31 to 85.02');
  assert.equal(formatRange(82.3111, 82.3112), '82.31');
  assert.equal(formatRange(1100, 1900, formatCompact), '1.1k to 1.9k');
  assert.equal(formatRange(1100, 1101, formatCompact), '1.1k');
  assert.equal(formatRange(1100, 1900, formatCompact, '–'), '1.1k–1.9k');
});

test('tokens have a prefix, chosen after rounding', () => {
  assert.deepEqual([0, 999, 1234, 50_000, 999_999, 1_240_000, 3.4e9].map(formatCompact), [
    '0',
    '999',
    '1.2k',
    '50k',
    '1M',
    '1.2M',
    '3.4B',
  ]);
});

test('floating-point operations have three digits and a prefix, on an axis as many as they need', () => {
  assert.deepEqual([0, 512, 3.4e12, 7e15].map(formatFlops), [
    '0 FLOP',
    '512 FLOP',
    '3.40 TFLOP',
    '7.00 PFLOP',
  ]);
  assert.equal(formatFlops(1.9e26), '190 YFLOP');
  assert.deepEqual([2e14, 5e15].map(formatFlopsTick), ['200 TFLOP', '5 PFLOP']);
});

test('times have their two leading units and never 60 of the lesser one', () => {
  assert.deepEqual([0, 1.2e-60, 0.42, 9.7, 59.6, 130, 3599.7, 3900, 86_390, 273_600].map(formatSeconds), [
    '0 s',
    '0 s',
    '0.42 s',
    '9.7 s',
    '1 min 00 s',
    '2 min 10 s',
    '1 h 00 min',
    '1 h 05 min',
    '1 d 0 h',
    '3 d 4 h',
  ]);
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1e7, noNaN: true }), (value) => {
      assert.doesNotMatch(formatSeconds(value), /\b(60 s|60 min|24 h)\b/);
    }),
  );
});

test('counts are grouped, bytes prefixed, nouns numbered, times cut to the minute', () => {
  assert.equal(formatCount(1_234_567), '1,234,567');
  assert.deepEqual([512, 1_240_000].map(formatBytes), ['512 B', '1.2 MB']);
  assert.deepEqual([formatPlural(1, 'seed'), formatPlural(3, 'seed')], ['1 seed', '3 seeds']);
  assert.equal(formatTime('2026-03-01T11:25:40.000Z'), '2026-03-01 11:25 UTC');
  assert.equal(formatTime('yesterday'), 'yesterday');
});

test('what is predicted is told no finer than it can be known', () => {
  assert.deepEqual([0.2, 4.4, 42, 58, 490, 625, 2550, 3590, 3700, 9400].map(formatEstimate), [
    '1 s',
    '4 s',
    '40 s',
    '1 min',
    '8 min',
    '10 min',
    '45 min',
    '1 h 00 min',
    '1 h 00 min',
    '2 h 40 min',
  ]);
  assert.deepEqual(
    [9.5, 12.3, 400, 1300, 480_000].map((days) => formatEstimate(days * 86_400)),
    ['9 d 12 h', '12 d', '400 d', '3.6 years', '1,300 years'],
  );
});

test('a time on the reader’s clock is that of the zone, which is named by its distance from UTC', (t) => {
  const before = process.env.TZ;
  t.after(() => {
    if (before === undefined) delete process.env.TZ;
    else process.env.TZ = before;
  });
  const iso = '2026-03-01T23:25:30.000Z';
  const said = (zone: string): string => {
    process.env.TZ = zone;
    return `${formatLocalTime(iso)} ${formatZone(new Date(iso))}`;
  };
  assert.equal(said('UTC'), '2026-03-01 23:25 UTC');
  assert.equal(said('Europe/Berlin'), '2026-03-02 00:25 UTC+1');
  assert.equal(said('America/St_Johns'), '2026-03-01 19:55 UTC-3:30');
  assert.equal(formatLocalTime('never'), 'never');
});
