import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tokens } from '../../../../src/common/units.ts';
import type { LoggedEvent } from '../../../../src/experiments/runs/events.ts';
import { CurveFold } from '../../../../src/experiments/runs/training-curves.ts';
import type { StageEvent } from '../../../../src/pipeline/stage-event.ts';
import { syntheticResults } from '../../../fixtures/results.ts';

const stage = (
  event: Partial<StageEvent> & { readonly state: StageEvent['state'] },
  fingerprint = 'f',
  kind = 'fine-tune',
  label = 'fine-tune small, seed 4 on 50k tokens of letters',
): LoggedEvent => ({
  sequence: 0,
  time: '',
  event: { type: 'stage', event: { fingerprint, kind, label, ...event } as StageEvent },
});

const step = (number: number, more: Readonly<Record<string, number>> = {}): LoggedEvent =>
  stage({
    state: 'progress',
    fraction: 0,
    message: '',
    metrics: {
      step: number,
      loss: 5 - number / 10,
      tokens: number * 100,
      spentTokens: number * 100,
      flops: number * 1e9,
      seconds: number,
      ...more,
    },
  });

test('progress becomes points, and a validation is one point however often it is told', () => {
  const fold = new CurveFold();
  fold.add(
    'run',
    [
      stage({ state: 'started', resumed: false }),
      step(1, { validationLoss: 6 }),
      step(2, { validationLoss: 6 }),
      step(3, { validationLoss: 5 }),
    ],
    'slm',
  );
  const [curve] = fold.curves;
  assert.deepEqual(curve.training.step, [1, 2, 3]);
  assert.deepEqual(curve.training.seconds, [1, 2, 3]);
  assert.deepEqual(curve.validation.step, [1, 3]);
  assert.deepEqual(curve.facts.methods, ['slm']);
  assert.equal(curve.facts.seed, 4);
  assert.equal(curve.facts.label, 'fine-tune small on 50k tokens of letters');
  assert.equal(curve.facts.state, 'training');
});

test('steps that a resumed run does again replace those of before, which is told by a new revision', () => {
  const fold = new CurveFold();
  fold.add('run', [step(1), step(5)]);
  const { revision } = fold.curves[0];
  fold.add('run', [step(6)]);
  assert.equal(fold.curves[0].revision, revision);
  fold.add('second run', [step(3, { loss: 1 }), step(4)]);
  assert.deepEqual(fold.curves[0].training.step, [1, 3, 4]);
  assert.ok(fold.curves[0].revision > revision);
});

test('the measurement that follows names the methods and the seed of the stages before it', () => {
  const fold = new CurveFold();
  const [measurement] = syntheticResults({ methods: ['slm-is'], seeds: [7] }).measurements;
  const label = 'fine-tune without a number';
  fold.add('run', [
    stage({ state: 'reused' }, 'a', 'pretrain', label),
    { sequence: 1, time: '', event: { type: 'measurement', measurement } },
    stage({ state: 'reused' }, 'b', 'pretrain', label),
  ]);
  assert.deepEqual(
    fold.curves.map(({ facts }) => [facts.id, facts.methods, facts.seed]),
    [
      ['a', ['slm-is'], 7],
      ['b', [], undefined],
    ],
  );
});

test('a finished curve is completed from its record, at the rate for a token that the stage had', () => {
  const fold = new CurveFold();
  fold.add('run', [
    step(1),
    stage({ state: 'finished', cost: { flops: 0, seconds: 0, tokens: tokens(0) } } as Partial<StageEvent> & {
      state: 'finished';
    }),
  ]);
  assert.ok(fold.curves[0].needsRecord);
  const points = [1, 2, 3].map((one) => ({ step: one, tokens: one * 100, loss: 4 }));
  fold.complete(
    'f',
    { training: points, validation: points.slice(2) },
    { flops: 1000, seconds: 50, tokens: 100 },
  );
  const [curve] = fold.curves;
  assert.ok(!curve.needsRecord);
  assert.deepEqual(curve.training.flops, [1000, 2000, 3000]);
  assert.deepEqual(curve.validation.seconds, [150]);
  fold.add('late run', [step(9)]);
  assert.deepEqual(fold.curves[0].training.step, [1, 2, 3]);
});

