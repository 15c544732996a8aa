import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pretrainingsForDomains } from '../../../../src/experiments/execution/domain-pretrainings.ts';
import type { GridPoint } from '../../../../src/experiments/execution/grid-point.ts';
import { methods } from '../../../../src/methods/registry.ts';
import { ignoresGiven } from '../../../../src/methods/titles.ts';
import { fingerprint } from '../../../../src/pipeline/stage.ts';
import { givenPlan, gridOf, madePlan, parametersOf, upstream } from './made-grid.ts';

const everyMethod = methods.map(({ id }) => id);
const [SMALL, MIDDLE, LARGE] = madePlan.pretraining.budgets;

const places = (points: readonly GridPoint[], phase: GridPoint['phase'] = 'after fine-tuning') =>
  points.filter((one) => one.phase === phase).map(({ point }) => [point.budget, point.domainTokens]);

/** Fingerprints of evaluations by what they are of. */
const evaluations = (points: readonly GridPoint[]) =>
  new Map(
    points.map(({ method, phase, point, evaluation }) => [
      JSON.stringify([method.id, phase, point]),
      fingerprint(evaluation),
    ]),
  );

function at(points: readonly GridPoint[], budget: number, domainTokens: number | 'all'): GridPoint {
  const found = points.find(({ phase, point }) => {
    return phase === 'after fine-tuning' && point.budget === budget && point.domainTokens === domainTokens;
  });
  assert.ok(found, `${budget}, ${domainTokens}`);
  return found;
}

test('every size is measured at the largest budget, every budget at the largest and the smallest size; the soonest answer comes first, then the largest of both', () => {
  assert.deepEqual(places(gridOf(['slm'])), [
    [SMALL, 'all'],
    [LARGE, 'all'],
    [LARGE, 8192],
    [LARGE, 4096],
    [LARGE, 2048],
    [MIDDLE, 'all'],
    [MIDDLE, 2048],
    [SMALL, 2048],
  ]);
  assert.deepEqual(places(gridOf(['slm-nopt'])), [
    [0, 'all'],
    [0, 8192],
    [0, 4096],
    [0, 2048],
  ]);
});

test('where each size is another pretraining, smaller budgets are paid for at the largest size alone', () => {
  const frame = [
    [SMALL, 'all'],
    [LARGE, 'all'],
    [LARGE, 8192],
    [LARGE, 4096],
    [LARGE, 2048],
    [MIDDLE, 'all'],
  ];
  for (const id of ['slm-is', 'slm-is-cont', 'slm-dsir']) {
    const points = gridOf([id]);
    assert.deepEqual(places(points), frame, id);
    const [told] = pretrainingsForDomains(points);
    assert.equal(told.count, 6, id);
    assert.equal(told.part, id === 'slm-is-cont' ? 'decay' : 'whole');
    assert.deepEqual(told.places, [
      { budget: LARGE, domainTokens: ['all', 8192, 4096, 2048] },
      { budget: MIDDLE, domainTokens: ['all'] },
      { budget: SMALL, domainTokens: ['all'] },
    ]);
  }
  const mixing = { mixing: { ...madePlan.mixing, domainShare: 0.1 } };
  const mixed = gridOf(['slm', 'slm-nopt'], mixing);
  assert.deepEqual(places(mixed.filter(({ method }) => method.id === 'slm')), frame);
  assert.deepEqual(
    pretrainingsForDomains(mixed).map(({ method, count }) => [method, count]),
    [['slm', 6]],
  );
  for (const id of ['slm', 'llm', 'slm-is', 'slm-is-cont', 'slm-dsir', 'slm-mix', 'slm-pn']) {
    const plain = new Set(evaluations(gridOf([id])).values());
    const all = [...evaluations(gridOf([id], mixing)).values()];
    assert.ok(!all.some((one) => plain.has(one)), `${id} mixes text of the domain in`);
  }
  assert.deepEqual(pretrainingsForDomains(gridOf(['slm', 'slm-mix', 'slm-pn', 'llm', 'slm-d'])), []);
});

