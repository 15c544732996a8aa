import assert from 'node:assert/strict';
import { test } from 'node:test';
import { presets } from '../../../src/experiments/config/presets.ts';
import { claimsDocument } from '../../claims/report.ts';
import { findings } from './synthetic.ts';

const circumstances = {
  preset: 'small' as const,
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

test('what a person wrote, and the part of another preset, stay when a part is written again', () => {
  const first = claimsDocument([findings()], circumstances);
  const both = claimsDocument([findings()], { ...circumstances, preset: 'paper' }, `${first}\nMine.\n`);
  assert.deepEqual(both.match(/^## .*$/gm), ['## Preset small', '## Preset paper']);
  const again = claimsDocument([findings(() => 1.1)], { ...circumstances, commit: 'def5678' }, both);
  assert.deepEqual(again.match(/^## .*$/gm), ['## Preset small', '## Preset paper']);
  assert.deepEqual(again.match(/commit \w+/g), ['commit def5678', 'commit abc1234']);
  assert.match(again, /\nMine\.\n/);
});
