import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Measurement } from '../../../../src/budget/measurement.ts';
import { flops, tokens } from '../../../../src/common/units.ts';
import { answersOf } from '../../../../src/experiments/results/answer.ts';
import type { MeasuredModel } from '../../../../src/experiments/results/experiment-models.ts';
import { modelRows } from '../../../../src/ui/sidebar/model-nodes.ts';
import { childrenOf } from '../../../../src/ui/sidebar/nodes.ts';
import { measurement, t } from '../fixtures.ts';

const size = { layers: 2, width: 96, heads: 3, feedForward: 256, context: 128, vocabulary: 1024 };
const measured = (changes: Partial<Measurement>, isCurrent = true): MeasuredModel => ({
  measurement: measurement(changes),
  model: { folder: `/store/${changes.fingerprint}`, size, parameters: 1_300_000, bytes: 5_200_000 },
  isCurrent,
});
const rows = (models: readonly MeasuredModel[]) => {
  const current = models.filter(({ isCurrent }) => isCurrent).map((one) => one.measurement);
  const answers = answersOf({ methods: METHODS, models: [] }, current);
  return modelRows([{ file: '/w/parlance.json', name: 'w', measured: models, kept: [], answers }], t);
};
const METHODS = [
  { id: 'slm', title: 'small, pretrained', model: 'small' },
  { id: 'slm-is', title: 'importance-sampled', model: 'small' },
  { id: 'llm', title: 'large, pretrained', model: 'large' },
] as const;

test('seeds of one point are one row with their mean, the method that the answer names first', () => {
  const [domain] = rows([
    measured({ method: 'llm', perplexity: 20, requestedDomainTokens: 'all', fingerprint: 'e' }),
    measured({ method: 'slm', perplexity: 90, requestedDomainTokens: 'all', fingerprint: 'a' }),
    measured({ seed: 1, perplexity: 50, requestedDomainTokens: 'all', fingerprint: 'b' }),
    measured({
      seed: 2,
      perplexity: 70,
      domainTokens: tokens(20_300),
      requestedDomainTokens: 'all',
      fingerprint: 'c',
    }),
    measured({ seed: 3, perplexity: 61, requestedDomainTokens: 'all', fingerprint: 'd' }),
  ]);
  assert.equal(domain.description, 'clear · use Pretrained on look-alike text · 3 methods');
  assert.match(
    domain.tooltip ?? '',
    /use Pretrained on look-alike text \(slm-is\): held-out perplexity 59\.77/,
  );
  const [first, second, ceiling] = childrenOf(domain);
  assert.equal(first.label, '59.77 · Pretrained on look-alike text (slm-is)');
  assert.match(first.tooltip ?? '', /59\.77 \(50\.00 to 70\.00\)/);
  assert.match(first.tooltip ?? '', /1\.5000 bits per byte[\s\S]*Perplexity: [\s\S]*Bits per byte: /);
  assert.match(
    first.description ?? '',
    /^use this, clear · validation 57\.97 · 1M generic \+ all 20k in-domain tokens · 3 seeds · 1\.3M parameters, 5\.2 MB/,
  );
  assert.deepEqual(
    childrenOf(first).map(({ subject }) => subject?.kind === 'model' && subject.folder),
    ['/store/b', '/store/c', '/store/d'],
  );
  assert.deepEqual([second.label, second.context], ['90.00 · Pretrained on generic text (slm)', 'model']);
  assert.equal(ceiling.label, '20.00 · Large model (llm)', 'over the cap, so not first though lowest');
});

test('what ties is marked, and the cheaper of the two stands first', () => {
  const [domain] = rows([
    measured({ perplexity: 60, requestedDomainTokens: 'all', fingerprint: 'a' }),
    measured({
      method: 'slm',
      perplexity: 60.2,
      requestedDomainTokens: 'all',
      genericFlops: flops(1),
      fingerprint: 'b',
    }),
  ]);
  assert.equal(domain.description, 'tie · use Pretrained on generic text · 2 methods');
  const marks = childrenOf(domain).map(({ icon, description }) => [icon?.name, description?.split(' · ')[0]]);
  assert.deepEqual(marks, [
    ['star-full', 'use this, tie'],
    ['star-half', 'tie'],
  ]);
});

