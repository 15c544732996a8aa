import assert from 'node:assert/strict';
import { test } from 'node:test';
import { presets } from '../../../src/experiments/config/presets.ts';
import { claimsDocument } from '../../claims/report.ts';
import { findings } from './synthetic.ts';

const part = {
  preset: 'small' as const,
  command: 'npm run claims -- --generic <generic> --domain <letters>',
  sizes: presets.small,
};

test('the document has a verdict for each claim and domain, the part and every method’s perplexity', () => {
  const text = claimsDocument([findings(), { ...findings(), domain: 'minutes' }], part);
  assert.match(text, /\| claim \| letters \| minutes \|/);
  assert.match(text, /\| 18\. .* \| held \| held \|/);
  assert.match(text, /2026-03-01, commit abc1234, a processor/);
  assert.match(text, /processor time, .*: letters 1 min 00 s \(seeds 1, 2, 3\); minutes/);
  for (const method of ['slm-nopt', 'slm-is', 'llm', 'slm-d'])
    assert.match(text, new RegExp(`\\| ${method} \\|`));
  assert.match(
    text,
    /\| method \| before fine-tuning \|( \S+ in-domain \|){3}( \S+ after \S+ pretraining \|)+/,
  );
  assert.match(text, /\| slm-is-cont as the preset has it \|/);
  for (const row of text.split('\n').filter((line) => line.startsWith('|')))
    assert.ok(!row.includes('NaN'), row);
});

test('the in-domain sizes of the best small methods are those of the domain, not of the preset', () => {
  const rows = claimsDocument([findings()], part).match(/^\| letters, \S+ \|/gm);
  assert.deepEqual(rows, ['| letters, 1k |', '| letters, 8k |']);
});

const measuredBy = (commit: string) => ({
  ...findings(),
  circumstances: [{ date: '2026-03-02', commit, processor: 'a processor' }],
});

test('a domain of one seed says so, and each time and place of measuring stands once', () => {
  const [first, second] = [measuredBy('abc1234'), measuredBy('def5678')];
  const one = { ...first, seeds: [1], circumstances: [...first.circumstances, ...second.circumstances] };
  const text = claimsDocument([one, { ...second, domain: 'minutes' }], part);
  assert.match(text, /\| claim \| letters \(one seed\) \| minutes \|/);
  assert.match(text, /with one seed nothing can be undecided/);
  assert.deepEqual(text.match(/commit \w+/g), ['commit abc1234', 'commit def5678']);
});

test('what a person wrote, and the part of another preset, stay when a part is written again', () => {
  const first = claimsDocument([findings()], part);
  const both = claimsDocument([findings()], { ...part, preset: 'paper' }, `${first}\nMine.\n`);
  assert.deepEqual(both.match(/^## .*$/gm), ['## Preset small', '## Preset paper']);
  const again = claimsDocument([measuredBy('def5678')], part, both);
  assert.deepEqual(again.match(/^## .*$/gm), ['## Preset small', '## Preset paper']);
  assert.deepEqual(again.match(/commit \w+/g), ['commit def5678', 'commit abc1234']);
  assert.match(again, /\nMine\.\n/);
});
