import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pretrainingsInWords } from '../../../src/cli/plan.ts';

test('the pretrainings of a method are told with their budgets, in-domain sets, domains and seeds', () => {
  const places = [
    { budget: 262_000, domainTokens: ['all', 4100] },
    { budget: 66_000, domainTokens: ['all'] },
  ] as const;
  assert.equal(
    pretrainingsInWords({ method: 'slm-is', count: 6, part: 'whole', places }, 1, 2),
    'slm-is pretrains for each domain: 262k tokens for each of 2 in-domain sets (all of it, 4.1k tokens); 66k tokens for one in-domain set (all of it). For 1 domain and 2 seeds that is 6 pretrainings.',
  );
});