test('a method is one row, the point that the answer rests on; its other points are folded under it', () => {
  const [domain] = rows([
    measured({ requestedDomainTokens: 2048, domainTokens: tokens(2048), perplexity: 40, fingerprint: 'a' }),
    measured({ phase: 'before fine-tuning', domainTokens: tokens(0), perplexity: 80, fingerprint: 'b' }),
    measured({
      pretrainingTokens: tokens(2_000_000),
      requestedDomainTokens: 'all',
      perplexity: 50,
      fingerprint: 'c',
    }),
    measured({
      pretrainingTokens: tokens(2_000_000),
      requestedDomainTokens: 'all',
      perplexity: 52,
      seed: 2,
      fingerprint: 'd',
    }),
    measured({ requestedDomainTokens: 'all', perplexity: 45, validationPerplexity: 60, fingerprint: 'e' }),
    measured({ requestedDomainTokens: 'all', perplexity: 30, fingerprint: 'f' }, false),
  ]);
  assert.equal(domain.description, 'use Pretrained on look-alike text · 1 method');
  const [method, ...more] = childrenOf(domain);
  assert.equal(more.length, 0);
  assert.match(method.label, /^50\.99 · /);
  assert.match(method.description ?? '', /^use this · .* · 2M generic/);
  const below = childrenOf(method);
  assert.deepEqual(
    below.map(({ label }) => label),
    ['50.00 · seed 1', '52.00 · seed 2', 'Other budgets and sizes'],
  );
  assert.deepEqual(
    childrenOf(below[2]).map(({ subject }) => subject?.kind === 'model' && subject.folder),
    ['/store/a', '/store/e', '/store/b', '/store/f'],
  );
  assert.match(childrenOf(below[2])[3].description ?? '', /of another configuration or other text$/);
});

test('a model that two runs measured is listed once', () => {
  const [domain] = rows([measured({ fingerprint: 'a' }), measured({ fingerprint: 'b', perplexity: 60.9 })]);
  assert.equal(childrenOf(domain).length, 1);
});

test('what was kept when a run was stopped says how far it was trained and whether it was measured', () => {
  const model = { folder: '/w/.parlance/models/slm-1', size, parameters: 10, bytes: 40 };
  const stopped = {
    format: 1,
    title: 'micro',
    method: 'slm',
    run: 'r1',
    stage: 'pretrain small',
    fingerprint: 'f1',
    stoppedAtStep: 5,
    ofSteps: 400,
    step: 120,
    heldOut: { domain: 'mail', perplexity: 80.5, bitsPerByte: 1.5 },
  } as const;
  const [kept] = modelRows(
    [
      {
        file: '/w/parlance.json',
        name: 'w',
        measured: [],
        answers: [],
        kept: [
          { ...model, stopped },
          { ...model, folder: '/x/y', stopped: undefined },
        ],
      },
    ],
    t,
  );
  assert.deepEqual(
    childrenOf(kept).map(({ label, description }) => [label, description]),
    [
      [
        '80.50 · Pretrained on generic text (slm)',
        'held-out text of mail · step 120 of at most 400 · 10 parameters, 40 B',
      ],
      ['y', 'not measured · 10 parameters, 40 B'],
    ],
  );
});

test('where no model is left there is no row, so that the welcome shows', () => {
  assert.deepEqual(rows([]), []);
});

test('a model that did not come along says so, and its actions know how to make it', () => {
  const absent: MeasuredModel = {
    measurement: measurement({ method: 'slm', requestedDomainTokens: 'all', fingerprint: 'e' }),
    model: { parameters: 320_000, storage: '/s' },
    isCurrent: true,
  };
  const [row] = childrenOf(rows([absent])[0]);
  assert.match(row.description ?? '', /320k parameters, weights not here: run it to make them/);
  assert.deepEqual(row.subject, {
    kind: 'absent-model',
    title: 'slm-factbook-seed-1',
    storage: '/s',
    method: 'slm',
    evaluation: 'e',
  });
});

test('while runs go on, the answer is the one so far', () => {
  const current = [measured({ requestedDomainTokens: 'all', fingerprint: 'a' })];
  const answers = answersOf(
    { methods: METHODS, models: [] },
    current.map((one) => one.measurement),
  );
  const models = { file: '/w/parlance.json', name: 'w', measured: current, kept: [], answers };
  const [domain] = modelRows([{ ...models, isGoingOn: true }], t);
  assert.match(domain.description ?? '', /^so far use Pretrained on look-alike text/);
});

test('models before fine-tuning are told apart by the in-domain set that selected them', () => {
  const untuned = { phase: 'before fine-tuning', domainTokens: tokens(0) } as const;
  const [domain] = rows([
    measured({ requestedDomainTokens: 'all', fingerprint: 'a' }),
    measured({ ...untuned, requestedDomainTokens: 2048, perplexity: 80, fingerprint: 'b' }),
    measured({ ...untuned, requestedDomainTokens: 'all', perplexity: 81, fingerprint: 'c' }),
    measured({ ...untuned, method: 'slm', perplexity: 82, fingerprint: 'd' }),
  ]);
  const [resampled, plain] = childrenOf(domain);
  const others = childrenOf(resampled).flatMap(childrenOf);
  const told = [...others, plain].map(({ description = '', tooltip = '', spoken = '' }) => {
    const [words] = description.split(' · ').filter((part) => part.startsWith('1M generic'));
    assert.ok([tooltip.split('\n')[0], spoken].every((text) => text.includes(words)));
    return words;
  });
  assert.deepEqual(told, [
    '1M generic + not fine-tuned, selection by 2k in-domain tokens',
    '1M generic + not fine-tuned, selection by all in-domain text',
    '1M generic + not fine-tuned',
  ]);
});
