/** An average over domains has no set of its own: where a plan says how much all the in-domain text is, it says that it is a mean. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MeasuredPoint } from '../../../../src/budget/measured-point.ts';
import { sizeReason } from '../../../../src/budget/planner/feasibility.ts';
import type { PlannerAnswer, PlannerRequest } from '../../../../src/budget/planner/planner-types.ts';
import { candidate, flopsOf, LAWFUL, POINTS, plan, point, reasons, TERA } from './made-points.ts';

const ANY = { domains: 1, genericCorpusAtHand: true };

type Kind = NonNullable<PlannerRequest['kind']>;

const isAll = (one: MeasuredPoint): boolean => one.domainTokens === 8000;
const whole = (points: readonly MeasuredPoint[], isWhole = isAll): readonly MeasuredPoint[] =>
  points.map((one) => (isWhole(one) ? { ...one, requestedDomainTokens: 'all' } : one));
const dear = (one: MeasuredPoint): MeasuredPoint =>
  isAll(one) ? { ...one, specializationFlops: 9 * TERA } : one;
const tuned = POINTS.filter(({ domainTokens }) => domainTokens > 0);
/** Without what pays its pretraining for the domain. */
const shared = tuned.filter(({ method }) => method !== 'slm-is');
const ofAll = whole(POINTS.filter(isAll));
const sentence = ({ recommendation }: PlannerAnswer): string => recommendation.sentence;

const SAID: readonly {
  readonly what: string;
  readonly said: (kind: Kind) => string | undefined;
  /** Before and after the set. */
  readonly around: readonly [string, string];
}[] = [
  {
    what: 'where a figure comes from',
    said: (kind) => sentence(plan({}, whole(POINTS), kind)),
    around: ['measured at 16M pretraining tokens and ', ', mean of 3 seeds'],
  },
  {
    what: 'a set that is too dear for every method',
    said: (kind) => sentence(plan({ specialization: flopsOf(2) }, whole(POINTS.map(dear)), kind)),
    around: ['Fine-tuning on ', ' costs more than these budgets'],
  },
  {
    what: 'a set that nothing is known of',
    said: (kind) => sentence(plan({ pretraining: flopsOf(5) }, whole(shared), kind)),
    around: ['no method was measured with ', ', and no prediction reaches so far'],
  },
  {
    what: 'what to run',
    said: (kind) => plan({ pretraining: flopsOf(5) }, whole(shared), kind).next[0].sentence,
    around: ['were not measured with ', ' within these budgets'],
  },
  {
    what: 'less text than a method was measured with',
    said: (kind) => sizeReason(ofAll, 500, { kind, budgets: ANY }),
    around: ['It was measured with ', '; 500 are at hand.'],
  },
  {
    what: 'what the cheapest method would need',
    said: (kind) => sentence(plan({ pretraining: flopsOf(0.01), genericCorpusAtHand: false }, ofAll, kind)),
    around: ['1.00 TFLOP for each domain, ', ' and 1M parameters at inference'],
  },
];

for (const { what, said, around } of SAID) {
  test(`of all the text of several domains a plan says that it is a mean: ${what}`, () => {
    const [before, after] = around;
    const mean = ' (geometric mean of the domains)';
    assert.ok(
      said('macro average')?.includes(`${before}all 8k in-domain tokens${mean}${after}`),
      said('macro average'),
    );
    assert.ok(said('domain')?.includes(`${before}all 8k in-domain tokens${after}`), said('domain'));
  });
}

test('where less was measured too, that is what a method was measured with at least', () => {
  assert.equal(
    sizeReason(whole(tuned), 500, { kind: 'macro average', budgets: ANY }),
    'It was measured with 1k in-domain tokens or more; 500 are at hand.',
  );
});

test('a size that is the same in every domain is no mean', () => {
  assert.match(sentence(plan({}, POINTS, 'macro average')), /and 8k in-domain tokens, mean of 3 seeds/);
});

test('a prediction for all the text is for that, however much it is', () => {
  const points = whole(LAWFUL, ({ domainTokens }) => domainTokens === 16_000);
  const answer = plan({ pretraining: flopsOf(14) }, points, 'macro average');
  const { basis, requestedDomainTokens } = candidate(answer, 'slm');
  assert.deepEqual([basis, requestedDomainTokens], ['predicted', 'all']);
  assert.match(
    answer.next[0].sentence,
    /predicted for 8M pretraining tokens and all 16k in-domain tokens \(geometric mean of the domains\)/,
  );
  assert.deepEqual(answer.next[0].place, { pretraining: 8e6, domainTokens: 'all' });
});

test('what was made for another set and never fine-tuned is not said to need more text', () => {
  const made = { ...point('slm-is', 16, 0, 30), requestedDomainTokens: 8000 };
  const answer = plan({ domainTokens: 1000 }, [...POINTS.filter(({ method }) => method === 'slm'), made]);
  assert.deepEqual(reasons(answer, 'slm-is'), [
    'It was measured before fine-tuning alone, with another in-domain set.',
  ]);
});