test('the stable phase of a pretraining is left out once the pretraining that contains it is finished', () => {
  const fold = new CurveFold();
  const trunk = { state: 'progress' as const, fraction: 0, message: '', metrics: { step: 1, loss: 5 } };
  fold.add('run', [stage(trunk, 't', 'pretrain-trunk', 'pretrain small, seed 1, to step 10')]);
  assert.equal(fold.curves.length, 1);
  fold.add('run', [
    stage({ state: 'reused' }, 't', 'pretrain-trunk', 'pretrain small, seed 1, to step 10'),
    stage({ state: 'reused' }, 'p', 'pretrain', 'pretrain small, seed 1, 1M tokens'),
  ]);
  assert.deepEqual(
    fold.curves.map(({ facts }) => facts.id),
    ['p'],
  );
});

test('a pretraining is one curve from its first token on, whichever stage of it trains', () => {
  const fold = new CurveFold();
  const told = (fingerprint: string, kind: string, until: string, steps: number, ...at: number[]) =>
    at.map((number) =>
      stage(
        {
          state: 'progress',
          fraction: 0,
          message: '',
          metrics: {
            step: number,
            steps,
            loss: 5,
            tokens: 100 * number,
            spentTokens: 100,
            flops: 1,
            seconds: 1,
          },
        },
        fingerprint,
        kind,
        `pretrain small, seed 1, ${until}`,
      ),
    );
  fold.add('run', told('t1', 'pretrain-trunk', 'to step 10', 10, 1, 5, 10));
  fold.add('run', told('t2', 'pretrain-trunk', 'to step 20', 20, 12, 19));
  assert.deepEqual(
    fold.curves.map(({ facts, training }) => [facts.id, training.step]),
    [['t2', [1, 5, 10, 12, 19]]],
  );
  // The decay of the smaller budget leaves the stable phase where the first stage ended.
  fold.add('run', told('d1', 'pretrain', '2k tokens', 15, 13, 15));
  const decay = fold.curves.find(({ facts }) => facts.id === 'd1');
  assert.deepEqual(decay?.training.step, [1, 5, 10, 13, 15]);
  assert.equal(decay?.facts.steps, 15);
});

test('a decay that has in-domain text mixed in goes on from the stable phase without it', () => {
  const fold = new CurveFold();
  const told = (id: string, kind: string, label: string, at: number, steps: number) =>
    stage(
      {
        state: 'progress',
        fraction: 0,
        message: '',
        metrics: { step: at, steps, loss: 5, tokens: at },
      },
      id,
      kind,
      label,
    );
  const drawn = 'pretrain small on windows drawn by importance for all of dec';
  const mixed = `${drawn} with up to 30 % from all of dec, seed 1`;
  fold.add('run', [
    told('t', 'pretrain-trunk', `${drawn}, seed 1, to step 10`, 10, 10),
    told('d', 'pretrain', `${mixed}, 2k tokens`, 12, 16),
    told('c', 'pretrain', `${mixed}, after generic text, 2k tokens`, 12, 16),
  ]);
  assert.deepEqual(
    fold.curves.map(({ facts, training }) => [facts.id, training.step]),
    [
      ['d', [10, 12]],
      ['c', [12]],
    ],
  );
});

/** A pretraining's stage as it tells of a step: `t` is a stable phase, `d` a decay, the number how many steps it is planned for. */
const pretrained = (id: string, at: number): LoggedEvent => {
  const steps = Number(id.slice(1));
  const metrics = { step: at, steps, loss: 5, tokens: at };
  const [kind, label] = id.startsWith('t')
    ? ['pretrain-trunk', `to step ${steps}`]
    : ['pretrain', `${steps}k tokens`];
  return stage(
    { state: 'progress', fraction: 0, message: '', metrics },
    id,
    kind,
    `pretrain small, seed 1, ${label}`,
  );
};
const ended = (id: string, state: 'finished' | 'interrupted' | 'reused'): LoggedEvent => {
  const { event } = pretrained(id, 0);
  const { kind, label } = event.type === 'stage' ? event.event : assert.fail();
  return stage({ state } as { state: 'reused' }, id, kind, label);
};
const shown = (fold: CurveFold): readonly string[] => fold.curves.map(({ facts }) => facts.id);

