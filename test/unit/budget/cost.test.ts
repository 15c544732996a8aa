import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bookedWork, breakEvenDomains, totalCost } from '../../../src/budget/cost.ts';
import { interpolateLog, paretoFront } from '../../../src/budget/frontier.ts';
import {
  formatAmount,
  parseAmount,
  parseCount,
  parseInferenceLimit,
} from '../../../src/budget/planner/amounts.ts';
import { flops, seconds, tokens } from '../../../src/common/units.ts';

test('the paper’s caps break even after five domains: 650 GPU-hours once against 130 for each', () => {
  const projected = { generic: 650, specialization: 0.02 };
  const sampled = { generic: 0, specialization: 130 };
  assert.equal(totalCost(projected, 7), 650.14);
  assert.deepEqual(breakEvenDomains(projected, sampled), { kind: 'from', domains: 6 });
  assert.deepEqual(breakEvenDomains(sampled, projected), { kind: 'up to', domains: 5 });
});

test('a method that costs no more in either part is always cheaper, and one that costs no less never', () => {
  const cheap = { generic: 1, specialization: 1 };
  assert.deepEqual(breakEvenDomains(cheap, { generic: 2, specialization: 1 }), { kind: 'always' });
  assert.deepEqual(breakEvenDomains(cheap, { generic: 1, specialization: 2 }), { kind: 'always' });
  assert.deepEqual(breakEvenDomains(cheap, cheap), { kind: 'never' });
  assert.deepEqual(breakEvenDomains({ generic: 2, specialization: 1 }, cheap), { kind: 'never' });
});

test('break-even agrees with the total costs on both of its sides', () => {
  const cost = fc.record({ generic: fc.nat(1000), specialization: fc.nat(50) });
  fc.assert(
    fc.property(cost, cost, (a, b) => {
      const isCheaper = (domains: number): boolean => totalCost(a, domains) < totalCost(b, domains);
      const found = breakEvenDomains(a, b);
      const expected = (domains: number): boolean => {
        if (found.kind === 'always' || found.kind === 'never') return found.kind === 'always';
        return found.kind === 'from' ? domains >= found.domains : domains <= found.domains;
      };
      for (const domains of [1, 2, 3, 5, 10, 100, 1000, 2000]) {
        assert.equal(expected(domains), isCheaper(domains), `${domains} ${JSON.stringify(found)}`);
      }
      if (found.kind === 'from') assert.ok(!isCheaper(found.domains - 1) || found.domains === 1);
      if (found.kind === 'up to') assert.ok(!isCheaper(found.domains + 1));
    }),
  );
});

test('a ledger adds up by booking, and an hour of the device is a device-hour', () => {
  const entry = {
    fingerprint: 'f',
    kind: 'pretrain',
    label: 'l',
    booking: 'generic' as const,
    flops: flops(10),
    seconds: seconds(1800),
    tokens: tokens(5),
    computedHere: true,
  };
  const work = bookedWork([entry, entry, { ...entry, booking: 'specialization' }], 'generic');
  assert.deepEqual(work, { stages: 2, flops: 20, seconds: 3600, deviceHours: 1, tokens: 10 });
});

test('the front has what none beats, cheapest first, and of equal points one', () => {
  const points = [
    { cost: 3, perplexity: 8 },
    { cost: 1, perplexity: 10 },
    { cost: 1, perplexity: 10 },
    { cost: 2, perplexity: 11 },
    { cost: 2, perplexity: 9 },
    { cost: 5, perplexity: 8 },
  ];
  assert.deepEqual(
    paretoFront(points, (point) => point).map(({ cost, perplexity }) => [cost, perplexity]),
    [
      [1, 10],
      [2, 9],
      [3, 8],
    ],
  );
});

test('between two points a perplexity lies on the line in logarithms', () => {
  const [a, b] = [
    { cost: 1, perplexity: 40 },
    { cost: 16, perplexity: 10 },
  ];
  for (const [cost, expected] of [
    [1, 40],
    [4, 20],
    [16, 10],
  ]) {
    assert.ok(Math.abs(interpolateLog(a, b, cost) - expected) < 1e-9, `${cost}`);
  }
});

test('amounts are read as people write them, and nothing else is', () => {
  assert.deepEqual(parseAmount('2e15'), { unit: 'FLOPs', value: 2e15 });
  assert.deepEqual(parseAmount('2PFLOP'), { unit: 'FLOPs', value: 2e15 });
  assert.deepEqual(parseAmount('1.5 TFLOPs'), { unit: 'FLOPs', value: 1.5e12 });
  assert.deepEqual(parseAmount('90s'), { unit: 'seconds', value: 90 });
  assert.deepEqual(parseAmount('20min'), { unit: 'seconds', value: 1200 });
  assert.deepEqual(parseAmount('2h'), { unit: 'seconds', value: 7200 });
  assert.deepEqual(parseInferenceLimit('1.3M'), { unit: 'parameters', value: 1.3e6 });
  assert.deepEqual(parseInferenceLimit('500kFLOP'), { unit: 'FLOPs per token', value: 5e5 });
  assert.deepEqual(['1.2k', '4.1k', '2.5', '0.5', '1.2345k'].map(parseCount), [
    1200,
    4100,
    undefined,
    undefined,
    undefined,
  ]);
  assert.equal(parseInferenceLimit('0'), undefined);
  for (const text of ['', 'much', '-1', '2 parsecs', '1e', '1e999', 'NaN', '0x10']) {
    assert.equal(parseAmount(text), undefined, text);
    assert.equal(parseInferenceLimit(text), undefined, text);
  }
  assert.equal(formatAmount({ unit: 'FLOPs', value: 2e15 }), '2.00 PFLOP');
});