test('a model before fine-tuning is measured once, and for each in-domain set that it was made for', () => {
  assert.equal(places(gridOf(['slm']), 'before fine-tuning').length, 3);
  for (const [id, count] of [
    ['slm-is', 6],
    ['slm-pn', 8],
    ['slm-mix', 8],
  ] as const) {
    const before = places(gridOf([id]), 'before fine-tuning');
    assert.equal(before.length, count, id);
    assert.ok(
      before.some(([budget, size]) => budget === SMALL && size === 'all'),
      id,
    );
  }
});

test('results at a point do not depend on larger budgets, on other sizes or on points measured besides', () => {
  const whole = evaluations(gridOf(everyMethod));
  const smaller = [
    { pretraining: { ...madePlan.pretraining, budgets: [SMALL, MIDDLE] } },
    { fineTuning: { ...madePlan.fineTuning, domainTokens: [2048, 'all' as const] } },
    { fineTuning: { ...madePlan.fineTuning, domainTokens: ['all' as const] } },
  ];
  for (const changes of smaller) {
    const points = gridOf(everyMethod, changes);
    const common = [...evaluations(points)].filter(([key]) => whole.has(key));
    assert.ok(common.length >= points.length / 2);
    for (const [key, id] of common) assert.equal(id, whole.get(key), key);
  }
});

test('a point measured besides is one more for every method that can, on the same run, and changes no other', () => {
  const besides = { pretraining: 200_000, domainTokens: 3000 };
  const [plain, more] = [gridOf(everyMethod), gridOf(everyMethod, { points: [besides, besides] })];
  const [before, after] = [evaluations(plain), evaluations(more)];
  for (const [key, id] of before) assert.equal(after.get(key), id, key);
  for (const id of everyMethod) {
    const own = more.filter(({ method, phase }) => method.id === id && phase === 'after fine-tuning');
    const found = own.filter(({ point }) => point.domainTokens === 3000);
    assert.deepEqual(
      found.map(({ point }) => point.budget),
      [id === 'slm-nopt' ? 0 : 200_000],
      id,
    );
  }
  const trunk = (points: readonly GridPoint[], budget: number, size: number | 'all') =>
    at(points, budget, size).model.inputs.pretrained.inputs.trunk;
  const slm = gridOf(['slm'], { points: [besides] });
  assert.equal(fingerprint(trunk(slm, 200_000, 3000).inputs.earlier), fingerprint(trunk(slm, MIDDLE, 'all')));
  // A budget of the same steps is the same stable phase.
  const close = gridOf(['slm'], { points: [{ pretraining: MIDDLE + 1, domainTokens: 3000 }] });
  assert.equal(fingerprint(trunk(close, MIDDLE + 1, 3000)), fingerprint(trunk(close, MIDDLE, 'all')));
  assert.equal(
    gridOf(['slm'], { points: [{ pretraining: SMALL, domainTokens: 'all' }] }).length,
    gridOf(['slm']).length,
  );
});

test('each size and seed has its own set behind histogram, selection, choice and projection; all is one set', () => {
  const seeds = [1, 2];
  for (const [id, kind] of [
    ['slm-is', 'histogram'],
    ['slm-mix', 'histogram'],
    ['slm-pn', 'histogram'],
    ['slm-dsir', 'ngram-selection'],
  ] as const) {
    const sets = gridOf([id], { seeds, mixture: { ...madePlan.mixture, choice: 'modal' } })
      .filter(({ phase, point }) => phase === 'after fine-tuning' && point.budget === LARGE)
      .map((one) => {
        const [parameters, ...others] = parametersOf(one, kind);
        assert.deepEqual(others, []);
        const { domainTokens, drawSeed } = { drawSeed: undefined, ...Object(parameters) };
        assert.equal(domainTokens, one.point.domainTokens);
        assert.equal(drawSeed, domainTokens === 'all' ? undefined : one.point.seed);
        return `${domainTokens} ${drawSeed}`;
      });
    assert.equal(new Set(sets).size, 3 * seeds.length + 1, id);
  }
  const chosen = gridOf(['slm-mix'], { seeds });
  const compared = chosen.map((one) => parametersOf(one, 'choose-expert')[0]);
  assert.ok(compared.some((parameters) => Object(parameters).domainTokens === 4096));
});

test('each seed has its own clusters, all from one embedding and its vectors', () => {
  const points = gridOf(['slm-is', 'slm-pn'], { seeds: [1, 2, 3] });
  const stages = new Map(
    points.flatMap(({ model }) => upstream(model)).map((one) => [fingerprint(one), one]),
  );
  const count = (kind: string) => [...stages.values()].filter((one) => one.kind === kind).length;
  assert.deepEqual(['embedding', 'window-vectors', 'clustering'].map(count), [1, 1, 2 * 3]);
});

