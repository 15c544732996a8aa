/** What a card says, and that it says nothing which was not measured. The card of a real run is in test/integration/cli. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Measurement } from '../../../../src/budget/measurement.ts';
import { formatCount, formatFlops, formatPerplexity } from '../../../../src/common/format.ts';
import type { Json } from '../../../../src/common/json.ts';
import { flops, seconds, tokens } from '../../../../src/common/units.ts';
import type { Ingredients } from '../../../../src/experiments/export/ingredients.ts';
import { type CardSubject, modelCard } from '../../../../src/experiments/export/model-card.ts';
import type { Origin } from '../../../../src/experiments/export/origin.ts';
import type { ExperimentResults } from '../../../../src/experiments/results/results.ts';
import { inferenceFlopsPerToken } from '../../../../src/models/size.ts';
import { syntheticResults } from '../../../fixtures/results.ts';

const size = { layers: 1, width: 8, heads: 2, feedForward: 16, context: 32, vocabulary: 300 };
const subject: CardSubject = {
  title: 'A model',
  size,
  origin: { kind: 'unknown' },
  format: 'hf',
  kept: { type: 'f32', stored: ['F32'], halfShare: 0 },
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
    figures: [{ measurement, seeds: [measurement] }],
    ingredients: { isPartial: false },
  };
  const card = modelCard({ ...subject, origin, kept: { ...subject.kept, type: 'f16' } });
  assert.match(card, /\*\*Budgets\*\*/);
  assert.match(card, /\| mail \| Held out of mail and in part in the generic corpus \|/);
  assert.match(card, new RegExp(`this model is that of seed ${measurement.seed}`));
  assert.match(card, /with the rounded ones of this folder nothing was measured/);
  const clean = modelCard({ ...subject, origin: { ...origin, results: { ...results, textNotes: [] } } });
  assert.match(clean, /No text that is held out was found in what was trained on\./);
  assert.doesNotMatch(clean, /rounded ones|Validation text chose/);
  const tuning = { rate: 0.5, weightDecay: 0.01, replay: 0, tried: 2 };
  const figures = [{ measurement: { ...measurement, tuning }, seeds: [measurement] }];
  const chosen = modelCard({ ...subject, origin: { ...origin, figures } });
  assert.match(chosen, /chose it among 2 trainings: rates × 0\.5, weight decay 0\.01, no replay\./);
});

function cardOf(
  method: string,
  phase: Measurement['phase'],
  changes: Partial<ExperimentResults> = {},
  ingredients: Partial<Ingredients> = {},
): string {
  const results = { ...syntheticResults(), ...changes };
  const measurement = results.measurements.find((one) => one.method === method && one.phase === phase);
  assert.ok(measurement !== undefined);
  const figures = [{ measurement, seeds: [measurement] }];
  const origin: Origin = {
    kind: 'measured',
    results,
    figures,
    ingredients: { isPartial: false, ...ingredients },
  };
  return modelCard({ ...subject, origin });
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

test('inference costs what the report says, and the windows that it is priced by are named', () => {
  const { models, methods } = syntheticResults();
  const served = methods.find(({ id }) => id === 'slm')?.model;
  const context = models.find(({ name }) => name === served)?.context ?? assert.fail();
  const priced = inferenceFlopsPerToken({ ...size, context });
  assert.notEqual(priced, inferenceFlopsPerToken(size));
  const card = cardOf('slm', 'after fine-tuning');
  assert.ok(
    card.includes(`in windows of ${formatCount(context)} tokens) | ${formatFlops(priced)} a token |`),
  );
});

test('a model from elsewhere is named where one was begun with, its terms hold, and what it read is not known', () => {
  for (const method of ['slm-is-cont', 'slm-pn', 'slm-mix']) {
    const card = cardOf(method, 'after fine-tuning', { textNotes: [] }, { given: 'llama_1b' });
    assert.match(card, /It began with a model from elsewhere, llama\\_1b\. It (was pretrained|is one of)/);
    assert.match(card, /Seeds [\d, ]+, each with its own order of the text/);
    assert.match(
      card,
      /was found in what was trained on here; what llama\\_1b had read before is not known\./,
    );
    assert.match(card, /It was made from llama\\_1b: the terms under which that was given hold too\./);
  }
  const taught = cardOf('slm-d', 'after fine-tuning', { textNotes: [] }, { givenTeacher: 'llama_8b' });
  assert.match(taught, /distilled from began with one from elsewhere, llama\\_8b\./);
  assert.match(taught, /each with its own initial weights/);
  assert.match(taught, /made from llama\\_8b: the terms/);
  const own = cardOf('slm-is', 'after fine-tuning', { textNotes: [] });
  assert.doesNotMatch(own, /from elsewhere|terms/);
  assert.match(own, /each with its own initial weights/);
});

test('in-domain text that pretraining held is told, and how much', () => {
  const late = cardOf(
    'slm-is',
    'before fine-tuning',
    {},
    { mixed: { share: 0.3, isAtMost: true, part: 'last' } },
  );
  assert.match(late, /mixed into its pretraining: up to 30 % of its last part/);
  const whole = cardOf(
    'slm',
    'after fine-tuning',
    {},
    { mixed: { share: 0.05, isAtMost: false, part: 'all' } },
  );
  assert.match(whole, /mixed into its pretraining: 5 % of its tokens\./);
  assert.doesNotMatch(cardOf('slm', 'after fine-tuning'), /mixed into/);
});

test('a model that was made for no domain has the figures of each that it was measured on, and their notes', () => {
  const results = syntheticResults();
  const onAll = results.measurements.filter(
    ({ method, phase, seed, requestedDomainTokens }) =>
      method === 'slm' && phase === 'before fine-tuning' && seed === 1 && requestedDomainTokens === undefined,
  );
  const [one, other] = onAll.filter(({ domain }, i) => onAll.findIndex((m) => m.domain === domain) === i);
  const textNotes = [one, other].map(({ domain }) => ({ corpus: domain, text: `about ${domain}` }));
  const figures = [one, other].map((measurement) => ({ measurement, seeds: [measurement] }));
  const ingredients = { isPartial: false };
  const measured: Origin = { kind: 'measured', results: { ...results, textNotes }, figures, ingredients };
  const made: Origin = {
    kind: 'made',
    label: 'pretrain small',
    fingerprint: 'f'.repeat(64),
    cost: {
      generic: { flops: flops(1), seconds: seconds(1), tokens: tokens(1) },
      specialization: { flops: flops(0), seconds: seconds(0), tokens: tokens(0) },
      isLess: false,
    },
    ingredients,
    figures,
  };
  for (const origin of [measured, made]) {
    const card = modelCard({ ...subject, origin });
    assert.match(card, new RegExp(`for the domains ${one.domain} and ${other.domain}, seed 1`));
    for (const { domain, perplexity } of [one, other]) {
      assert.ok(card.includes(`On held-out text of ${domain}: `));
      assert.ok(card.includes(`| Perplexity | ${formatPerplexity(perplexity)} |`));
    }
  }
  const card = modelCard({ ...subject, origin: measured });
  for (const { text } of textNotes) assert.ok(card.includes(text));
  assert.match(modelCard({ ...subject, origin: { ...made, figures: [] } }), /no run of its storage has one/);
});
