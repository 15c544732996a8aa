import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Sample } from '../../../../src/budget/prediction/power-law.ts';
import {
  FARTHEST,
  type Predictor,
  predict,
  predictorOf,
  qualityOf,
} from '../../../../src/budget/prediction/predictor.ts';
import { Random } from '../../../../src/common/random.ts';
import { TABLE_8_SAMPLES } from '../../../fixtures/table-8.ts';

function fitted(samples: readonly Sample[]): Predictor {
  const predictor = predictorOf(samples);
  assert.ok(predictor.kind === 'fitted', predictor.kind === 'refused' ? predictor.reason : '');
  return predictor;
}

const GROUPS = ['a', 'b', 'c'];
const BUDGETS = [1, 2, 4, 8];
const SIZES = [1, 4, 16, 64];

/** Nats of a law in which in-domain text takes some of the worth of pretraining, with noise. */
function made(noise: number, seed = 1): readonly Sample[] {
  const random = Random.fromSeed(seed, 'made samples');
  return GROUPS.flatMap((group, index) =>
    BUDGETS.flatMap((budget) =>
      SIZES.map((domainTokens) => ({
        group,
        budget,
        domainTokens,
        nats:
          2 +
          0.2 * index +
          (budget ** -0.5 - 4 ** -0.5) / (1 + (domainTokens / 20) ** 2) +
          0.7 * domainTokens ** -0.3 +
          noise * random.normal(),
      })),
    ),
  );
}

/** As an experiment measures: every size at the largest budget, the other budgets at the smallest and largest size. */
const asMeasured = (samples: readonly Sample[]): readonly Sample[] =>
  samples.filter(({ budget, domainTokens }) => budget === 4 || domainTokens === 1 || domainTokens === 16);
const within = (samples: readonly Sample[]): readonly Sample[] =>
  samples.filter(({ budget, domainTokens }) => budget <= 4 && domainTokens <= 16);

test('the interval is wider the farther outside, and beyond a step nothing is predicted', () => {
  const predictor = fitted(asMeasured(within(made(0.01))));
  const widths = [4, 5, 6.5, 8].map((budget) => {
    const found = predict(predictor, { group: 'a', budget, domainTokens: 4 });
    assert.ok(found !== undefined);
    return found;
  });
  assert.deepEqual(
    widths.map(({ halfWidth }) => halfWidth),
    widths.map(({ halfWidth }) => halfWidth).sort((a, b) => a - b),
  );
  assert.equal(widths[0].steps, 0);
  assert.ok(widths[3].steps > 0.99 && widths[3].steps <= FARTHEST + 1e-9);
  assert.ok(widths[3].halfWidth > 1.5 * widths[0].halfWidth);
  assert.equal(predict(predictor, { group: 'a', budget: 9, domainTokens: 4 }), undefined);
  assert.equal(predict(predictor, { group: 'a', budget: 1, domainTokens: 65 }), undefined);
  assert.equal(predict(predictor, { group: 'z', budget: 2, domainTokens: 4 }), undefined);
});

test('where budgets were measured at one size only, what in-domain text takes of pretraining widens the interval', () => {
  const samples = within(made(0));
  const open = fitted(samples.filter(({ budget, domainTokens }) => budget === 4 || domainTokens === 1));
  const known = fitted(asMeasured(samples));
  const place = { group: 'b', budget: 2, domainTokens: 6 };
  const widthOf = (predictor: Predictor): number => predict(predictor, place)?.halfWidth ?? 0;
  assert.ok(widthOf(open) > 1.2 * widthOf({ ...open, others: [] }), `${widthOf(open)}`);
  assert.equal(widthOf(known), widthOf({ ...known, others: [] }));
});

test('quality is told apart for points inside of the others and for points outside', () => {
  const { inside, outside } = qualityOf(fitted(within(made(0.01))));
  assert.ok(inside !== undefined && outside !== undefined);
  // Of the nine points of a method the four corners lie outside of the others.
  assert.deepEqual([inside.points, outside.points], [15, 12]);
  assert.ok(inside.inside >= 13 && outside.inside >= 10);
  assert.ok(inside.medianError > 0 && inside.medianError < 0.03);
});

test('whether a point lay within its interval is told by the errors of the others', () => {
  const predictor = fitted(within(made(0.01)));
  const leftOut = predictor.law.samples.slice(0, 10).map((sample, i) => {
    return { sample, predicted: sample.nats + (i === 0 ? 0.1 : 0.001), steps: 0 };
  });
  const { inside } = qualityOf({ ...predictor, leftOut });
  assert.deepEqual([inside?.points, inside?.inside], [10, 9]);
});

test('from what an experiment measures, the rest of the paper’s table 8 lies within the intervals it should', () => {
  const tried = [200, 400].flatMap((largest) => {
    const measured = TABLE_8_SAMPLES.filter(
      ({ budget, domainTokens }) => budget === largest || (budget < largest && domainTokens !== 8e6),
    );
    const predictor = fitted(measured);
    return TABLE_8_SAMPLES.filter((sample) => !measured.includes(sample)).flatMap((sample) => {
      const found = predict(predictor, sample);
      return found === undefined ? [] : [{ ...found, error: Math.abs(found.nats - sample.nats) }];
    });
  });
  assert.ok(tried.length >= 20, `${tried.length}`);
  const inside = tried.filter(({ error, halfWidth }) => error <= halfWidth).length;
  assert.ok(inside / tried.length >= 0.85, `${inside} of ${tried.length}`);
});

test('too few points are refused with what is missing', () => {
  const few = predictorOf(made(0).filter(({ group, domainTokens }) => group === 'a' && domainTokens === 1));
  assert.ok(few.kind === 'refused' && /too few/.test(few.reason));
});
