/** What a card says, and that it says nothing which was not measured. The card of a real run is in test/integration/cli. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Measurement } from '../../../../src/budget/measurement.ts';
import type { Json } from '../../../../src/common/json.ts';
import { type CardSubject, modelCard } from '../../../../src/experiments/export/model-card.ts';
import type { ExperimentResults } from '../../../../src/experiments/results/results.ts';
import { syntheticResults } from '../../../fixtures/results.ts';

const size = { layers: 1, width: 8, heads: 2, feedForward: 16, context: 32, vocabulary: 300 };
const subject: CardSubject = {
  title: 'A model',
  size,
  origin: { kind: 'unknown' },
  format: 'hf',
  weights: 'f32',
  licence: undefined,
};

test('of a model from elsewhere nothing is said but what its files are', () => {
  const card = modelCard(subject);
  assert.match(card, /is not known to Parlance/);
  assert.match(card, /## Licence\n\nNot stated\./);
  assert.doesNotMatch(card, /## How good it is|## What was spent|FLOP|perplexity/);
});

test('a model that was stopped early has what stands beside it, and what was not measured is said', () => {
  const stopped = {
    format: 1 as const,
    title: 'micro',
    method: 'slm',
    run: 'r1',
    stage: 'fine-tune',
    fingerprint: 'f1',
    stoppedAtStep: 50,
    ofSteps: 100,
    step: 40,
  };
  const without = modelCard({ ...subject, origin: { kind: 'stopped', stopped } });
  assert.match(without, /was stopped at step 50 of 100 and the weights of step 40 were kept/);
  assert.match(without, /It was not measured on held-out text\./);
  const heldOut = { domain: 'mail', perplexity: 80.25, bitsPerByte: 1.5 };
  const measured = modelCard({ ...subject, origin: { kind: 'stopped', stopped: { ...stopped, heldOut } } });
  assert.match(measured, /On held-out text of mail: perplexity 80\.25, 1\.5000 bits per byte\./);
});

test('what comes from names and from the user shows as it is and marks nothing up', () => {
  const card = modelCard({ ...subject, title: '<b>[x](y)</b>', licence: '| *free* |\n# now' });
  assert.match(card, /^# &lt;b&gt;\\\[x\\\](.*)&lt;\/b&gt;\n/);
  assert.match(card, /\n\\\| \\\*free\\\* \\\| \\# now\n/);
});

test('a measured model: its seeds, its costs, its text, and notes on contamination', () => {
  const results = syntheticResults();
  const measurement = results.measurements.find(({ phase }) => phase === 'after fine-tuning');
  assert.ok(measurement !== undefined);
  const notes = [{ corpus: 'mail', text: 'Held out of mail and in part in the generic corpus' }];
  const origin = {
    kind: 'measured' as const,
    results: { ...results, textNotes: notes },
    measurement,
    seeds: [measurement],
  };
  const card = modelCard({ ...subject, origin, weights: 'f16' });
  assert.match(card, /\*\*Budgets\*\*/);
  assert.match(card, /\| mail \| Held out of mail and in part in the generic corpus \|/);
  assert.match(card, new RegExp(`this model is that of seed ${measurement.seed}`));
  assert.match(card, /with the rounded ones of this folder nothing was measured/);
  const clean = modelCard({ ...subject, origin: { ...origin, results: { ...results, textNotes: [] } } });
  assert.match(clean, /No text that is held out was found in what was trained on\./);
  assert.doesNotMatch(clean, /rounded ones|Validation text chose/);
  const tuning = { rate: 0.5, weightDecay: 0.01, replay: 0, tried: 2 };
  const chosen = modelCard({ ...subject, origin: { ...origin, measurement: { ...measurement, tuning } } });
  assert.match(chosen, /chose it among 2 trainings: rates × 0\.5, weight decay 0\.01, no replay\./);
});

function cardOf(
  method: string,
  phase: Measurement['phase'],
  changes: Partial<ExperimentResults> = {},
): string {
  const results = { ...syntheticResults(), ...changes };
  const measurement = results.measurements.find((one) => one.method === method && one.phase === phase);
  assert.ok(measurement !== undefined);
  return modelCard({ ...subject, origin: { kind: 'measured', results, measurement, seeds: [measurement] } });
}

test('a pretraining that each domain pays is said to be in what a domain costs', () => {
  const own = cardOf('slm-is', 'after fine-tuning');
  assert.match(own, /\| Specialization \(paid for each domain, pretraining included\) \|/);
  assert.match(cardOf('slm', 'after fine-tuning'), /\| Specialization \(paid for each domain\) \|/);
  assert.doesNotMatch(own, /\| Pretraining|\d tokens \| – \|/);
  assert.match(own, /\n\nThe in-domain text behind it: [\d,]+ tokens\.\n/);
});

test('a model from scratch was trained and not fine-tuned', () => {
  const card = cardOf('slm-nopt', 'after fine-tuning');
  assert.match(card, /It was trained from scratch on .* in-domain tokens: /);
  assert.doesNotMatch(card, /It was not pretrained|It was fine-tuned/);
});

test('an expert is said to share its budget, and how', () => {
  const card = (mixture: Json, from: Json = {}) =>
    cardOf('slm-mix', 'after fine-tuning', { configuration: { mixture, from } });
  assert.match(
    card({ experts: 4, branching: true }),
    /one of 4 experts that share .* tokens: all branch off/,
  );
  assert.match(card({ experts: 4, branching: false }), /tokens: each was trained anew on its part of it\./);
  assert.match(
    card({ experts: 4, branching: true }, { small: {} }),
    /share a pretraining budget of [\d,]+ tokens\./,
  );
});

test('notes on other methods and other domains are left out', () => {
  const { corpora } = syntheticResults();
  const [own, other] = corpora.filter(({ role }) => role === 'domain').map(({ name }) => name);
  const textNotes = ['slm-mix', 'slm-pn', own, other].map((corpus) => ({
    corpus,
    text: `about ${corpus.replace(/\W/, '')} here`,
  }));
  const card = cardOf('slm-pn', 'after fine-tuning', { textNotes });
  const said = textNotes.filter(({ text }) => card.includes(text)).map(({ corpus }) => corpus);
  assert.deepEqual(said, ['slm-pn', own]);
});
