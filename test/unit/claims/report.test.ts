import assert from 'node:assert/strict';
import { test } from 'node:test';
import { presets } from '../../../src/experiments/config/presets.ts';
import { claimsDocument } from '../../claims/report.ts';
import { findings } from './synthetic.ts';

const circumstances = {
  date: '2026-03-01',
  commit: 'abc1234',
  processor: 'a processor',
  cores: 2,
  jobs: 2,
  command: 'npm run claims -- --generic <generic> --domain <letters>',
  sizes: presets.small,
};

test('the document has a verdict for each claim and domain, the circumstances and every method’s perplexity', () => {
  const text = claimsDocument([findings(), { ...findings(), domain: 'minutes' }], circumstances);
  assert.match(text, /\| claim \| letters \| minutes \|/);
  assert.match(text, /\| 18\. .* \| held \| held \|/);
  assert.match(text, /2026-03-01, commit abc1234, a processor, 2 cores/);
  for (const method of ['slm-nopt', 'slm-is-cont', 'llm', 'slm-d'])
    assert.match(text, new RegExp(`\\| ${method} \\|`));
  for (const row of text.split('\n').filter((line) => line.startsWith('|')))
    assert.ok(!row.includes('NaN'), row);
});

test('what a person wrote below the marker stays when the document is written again', () => {
  const first = claimsDocument([findings()], circumstances);
  const written = `${first}\nslm-mix did not cross over.\n`;
  const again = claimsDocument([findings(() => 1.1)], circumstances, written);
  assert.ok(again.endsWith('\nslm-mix did not cross over.\n'));
  assert.equal(again.match(/<!-- notes -->/g)?.length, 1);
});
