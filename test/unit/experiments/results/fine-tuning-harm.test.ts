/** A model that fine-tuning made worse is told, in the report too, with the likely reason; others are not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Measurement } from '../../../../src/budget/measurement.ts';
import { tokens } from '../../../../src/common/units.ts';
import { reportMarkdown } from '../../../../src/experiments/report/markdown.ts';
import { reportHtml } from '../../../../src/experiments/report/page.ts';
import { fineTuningHarm, harmInWords } from '../../../../src/experiments/results/fine-tuning-harm.ts';
import type { ExperimentResults } from '../../../../src/experiments/results/results.ts';
import { syntheticResults } from '../../../fixtures/results.ts';

const template = syntheticResults({ domains: ['letters'] });

function measured(method: string, size: number, perplexity: number, seed = 1): Measurement {
  return {
    ...template.measurements[0],
    method,
    seed,
    perplexity,
    pretrainingTokens: tokens(method === 'slm-nopt' ? 0 : 1e6),
    domainTokens: tokens(size),
    phase: size === 0 ? 'before fine-tuning' : 'after fine-tuning',
  };
}

const measurements = [
  measured('slm', 0, 116),
  measured('slm', 2048, 90),
  measured('slm', 8192, 808),
  measured('slm-is', 0, 77, 1),
  measured('slm-is', 0, 200, 2),
  measured('slm-is', 2048, 150, 2),
  measured('slm-is', 2048, 77.5, 1),
  measured('slm-nopt', 2048, 500),
];

function withValidation(validation: number): ExperimentResults {
  const corpora = template.corpora.map((corpus) => ({
    ...corpus,
    tokens: { ...corpus.tokens, validation: tokens(validation) },
  }));
  return { ...template, measurements, corpora };
}

test('models are compared with themselves before fine-tuning: same method, seed and pretraining', () => {
  assert.deepEqual(fineTuningHarm(measurements), [
    { domain: 'letters', method: 'slm', seed: 1, domainTokens: 8192, before: 116, after: 808 },
  ]);
});

test('the report says what got worse, from what to what, and why it may be', () => {
  for (const [validation, reason] of [
    [900, /900 tokens\) is too little/],
    [90_000, /near-copies/],
  ] as const) {
    const results = withValidation(validation);
    const [words, ...others] = harmInWords(fineTuningHarm(measurements), results.corpora);
    assert.deepEqual(others, []);
    assert.match(words, /^Fine-tuning made slm worse on letters: held-out perplexity 116\S* before, 808/);
    assert.match(words, reason);
    assert.ok(reportHtml(results).includes('Fine-tuning made slm worse on letters'));
    assert.ok(reportMarkdown(results).includes('Fine-tuning made slm worse on letters'));
  }
  const better = { ...withValidation(900), measurements: measurements.slice(0, 2) };
  assert.ok(!reportHtml(better).includes('Fine-tuning made'));
});
