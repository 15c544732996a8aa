import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cellsUpToSize, type View, viewsOf } from '../../../src/budget/views.ts';
import { drawMap } from '../../../src/charts/map-drawing.ts';
import { mapTable, summarizeMap } from '../../../src/charts/map-words.ts';
import {
  isUndecided,
  MAP_KINDS,
  type MapKind,
  type MethodMap,
  methodMap,
} from '../../../src/charts/method-map.ts';
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
  assert.match(
    summarizeMap(map),
    /: slm-nopt on \d+ %; slm on \d+ % \(not fine-tuned\) of the map; undecided on \d+ %/,
  );
  assert.match(drawMap(map, 'here'), /class="stripes"/);
});

/** Pretraining budgets below the largest were measured with 50k in-domain tokens only. */
const crossing = syntheticResults({
  domains: ['letters'],
  methods: ['slm-nopt', 'slm', 'slm-is'],
  seeds: [1],
  grid: 'crossing at the smallest size',
});
const [crossingView] = viewsOf(crossing.measurements);

function crossingMap(kind: MapKind): MethodMap {
  const found = methodMap(crossing, crossingView, kind, 400_000);
  assert.ok(found !== undefined);
  return found();
}

test('whatever was measured with at most this in-domain text, a map names nothing higher on validation text for its cost', () => {
  const cells = cellsUpToSize(crossingView.cells, 400_000);
  assert.ok(cells.some(({ phase }) => phase === 'before fine-tuning'));
  const map = crossingMap('both budgets');
  for (const cell of cells) {
    // A little more than it costs, for budgets are divided into steps.
    const [x, y] = [
      Math.max(map.x.from, 1.5 * cell.specializationFlops),
      Math.max(map.y.from, 1.5 * cell.genericFlops),
    ];
    const named = at(map, x, y)?.method;
    const lowest = cells
      .filter((one) => one.method === named && one.specializationFlops <= x && one.genericFlops <= y)
      .map(({ validation }) => validation.mean);
    assert.ok(Math.min(...lowest) <= cell.validation.mean, `${cell.method} against ${named}`);
  }
});

test('where less in-domain text is used than there is the words, the table and the drawing say how much', () => {
  const map = crossingMap('both budgets');
  // The smallest pretraining budget of slm, which was measured with 50k tokens, and what slm-nopt costs with 400k.
  const [pretraining, training] = [4e6, 4 * 400_000].map((tokens) => tokens * 7.6e6 * 1.6);
  const region = at(map, training, pretraining);
  assert.deepEqual([region?.method, region?.tuning], ['slm', 'fine-tuned on 50k in-domain tokens']);
  const untuned = at(map, map.x.from, pretraining);
  assert.deepEqual([untuned?.method, untuned?.tuning], ['slm', 'not fine-tuned']);
  const words = summarizeMap(map);
  assert.match(words, /^Which method to use, on letters, with 400k in-domain tokens at hand, by /);
  assert.match(
    words,
    /slm on \d+ % \(\d+ % fine-tuned on 50k in-domain tokens; (\d+|under 1) % not fine-tuned\)/,
  );
  const used = new Set(mapTable(map).rows.map((row) => row[5].text));
  assert.deepEqual(
    used,
    new Set(['fine-tuned on all of it', 'fine-tuned on 50k in-domain tokens', 'not fine-tuned']),
  );
  const svg = drawMap(map, 'here');
  assert.match(svg, /\(slm\), fine-tuned on 50k in-domain tokens[^<]*<\/title><rect class="region pale /);
  assert.match(svg, />tuned on less<\/text>/);
});

test('text that chose the generic text is told where it was less than there is, though nothing was fine-tuned', () => {
  const cells = crossingView.cells.map((cell) =>
    cell.method === 'slm-is' && cell.phase === 'before fine-tuning'
      ? { ...cell, requestedDomainTokens: 50_000 }
      : cell,
  );
  const lowest = cells.map((cell) =>
    cell.requestedDomainTokens === 50_000 && cell.phase === 'before fine-tuning'
      ? { ...cell, validation: { mean: 1, min: 1, max: 1, n: 1 } }
      : cell,
  );
  const map = methodMap(crossing, { ...crossingView, cells: lowest }, 'both budgets', 400_000)?.();
  assert.ok(
    map?.regions.some(({ tuning }) => tuning === 'not fine-tuned, selection by 50k in-domain tokens'),
  );
});

test('a method that held-out text puts clearly below the one that validation text chooses leaves it undecided', () => {
  const cells = view.cells.map((cell) => {
    const mean = cell.method === 'slm' ? 1 : 2;
    return { ...cell, validation: { mean, min: mean, max: mean, n: 2 } };
  });
  const map = mapOf('both budgets', { ...view, cells });
  const region = at(map, map.x.to * 0.99, map.y.to * 0.99);
  assert.ok(region !== undefined && isUndecided(region));
  assert.equal(region.method, 'slm');
  assert.ok(region.lower.includes('slm-is'));
  assert.match(
    summarizeMap(map),
    /undecided on \d+ %, in places because on held-out text slm-is is clearly lower than slm/,
  );
  assert.ok(mapTable(map).rows.some((row) => row[0].text === 'slm' && row.at(-1)?.text.includes('slm-is')));
  const svg = drawMap(map, 'here');
  assert.match(svg, /\(undecided: [^<]*slm-is is clearly lower on held-out text\)/);
  assert.match(svg, /class="stripes"/);
});

test('a map of an average over domains says that all their text is a mean', () => {
  const several = syntheticResults({
    domains: ['letters', 'minutes'],
    methods: ['slm', 'slm-is'],
    seeds: [1],
  });
  const contexts = viewsOf(several.measurements).map(
    (one) => methodMap(several, one, 'both budgets', 'all')?.().context,
  );
  assert.deepEqual(contexts, [
    'macro average over 2 domains, with all 3.2M in-domain tokens (geometric mean of the domains) at hand',
    'on letters, with all 3.2M in-domain tokens at hand',
    'on minutes, with all 3.2M in-domain tokens at hand',
  ]);
});

test('a share below one percent is not raised to it', () => {
  const map = crossingMap('both budgets');
  const [first] = map.regions;
  const ratio = map.x.to / map.x.from;
  const narrow = {
    ...first,
    lower: [],
    ties: [],
    x: { from: map.x.from, to: map.x.from * ratio ** 0.002 },
    y: map.y,
  };
  assert.match(summarizeMap({ ...map, regions: [narrow] }), / on under 1 %/);
});