test('the stable phase of a larger budget is there from its first step, though a smaller budget’s decay went further', () => {
  const fold = new CurveFold();
  fold.add('run', [pretrained('t10', 10), pretrained('d16', 16), ended('d16', 'finished')]);
  fold.add('run', [pretrained('t90', 11)]);
  assert.deepEqual(shown(fold), ['d16', 't90']);
  assert.deepEqual(fold.curves[1].training.step, [10, 11]);
  fold.add('run', [pretrained('t90', 90), ended('t90', 'finished')]);
  assert.deepEqual(shown(fold), ['d16', 't90']);
  fold.add('run', [pretrained('d150', 91)]);
  assert.deepEqual(shown(fold), ['d16', 'd150']);
});

test('budgets that lie close together keep their stable phases apart', () => {
  const fold = new CurveFold();
  // The larger one is stable to step 18, where the smaller one is in its decay.
  fold.add('run', [pretrained('t12', 12), pretrained('d20', 20), ended('d20', 'finished')]);
  fold.add('run', [pretrained('t18', 13), pretrained('t18', 18), ended('t18', 'finished')]);
  assert.deepEqual(shown(fold), ['d20', 't18']);
  fold.add('run', [pretrained('d30', 19)]);
  assert.deepEqual(shown(fold), ['d20', 'd30']);
});

test('a stable phase that was paused or lost stays, until a longer one has been where it was', () => {
  for (const lost of [false, true]) {
    const fold = new CurveFold();
    fold.add('run', [pretrained('t12', 12), pretrained('d20', 20), ended('d20', 'finished')]);
    fold.add('run', [pretrained('t240', 15)]);
    if (!lost) fold.add('run', [ended('t240', 'interrupted')]);
    fold.setLiving(new Set());
    assert.deepEqual(shown(fold), ['d20', 't240']);
    fold.add('other run', [pretrained('t48', 48), ended('t48', 'finished'), pretrained('d80', 49)]);
    assert.deepEqual(shown(fold), ['d20', 'd80']);
  }
});

test('a pretraining whose record was cleaned away hides no other’s stable phase', () => {
  const fold = new CurveFold();
  fold.add('run', [ended('d16', 'reused'), pretrained('t90', 90), ended('t90', 'finished')]);
  fold.leaveAsIs('d16');
  assert.deepEqual(shown(fold), ['d16', 't90']);
});

test('a beginning that becomes known later is told by a new revision', () => {
  const fold = new CurveFold();
  const metrics = (number: number, steps: number) => ({ step: number, steps, loss: 5, tokens: number });
  const told = (id: string, kind: string, number: number, steps: number) =>
    stage(
      { state: 'progress', fraction: 0, message: '', metrics: metrics(number, steps) },
      id,
      kind,
      `pretrain small, seed 1, ${id}`,
    );
  fold.add('second run', [told('d', 'pretrain', 12, 15)]);
  const { revision } = fold.curves[0];
  fold.add('first run', [told('t', 'pretrain-trunk', 9, 10)]);
  assert.deepEqual(fold.curves[0].training.step, [9, 12]);
  assert.notEqual(fold.curves[0].revision, revision);
});

test('a training whose run ended without a word of it is stopped, not under way', () => {
  const fold = new CurveFold();
  fold.add('run', [stage({ state: 'started', resumed: false }), step(1)]);
  assert.equal(fold.curves[0].facts.state, 'training');
  fold.setLiving(new Set());
  assert.equal(fold.curves[0].facts.state, 'stopped');
  fold.setLiving(new Set(['run']));
  assert.equal(fold.curves[0].facts.state, 'training');
});
