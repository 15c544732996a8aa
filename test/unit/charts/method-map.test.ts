import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type View, viewsOf } from '../../../src/budget/views.ts';
import { drawMap } from '../../../src/charts/map-drawing.ts';
import { mapTable, summarizeMap } from '../../../src/charts/map-words.ts';
import { MAP_KINDS, type MapKind, type MethodMap, methodMap } from '../../../src/charts/method-map.ts';
import { syntheticResults } from '../../fixtures/results.ts';

const results = syntheticResults({
  domains: ['letters'],
  methods: ['slm-nopt', 'slm', 'slm-is', 'llm'],
  seeds: [1, 2],
});
const [view] = viewsOf(results.measurements);

function mapOf(kind: MapKind, of: View = view): MethodMap {
  const found = methodMap(results, of, kind, 50_000);
  assert.ok(found !== undefined);
  return found();
}

/** The region that a place of the map lies in. */
function at(map: MethodMap, x: number, y: number) {
  return map.regions.find((one) => one.x.from <= x && x < one.x.to && one.y.from <= y && y < one.y.to);
}

test('regions do not overlap, and each place within both budgets is in one', () => {
  for (const kind of MAP_KINDS) {
    const map = mapOf(kind);
    const area = ({ x, y }: Pick<MethodMap, 'x' | 'y'>) => Math.log(x.to / x.from) * Math.log(y.to / y.from);
    const sum = map.regions.reduce((total, region) => total + area(region), 0);
    assert.ok(sum <= area(map) * (1 + 1e-9), kind);
    const top = at(map, map.x.to * 0.99, map.y.to * 0.99);
    assert.ok(top !== undefined, kind);
  }
});

test('what each domain pays decides for sampled text with one domain, a shared pretraining wins with many', () => {
  const map = mapOf('number of domains');
  const cells = view.cells.filter(
    ({ phase, domainTokens }) => phase === 'after fine-tuning' && domainTokens === 50_000,
  );
  const dearest = cells
    .filter(({ method }) => method === 'slm')
    .sort((a, b) => b.genericFlops - a.genericFlops)[0];
  const afford = dearest.genericFlops / 100 + dearest.specializationFlops;
  assert.equal(at(map, 500, afford)?.method, 'slm');
  assert.equal(at(map, 1.01, map.y.to * 0.99)?.method, 'slm-is');
});

test('a model over the inference cap is on no map', () => {
  for (const kind of MAP_KINDS) assert.ok(mapOf(kind).regions.every(({ method }) => method !== 'llm'));
});

test('one method makes no map', () => {
  const alone = { ...view, cells: view.cells.filter(({ method }) => method === 'slm' || method === 'llm') };
  assert.equal(methodMap(results, alone, 'both budgets', 50_000), undefined);
});

test('the words, the table and the drawing name each method of the map', () => {
  const map = mapOf('both budgets');
  const methods = new Set(map.regions.map(({ method }) => method));
  assert.ok(methods.size > 1);
  const svg = drawMap(map, 'here');
  for (const method of methods) {
    assert.ok(svg.includes(`dy="0.35em">${method}</text>`), method);
    assert.ok(
      mapTable(map).rows.some(([first]) => first.text === method),
      method,
    );
  }
  assert.match(summarizeMap(map), /^Which method to use, on letters, .*slm-is on \d+ %/);
  assert.doesNotMatch(`${svg}${summarizeMap(map)}`, /NaN|undefined/);
});

test('where several fit and none is clear the map says so and is striped', () => {
  const same = view.cells.map((cell) => {
    const [first] = view.cells;
    const { seeds, perplexity, validation } = first;
    return { ...cell, seeds, perplexity, validation };
  });
  const map = mapOf('both budgets', { ...view, cells: same });
  assert.match(summarizeMap(map), /: slm-nopt on \d+ % of the map; undecided on \d+ %/);
  assert.match(drawMap(map, 'here'), /class="stripes"/);
});
