import assert from 'node:assert/strict';
import { test } from 'node:test';
import { comparison } from '../../../../src/ui/runs/comparison.ts';
import { measurement, runView, t } from '../fixtures.ts';

const before = measurement({ phase: 'before fine-tuning', perplexity: 200 });

test('a measurement stands in one line with the perplexity before fine-tuning and its costs', () => {
  const run = runView({ measurements: [before, measurement()] });
  const text = comparison([{ run, configuration: {} }], t);
  assert.match(
    text,
    /\| A \| factbook \| slm-is \| 1 \| 1M \| 20k \| 200\.0 \| 60\.91 \| 59\.08 \| 1\.00 TFLOP, 1 min 00 s \| 100 GFLOP, 6 s \|/,
  );
  assert.equal(text.match(/\| A \| factbook \| slm-is \| 1 \|/g)?.length, 1);
});

test('what was fine-tuned stands beside the model that was pretrained for the same in-domain set', () => {
  const made = ([size, perplexity]: readonly [number | 'all', number]) => [
    measurement({ phase: 'before fine-tuning', perplexity, requestedDomainTokens: size }),
    measurement({ perplexity: perplexity / 10, requestedDomainTokens: size }),
  ];
  const run = runView({
    measurements: (
      [
        [2048, 400],
        ['all', 300],
      ] as const
    ).flatMap(made),
  });
  const text = comparison([{ run, configuration: {} }], t);
  assert.match(text, /\| 400\.0 \| 40\.00 \|/);
  assert.match(text, /\| 300\.0 \| 30\.00 \|/);
});

test('a model that was never fine-tuned keeps its line', () => {
  const text = comparison([{ run: runView({ measurements: [before] }), configuration: {} }], t);
  assert.match(text, /\| 200\.0 \| – \|/);
});

test('only settings that differ are listed, by their path', () => {
  const text = comparison(
    [
      { run: runView(), configuration: { context: 128, pretraining: { budgets: [1, 2], batch: 8 } } },
      { run: runView(), configuration: { context: 128, pretraining: { budgets: [1, 3], batch: 8 } } },
    ],
    t,
  );
  assert.match(text, /\| pretraining\.budgets \| \\\[1,2\\\] \| \\\[1,3\\\] \|/);
  assert.doesNotMatch(text, /context|batch/);
});

test('names cannot break the table or become markup', () => {
  const text = comparison([{ run: runView({ title: '<b>a|b</b>' }), configuration: {} }], t);
  assert.doesNotMatch(text, /<b>|[^\\]a\|b/);
});