test('no label names a cluster or an expert before one was chosen', () => {
  for (const choice of ['modal', 'lowest loss', 'best fine-tuned'] as const) {
    for (const { model, evaluation } of gridOf(['slm-mix'], { mixture: { ...madePlan.mixture, choice } })) {
      assert.doesNotMatch(evaluation.label, /on cluster \d/);
      assert.match(model.label, /expert/);
    }
  }
});

test('what is pretrained for a domain’s set says so in its label', () => {
  const labels = gridOf(['slm-is']).map(({ evaluation }) => evaluation.label);
  assert.ok(labels.some((label) => /for all of letters/.test(label)));
  assert.ok(labels.some((label) => /for 2.05k tokens of letters/.test(label)));
});

test('a size that is not below all the text of a domain is left out once the text is counted', () => {
  const sizesOf = (trainingTokens?: number) => {
    const points = [{ pretraining: 131_072, domainTokens: 6000 }];
    const asked = gridOf(['slm'], { points }, trainingTokens).map(({ point }) => point.domainTokens);
    return [...new Set(asked)].sort();
  };
  assert.deepEqual(sizesOf(), [2048, 4096, 6000, 8192, 'all']);
  assert.deepEqual(sizesOf(10_000), [2048, 4096, 6000, 8192, 'all']);
  assert.deepEqual(sizesOf(4096), [2048, 'all']);
  assert.deepEqual(sizesOf(500), ['all']);
});

test('methods that serve a model of one size share the evaluation of the untrained model; another seed has its own', () => {
  const untrained = (points: readonly GridPoint[]) =>
    new Set(
      points.map(
        ({ method, point, untrained: one }) => `${method.model} ${point.seed} ${one && fingerprint(one)}`,
      ),
    );
  assert.equal(untrained(gridOf(everyMethod)).size, 2);
  assert.equal(untrained(gridOf(['slm', 'slm-nopt', 'slm-is'], { seeds: [1, 2] })).size, 2);
  const points = gridOf(['slm']);
  assert.ok(
    points.every(({ untrained: one, evaluation }) => one && fingerprint(one) !== fingerprint(evaluation)),
  );
});

test('a model that was given is fine-tuned at no budget, without generic text', () => {
  const without = { ...givenPlan, generic: undefined };
  for (const id of ['slm', 'slm-lora', 'slm-nopt']) {
    const points = gridOf([id], without);
    assert.deepEqual(places(points), [
      [0, 'all'],
      [0, 8192],
      [0, 4096],
      [0, 2048],
    ]);
    assert.equal(places(points, 'before fine-tuning').length, id === 'slm-nopt' ? 0 : 1);
    const kinds = new Set(points.flatMap(({ model }) => upstream(model).map(({ kind }) => kind)));
    assert.equal(kinds.has('given-model'), id !== 'slm-nopt');
    assert.ok(kinds.has('given-tokenizer') && !kinds.has('tokenizer') && !kinds.has('pretrain'));
    assert.equal(
      points.every(({ untrained }) => untrained === undefined),
      id !== 'slm-nopt',
    );
  }
});

test('what chooses generic text continues the given model, or trains from scratch with its tokenizer', () => {
  const startOf = (id: string): readonly (string | undefined)[] => {
    const pretrainings = upstream(at(gridOf([id], givenPlan), LARGE, 'all').model).filter(({ kind }) =>
      kind.startsWith('pretrain'),
    );
    assert.ok(pretrainings.length > 0, id);
    return [...new Set(pretrainings.map(({ inputs }) => inputs.start?.kind))];
  };
  for (const id of ['slm-is-cont', 'slm-mix', 'slm-pn']) assert.deepEqual(startOf(id), ['given-model'], id);
  for (const id of ['slm-is', 'slm-dsir']) assert.deepEqual(startOf(id), [undefined], id);
  for (const { id } of methods.filter((one) => one.model === 'small')) {
    const hasUntrained = gridOf([id], givenPlan).some(({ untrained }) => untrained !== undefined);
    assert.equal(hasUntrained, ignoresGiven(id), id);
  }
});
