import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json } from '../../../../src/common/json.ts';
import type { HeldOutText } from '../../../../src/experiments/results/held-out-text.ts';
import {
  type ComparableRun,
  choosingMethods,
  comparisonWarnings,
  runDifferences,
  runNames,
} from '../../../../src/experiments/runs/run-comparison.ts';
import { measurement } from '../../ui/fixtures.ts';

const versions = {
  parlance: '0.1.0',
  node: 'v20',
  engine: 'auto',
  platform: 'linux',
  processor: 'AMD EPYC',
  threads: 2,
};
const text: HeldOutText = { documents: 2, bytes: 4000, names: 'n1', contents: 'c1', tokenizer: 't1' };

function run(
  changes: Partial<ComparableRun> = {},
  record: Partial<ComparableRun['record']> = {},
): ComparableRun {
  return {
    record: {
      title: 'factbook',
      created: '2026-03-01T11:25:00.000Z',
      seeds: [1],
      methods: ['slm'],
      engine: 'auto',
      configuration: { context: 128, methods: ['slm'], pretraining: { budgets: [1, 2], batch: 8 } },
      versions,
      ...record,
    },
    corpora: { factbook: 'aaaaaaaaaa', generic: 'bbbbbbbbbb' },
    measurements: [measurement({ method: 'slm' })],
    heldOut: { factbook: text },
    ...changes,
  };
}

const differing = (...runs: readonly ComparableRun[]) =>
  runDifferences(runs).map(({ setting, values }) => [setting, ...values]);

test('runs that were asked alike differ in nothing', () => {
  assert.deepEqual(differing(run(), run()), []);
});

test('what differs is named: settings by their path, methods, seeds, text, engine and version', () => {
  const other = run(
    {
      corpora: { factbook: 'cccccccccc', generic: 'bbbbbbbbbb' },
      heldOut: { factbook: { ...text, contents: 'c2', tokenizer: 't2', engine: 'tensorflow' } },
    },
    {
      seeds: [1, 2],
      methods: ['slm-is'],
      configuration: { context: 128, methods: ['slm-is'], pretraining: { budgets: [1, 3], batch: 8 } },
      versions: { ...versions, parlance: '0.2.0' },
    },
  );
  assert.deepEqual(differing(run(), other), [
    ['pretraining.budgets', '[1,2]', '[1,3]'],
    ['methods', 'slm', 'slm-is'],
    ['seeds', '1', '1, 2'],
    ['text of factbook', 'aaaaaaaa', 'cccccccc'],
    ['held-out text of factbook', '2 documents, 4000 bytes (c1)', '2 documents, 4000 bytes (c2)'],
    ['tokenizer on factbook', 't1', 't2'],
    ['engine', 'auto', 'tensorflow'],
    ['Parlance', '0.1.0', '0.2.0'],
  ]);
});

test('the same held-out text and tokenizer compare, whatever the rest of the corpus', () => {
  const renamed = run({ heldOut: { factbook: { ...text, names: 'n2' } }, corpora: { factbook: 'other' } });
  assert.deepEqual(comparisonWarnings([run(), renamed]), []);
});

test('other held-out text is told, by groups of runs', () => {
  const other = run({ heldOut: { factbook: { ...text, contents: 'c2' } } });
  assert.deepEqual(comparisonWarnings([run(), other, run()]), [
    'Not comparable on factbook: measured on other held-out text (A and C; B).',
  ]);
});

test('another tokenizer makes perplexity incomparable, and bits per byte not', () => {
  const other = run({ heldOut: { factbook: { ...text, tokenizer: 't2' } } });
  assert.deepEqual(comparisonWarnings([run(), other]), [
    'Perplexity is not comparable on factbook: it is per token, and the tokenizers differ (A; B). Bits per byte can be compared.',
  ]);
});

test('evaluations that were cleaned away are compared by their corpora, or not known', () => {
  const gone = run({ heldOut: {} });
  assert.deepEqual(comparisonWarnings([run(), gone]), []);
  assert.deepEqual(comparisonWarnings([run(), run({ heldOut: {}, corpora: { factbook: 'other' } })]), [
    'Whether B measured the same held-out text of factbook is not known: the corpora differ, and the evaluations were cleaned away.',
  ]);
});

test('a domain that one run alone measured asks for no comparison', () => {
  const elsewhere = run({ measurements: [measurement({ domain: 'letters' })], heldOut: { letters: text } });
  assert.deepEqual(comparisonWarnings([run(), elsewhere]), []);
});

test('runs are named by letters, further than Z', () => {
  assert.deepEqual(runNames(3), ['A', 'B', 'C']);
  assert.deepEqual(runNames(28).slice(25), ['Z', 'AA', 'AB']);
});

test('which methods chose among fine-tuned models is told by the settings of their run, as far as they say it', () => {
  const choosing = (configuration: Json, methods: readonly string[] = ['slm', 'slm-mix']) =>
    choosingMethods(run({}, { configuration, methods: [...methods] }));
  assert.deepEqual(choosing({ mixture: { choice: 'best fine-tuned' } }), ['slm-mix']);
  assert.deepEqual(choosing({ mixture: { choice: 'best fine-tuned' } }, ['slm']), []);
  assert.deepEqual(choosing({ mixture: { choice: 'modal' } }), []);
  assert.deepEqual(choosing({ context: 128 }), []);
});
