import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tokens } from '../../../../src/common/units.ts';
import type { Measurement } from '../../../../src/experiments/results.ts';
import { type MeasuredModel, modelRows } from '../../../../src/ui/sidebar/model-nodes.ts';
import { childrenOf } from '../../../../src/ui/sidebar/nodes.ts';
import { measurement, t } from '../fixtures.ts';

const measured = (changes: Partial<Measurement>): MeasuredModel => ({
  measurement: measurement(changes),
  model: { folder: `/store/${changes.fingerprint}`, parameters: 1_300_000, bytes: 5_200_000 },
});
const rows = (models: readonly MeasuredModel[]) =>
  modelRows([{ file: '/w/parlance.json', name: 'w', measured: models, kept: [] }], t);

test('seeds of one point are one row with their mean, the best method of a domain first', () => {
  const [domain] = rows([
    measured({ method: 'slm', perplexity: 90, fingerprint: 'a' }),
    measured({ seed: 1, perplexity: 50, fingerprint: 'b' }),
    measured({ seed: 2, perplexity: 70, domainTokens: tokens(20_300), fingerprint: 'c' }),
    measured({ seed: 3, perplexity: 61, fingerprint: 'd' }),
  ]);
  const [best, other] = childrenOf(domain);
  assert.equal(best.label, 'slm-is');
  assert.match(
    best.description ?? '',
    /^mean perplexity 59\.77 · 1M generic \+ 20k in-domain tokens · 3 seeds · 1\.3M parameters, 5\.2 MB/,
  );
  assert.deepEqual(
    childrenOf(best).map(({ subject }) => subject?.kind === 'model' && subject.folder),
    ['/store/b', '/store/c', '/store/d'],
  );
  assert.equal(other.context, 'model');
});

test('a method is one row, its best point; points of other budgets and phases are not mixed and folded under it', () => {
  const [domain] = rows([
    measured({ fingerprint: 'a' }),
    measured({ phase: 'before fine-tuning', domainTokens: tokens(0), perplexity: 80, fingerprint: 'b' }),
    measured({ pretrainingTokens: tokens(2_000_000), perplexity: 50, fingerprint: 'c' }),
    measured({ pretrainingTokens: tokens(2_000_000), perplexity: 52, seed: 2, fingerprint: 'd' }),
    measured({ domainTokens: tokens(40_000), perplexity: 70, fingerprint: 'e' }),
  ]);
  assert.equal(domain.description, '1 method');
  const [method, ...more] = childrenOf(domain);
  assert.equal(more.length, 0);
  assert.match(method.description ?? '', /^mean perplexity 50\.99 · 2M generic/);
  const below = childrenOf(method);
  assert.deepEqual(
    below.map(({ label }) => label),
    ['Seed 1', 'Seed 2', 'Other budgets and sizes'],
  );
  assert.deepEqual(
    childrenOf(below[2]).map(({ subject }) => subject?.kind === 'model' && subject.folder),
    ['/store/a', '/store/e', '/store/b'],
  );
});

test('a model that two runs measured is listed once', () => {
  const [domain] = rows([measured({ fingerprint: 'a' }), measured({ fingerprint: 'b', perplexity: 60.9 })]);
  assert.equal(childrenOf(domain).length, 1);
});

test('what was kept when a run was stopped says how far it was trained and whether it was measured', () => {
  const model = { folder: '/w/.parlance/models/slm-1', parameters: 10, bytes: 40 };
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
      ['slm', 'held-out perplexity 80.50 on mail · step 120 of at most 400 · 10 parameters, 40 B'],
      ['y', 'not measured · 10 parameters, 40 B'],
    ],
  );
});

test('where no model is left there is no row, so that the welcome shows', () => {
  assert.deepEqual(rows([]), []);
});
