/** A model that fine-tuning made worse is told, in the report too, with the likely reason; others are not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Measurement } from '../../../../src/budget/measurement.ts';
import { resultText } from '../../../../src/cli/result-text.ts';
import { tokens } from '../../../../src/common/units.ts';
import { reportMarkdown } from '../../../../src/experiments/report/markdown.ts';
import { reportHtml } from '../../../../src/experiments/report/page.ts';
import { fineTuningHarm, harmInWords } from '../../../../src/experiments/results/fine-tuning-harm.ts';
import type { ExperimentResults } from '../../../../src/experiments/results/results.ts';
import { syntheticResults } from '../../../fixtures/results.ts';

const template = syntheticResults({ domains: ['letters'] });

function measured(method: string, size: number, perplexity: number, seed = 1): Measurement {
  const { requestedDomainTokens: _template, stopping: _other, ...own } = template.measurements[0];
  return {
    ...own,
    method,
    seed,
    perplexity,
    pretrainingTokens: tokens(method === 'slm-nopt' ? 0 : 1e6),
    domainTokens: tokens(size),
    ...(size > 0 && { requestedDomainTokens: size }),
    phase: size === 0 ? 'before fine-tuning' : 'after fine-tuning',
  };
}

/** Before fine-tuning on a set by which the model was chosen or made. */
function chosenFor(set: number | 'all', method: string, perplexity: number): Measurement {
  return { ...measured(method, 0, perplexity), requestedDomainTokens: set };
}

const harmOf = (own: readonly Measurement[]) => fineTuningHarm(own, template.methods);

const stoppedBy = (one: Measurement, validationTokens: number): Measurement => ({
  ...one,
  stopping: { ending: 'patience', validationTokens: tokens(validationTokens) },
});

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

function withValidation(
  validation: number,
  own: readonly Measurement[] = measurements,
): ExperimentResults & { readonly harm: readonly string[] } {
  const corpora = template.corpora.map((corpus) => ({
    ...corpus,
    tokens: { ...corpus.tokens, validation: tokens(validation) },
  }));
  return { ...template, measurements: own, corpora, harm: harmInWords(harmOf(own), corpora) };
}

test('models are compared with themselves before fine-tuning: same method, seed and pretraining', () => {
  assert.deepEqual(harmOf(measurements), [
    {
      domain: 'letters',
      method: 'slm',
      seed: 1,
      pretrainingTokens: 1e6,
      domainTokens: 8192,
      before: 116,
      after: 808,
    },
  ]);
});

// Measured on stackexchange: the expert for all in-domain text is another than that for 2,048 tokens.
test('a model that was chosen for an in-domain set is the start of what is fine-tuned on that set alone', () => {
  const tuned = measured('slm-mix', 2048, 35.54);
  const [own, other] = [chosenFor(2048, 'slm-mix', 37.05), chosenFor('all', 'slm-mix', 33.29)];
  for (const order of [
    [own, other],
    [other, own],
  ]) {
    assert.deepEqual(harmOf([...order, tuned]), []);
  }
  assert.deepEqual(harmOf([other, tuned]), [], 'its own start was not measured');
  const worse = measured('slm-mix', 2048, 40);
  assert.deepEqual(
    harmOf([own, other, worse]).map(({ before, after }) => [before, after]),
    [[37.05, 40]],
  );
});

test('nothing is said of a method that chooses among fine-tuned models: what was measured before is another expert', () => {
  const own = [chosenFor(2048, 'slm-mix', 30), measured('slm-mix', 2048, 40)];
  const others = [measured('slm', 0, 30), measured('slm', 2048, 40)];
  const methods = template.methods.map((one) => ({ ...one, choosesTuned: one.id === 'slm-mix' }));
  const harmed = (all: readonly Measurement[]) => fineTuningHarm(all, methods).map(({ method }) => method);
  assert.deepEqual(harmed([...own, ...others]), ['slm']);
  const results = { ...template, methods, measurements: own };
  for (const text of [reportMarkdown(results), resultText(results, 100)]) {
    assert.doesNotMatch(text.replace(/\s+/g, ' '), /made slm-mix worse/);
  }
});

test('a perplexity that is no number makes no model worse', () => {
  const broken = [Number.NaN, Number.POSITIVE_INFINITY].map((one) => measured('slm', 2048, one));
  assert.deepEqual(harmOf([measured('slm', 0, 116), ...broken]), []);
});

test('the report says what got worse, from what to what, and why it may be', () => {
  for (const [validation, reason] of [
    [900, /900 tokens\) is too little/],
    [90_000, /near-copies/],
  ] as const) {
    const results = withValidation(validation);
    const [words, ...others] = results.harm;
    assert.deepEqual(others, []);
    assert.match(words, /^Fine-tuning made slm worse on letters: held-out perplexity 116\S* before, 808/);
    assert.match(words, /\(1M pretraining tokens, 8,192 in-domain tokens, seed 1\)/);
    assert.match(words, reason);
    assert.ok(reportHtml(results).includes('Fine-tuning made slm worse on letters'));
    assert.ok(reportMarkdown(results).includes('Fine-tuning made slm worse on letters'));
  }
  const better = withValidation(900, measurements.slice(0, 2));
  assert.ok(!reportHtml(better).includes('Fine-tuning made'));
});

test('what decided when to stop is the reason, however much validation text there is beside', () => {
  const before = measured('slm', 0, 116);
  const harmed = (size: number, read: number) => [before, stoppedBy(measured('slm', size, 200), read)];
  const few = withValidation(90_000, harmed(2048, 4096)).harm[0];
  assert.match(few, /the 4,096 tokens of validation text that decide when a set of this size stops/);
  assert.doesNotMatch(few, /add files/, 'no more would be read of them');
  assert.match(withValidation(900, harmed(2048, 900)).harm[0], /900 tokens\) is too little/);
  assert.match(withValidation(90_000, harmed(16_384, 16_052)).harm[0], /near-copies/);
});
