import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contests, logSpaced } from '../../../../src/budget/choice/contest.ts';
import type { MeasuredPoint } from '../../../../src/budget/measured-point.ts';
import { madeResampling } from '../../../fixtures/resampling.ts';

interface Made {
  readonly method: string;
  /** Pretraining and specialization, in FLOPs. */
  readonly cost: readonly [number, number];
  readonly perplexity: number;
  /** The share of its loss that other documents would move. */
  readonly own?: number;
  readonly validation?: number;
}

function made({ method, cost, perplexity, own = 0, validation = perplexity }: Made): MeasuredPoint {
  const spread = (mean: number) => ({ mean, min: mean, max: mean, n: 1 });
  return {
    method,
    pretrainingTokens: 1000,
    domainTokens: 100,
    perplexity: spread(perplexity),
    validation: spread(validation),
    seeds: [
      {
        seed: 1,
        nats: Math.log(perplexity),
        resampling: madeResampling(perplexity, own, `${method}${cost.join()}`),
      },
    ],
    genericFlops: cost[0],
    genericSeconds: 0,
    specializationFlops: cost[1],
    specializationSeconds: 0,
  };
}

const plane = {
  x: [1, 10, 100],
  y: [1, 10, 100],
  isWithin: (point: MeasuredPoint, x: number, y: number) =>
    point.specializationFlops <= x && point.genericFlops <= y,
};
const inWords = (points: readonly MeasuredPoint[]) =>
  contests(points, plane).map((row) =>
    row.map((one) => (one === undefined ? '-' : [one.leader.method, ...one.ties].join('~'))),
  );

test('in each place of the plane the lowest of what both budgets allow leads', () => {
  const points = [
    made({ method: 'cheap', cost: [0, 5], perplexity: 40 }),
    made({ method: 'shared', cost: [50, 5], perplexity: 20 }),
    made({ method: 'own', cost: [0, 80], perplexity: 18 }),
  ];
  assert.deepEqual(inWords(points), [
    ['-', 'cheap', 'own'],
    ['-', 'cheap', 'own'],
    ['-', 'shared', 'own'],
  ]);
});

test('the validation split decides who leads, held-out text whether that is clear', () => {
  const points = [
    made({ method: 'a', cost: [0, 1], perplexity: 20, validation: 19 }),
    made({ method: 'b', cost: [0, 1], perplexity: 19.9, validation: 20 }),
    made({ method: 'c', cost: [0, 1], perplexity: 30 }),
  ];
  assert.deepEqual(inWords(points)[0], ['a~b', 'a~b', 'a~b']);
});

test('methods that begin with one model are not undecided between it and itself', () => {
  const points = [
    made({ method: 'a', cost: [0, 1], perplexity: 20 }),
    made({ method: 'b', cost: [0, 1], perplexity: 20 }),
    made({ method: 'c', cost: [0, 1], perplexity: 20.05, own: 0.01 }),
  ].map((one) => ({ ...one, domainTokens: 0 }));
  assert.deepEqual(inWords(points)[0], ['a~c', 'a~c', 'a~c']);
});

test('what is clearly lower on held-out text than the leader on validation text is named, and what is higher is not', () => {
  const points = [
    made({ method: 'a', cost: [0, 1], perplexity: 20, validation: 19 }),
    made({ method: 'b', cost: [0, 1], perplexity: 18, validation: 20 }),
    made({ method: 'c', cost: [0, 1], perplexity: 22, validation: 21 }),
  ];
  const [[contest]] = contests(points, plane);
  assert.deepEqual([contest?.leader.method, contest?.ties, contest?.lower], ['a', [], ['b']]);
});

test('another budget of the leading method is no rival, and what shares no seed is undecided', () => {
  const lowest = made({ method: 'a', cost: [10, 1], perplexity: 20 });
  const smaller = made({ method: 'a', cost: [1, 1], perplexity: 20.1 });
  const elsewhere = made({ method: 'b', cost: [1, 1], perplexity: 30 });
  const others = { ...elsewhere, seeds: elsewhere.seeds.map((one) => ({ ...one, seed: 2 })) };
  assert.deepEqual(inWords([lowest, smaller, others])[2], ['a~b', 'a~b', 'a~b']);
  assert.deepEqual(inWords([lowest, smaller])[2], ['a', 'a', 'a']);
});

test('logarithmic steps keep both ends', () => {
  assert.deepEqual(
    logSpaced(1, 1000, 4).map((value) => Math.round(value)),
    [1, 10, 100, 1000],
  );
});
