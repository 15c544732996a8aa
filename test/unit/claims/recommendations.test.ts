import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adviceInWords, adviceOnLeftOutDomains, distancesIn } from '../../claims/recommendations.ts';
import { type Bend, findings } from './synthetic.ts';

const domain = (name: string, bend?: Bend) => findings(bend, undefined, name);

test('on domains that are alike the advice from the others is the best in each setting of the budgets', () => {
  const settings = adviceOnLeftOutDomains([domain('a'), domain('b'), domain('c')], new Map());
  assert.equal(new Set(settings.map(({ setting }) => setting)).size, 12);
  for (const { advice } of settings) {
    assert.deepEqual(
      advice.map((one) => one.domain),
      ['a', 'b', 'c'],
    );
    assert.deepEqual(
      advice.map(({ loss }) => loss),
      [0, 0, 0],
    );
  }
  // All pretraining at the smallest size: with fine-tuning alone, with a decay for the domain, with a whole pretraining.
  assert.deepEqual(
    settings.slice(3, 6).map(({ advice }) => advice[0].recommended),
    ['slm-pn', 'slm-is-cont', 'slm-is'],
  );
});

test('on a domain unlike the others the loss to what is best there is counted', () => {
  const unlike: Bend = ({ method }) => (method === 'slm-is' ? 1.5 : 1);
  const settings = adviceOnLeftOutDomains([domain('a'), domain('b'), domain('c', unlike)], new Map());
  const [, , onC] = settings[5].advice;
  assert.deepEqual([onC.recommended, onC.best], ['slm-is', 'slm-is-cont']);
  assert.ok(Math.abs(onC.loss - ((16 * 1.5) / 17 - 1)) < 1e-9);
  assert.match(adviceInWords(onC), /^slm-is [\d.]+, 41\.2 % above slm-is-cont$/);
});

test('a domain that is as far from the generic text counts more than two that are not', () => {
  const unlike: Bend = ({ method }) => (method === 'slm-is' ? 1.5 : 1);
  const far = (name: string, distance: number, bend?: Bend) => ({
    ...domain(name, bend),
    overClusters: { distance, modalShare: 0.5 },
  });
  const all = [far('a', 0.2), far('b', 0.2), far('c', 1, unlike), far('d', 0.9, unlike)];
  const recommended = (distances: ReturnType<typeof distancesIn>) =>
    adviceOnLeftOutDomains(all, distances)[5].advice.map((one) => one.recommended);
  assert.deepEqual(recommended(distancesIn(all)), ['slm-is', 'slm-is', 'slm-is-cont', 'slm-is-cont']);
  assert.deepEqual([...distancesIn([domain('a')]).keys()], []);
});

test('from one domain there is no other to advise', () => {
  assert.deepEqual(adviceOnLeftOutDomains([domain('a')], new Map()), []);
});
