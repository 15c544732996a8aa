/** The pure parts of the panels' browser side. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { planFor } from '../../../src/budget/planner/planner.ts';
import { viewsOf } from '../../../src/budget/views.ts';
import { isMap } from '../../../src/charts/figures.ts';
import { chartGroups } from '../../../src/charts/groups.ts';
import { drawChart } from '../../../src/charts/plot.ts';
import { summarize } from '../../../src/charts/summary.ts';
import { chartTable } from '../../../src/charts/table.ts';
import { plannedMethods } from '../../../src/experiments/results/planned-methods.ts';
import { fromPanelSchema, toPanelSchema } from '../../../src/panel-protocol/messages.ts';
import { beforeAndAfter, withoutStartInWords } from '../../../webview/perplexity/held-out.ts';
import { type Line, reduceLine, smoothed } from '../../../webview/perplexity/reduce.ts';
import { breakEvenTable, standingChart, underBudgets } from '../../../webview/tradeoffs/budget-charts.ts';
import {
  type BudgetName,
  type BudgetState,
  budgetsOf,
  formatBudget,
  initialState,
  parseBudget,
  readBudgetState,
} from '../../../webview/tradeoffs/budget-state.ts';
import { positionOf, STEPS, scaleOf, valueAt } from '../../../webview/tradeoffs/scales.ts';
import { syntheticResults } from '../../fixtures/results.ts';

describe('reducing a line', () => {
  /** The lowest and the highest value in each column that has points. */
  const extremes = (points: Line, { first, last }: { first: number; last: number }, columns: number) => {
    const found = new Map<number, { low: number; high: number }>();
    for (const [i, x] of points.x.entries()) {
      const column = Math.min(columns - 1, Math.floor((x - first) / ((last - first) / columns)));
      const { low, high } = found.get(column) ?? { low: points.y[i], high: points.y[i] };
      found.set(column, { low: Math.min(low, points.y[i]), high: Math.max(high, points.y[i]) });
    }
    return found;
  };

  test('keeps the ends and the lowest and highest point of every column, in order', () => {
    // Steps of different lengths, so that columns hold different numbers of points, and some none.
    const steps = fc.array(fc.record({ ahead: fc.integer({ min: 1, max: 60 }), y: fc.integer() }), {
      minLength: 50,
      maxLength: 400,
    });
    fc.assert(
      fc.property(steps, fc.integer({ min: 2, max: 20 }), (points, columns) => {
        let at = 0;
        const x = points.map(({ ahead }) => {
          at += ahead;
          return at;
        });
        const y = points.map((point) => point.y);
        const ends = { first: x[0], last: at };
        const reduced = reduceLine({ x, y }, columns);
        assert.ok(reduced.x.length <= 2 * columns + 2 || reduced.x.length === x.length);
        assert.deepEqual([reduced.x[0], reduced.x.at(-1)], [ends.first, ends.last]);
        assert.deepEqual(extremes(reduced, ends, columns), extremes({ x, y }, ends, columns));
        assert.ok(reduced.x.every((value, i) => i === 0 || value > reduced.x[i - 1]));
        assert.ok(reduced.x.every((value, i) => reduced.y[i] === y[x.indexOf(value)]));
      }),
    );
  });

  test('keeps a single peak among a hundred thousand points', () => {
    const x = Array.from({ length: 100_000 }, (_, i) => i);
    const y = x.map((i) => (i === 54_321 ? 9 : Math.sin(i)));
    const reduced = reduceLine({ x, y }, 800);
    assert.ok(reduced.x.length <= 1602);
    assert.ok(reduced.x.includes(54_321));
  });
});

test('smoothing leaves a constant as it is from the first point on, and lies within the values', () => {
  assert.deepEqual(
    smoothed([3, 3, 3], 0.9).map((value) => value.toFixed(9)),
    ['3.000000000', '3.000000000', '3.000000000'],
  );
  assert.deepEqual(smoothed([1, 2], 0), [1, 2]);
  const [first, second] = smoothed([1, 3], 0.5);
  assert.equal(first, 1);
  assert.ok(Math.abs(second - 7 / 3) < 1e-12);
});

describe('budgets on sliders', () => {
  test('a value comes back from its place within the two digits that are kept', () => {
    const scale = scaleOf([1e12, 4e15], false);
    assert.ok(scale !== undefined);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: STEPS - 1 }), (position) => {
        const value = valueAt(scale, position);
        assert.ok(value !== undefined && Math.abs(positionOf(scale, value) - position) <= 1);
      }),
    );
  });

  test('the last place is no limit, and values outside of the scale stand at its ends', () => {
    const scale = scaleOf([100, 1000], true);
    assert.ok(scale !== undefined);
    assert.equal(valueAt(scale, STEPS), undefined);
    assert.equal(positionOf(scale, undefined), STEPS);
    assert.equal(positionOf(scale, 1e9), STEPS - 1);
    assert.equal(positionOf(scale, 1), 0);
    assert.equal(scaleOf([0, Number.NaN], true), undefined);
  });

  test('what a budget is shown as is read back', () => {
    const state: BudgetState = {
      unit: 'FLOPs',
      values: {
        pretraining: 2e15,
        specialization: 3.5e12,
        inference: 1_300_000,
        domainTokens: 50_000,
        domains: 7,
      },
      genericCorpusAtHand: true,
    };
    const names: readonly BudgetName[] = [
      'pretraining',
      'specialization',
      'inference',
      'domainTokens',
      'domains',
    ];
    for (const name of names) {
      assert.deepEqual(
        parseBudget(name, formatBudget(name, state), 'FLOPs'),
        { value: state.values[name] },
        name,
      );
    }
    assert.deepEqual(parseBudget('pretraining', 'no limit', 'FLOPs'), { value: undefined });
    assert.deepEqual(parseBudget('pretraining', '20 min', 'seconds'), { value: 1200 });
    assert.ok('problem' in parseBudget('pretraining', '20 min', 'FLOPs'));
    assert.ok('problem' in parseBudget('domains', '', 'FLOPs'));
    assert.ok('problem' in parseBudget('domainTokens', 'much', 'FLOPs'));
    assert.deepEqual(readBudgetState(JSON.stringify(state)), state);
    assert.equal(readBudgetState('{"unit":"euros"}'), undefined);
  });
});

describe('charts under budgets', () => {
  const results = syntheticResults({ grid: 'crossing at the smallest size' });
  const methods = plannedMethods(results.methods, results.models);
  const [view] = viewsOf(results.measurements);
  const state: BudgetState = {
    ...initialState(methods, 1),
    unit: 'FLOPs',
    values: { ...initialState(methods, 1).values, specialization: 5e12, domains: 3 },
  };
  const answer = planFor({ budgets: budgetsOf(state), methods, points: view.cells });
  const infeasible = new Map(answer.excluded.map(({ method, reasons }) => [method, reasons.join(' ')]));
  const subject = { ...results, infeasible, keyOf: ({ method }: { method: string }) => method };

  test('a point that is not measured is drawn hollow and said to be so, in words and in the table', () => {
    const without: BudgetState = {
      ...state,
      values: { domains: 3, pretraining: 1e14, domainTokens: 400_000 },
    };
    const guess = planFor({ budgets: budgetsOf(without), methods, points: view.cells });
    assert.ok(guess.candidates.some(({ basis }) => basis === 'predicted'));
    const chart = standingChart(subject, view, guess);
    assert.ok(chart !== undefined);
    assert.match(drawChart(chart, 'x'), /class="marker series-\d+ hollow"/);
    assert.match(summarize(chart), /\(predicted\)/);
    assert.ok(chartTable(chart).rows.some((row) => row.some(({ text }) => text === 'predicted')));
  });

  test('what is out of reach is faint and struck out, and its tooltip has the reason', () => {
    const group = chartGroups(subject, view).find(({ id }) => id === 'specialization');
    assert.ok(group !== undefined);
    const chart = underBudgets(subject, group, group.charts[0], { answer, budgets: state });
    assert.ok(!isMap(chart));
    assert.equal(chart.limit, 5e12);
    const svg = drawChart(chart, 'x');
    assert.match(svg, /class="label out"[^>]*>slm-is \(pretrains\)</);
    assert.match(svg, /not within the budgets: Its cheapest measured point needs/);
  });

  test('what is recommended is not called a ceiling, and folded charts go by the model size of the reader', () => {
    const any = planFor({
      budgets: budgetsOf({ ...state, values: { domains: 3 } }),
      methods,
      points: view.cells,
    });
    assert.equal(any.recommendation.method, 'llm');
    const chart = standingChart(subject, view, any);
    assert.ok(chart !== undefined);
    assert.match(drawChart(chart, 'x'), /class="ring"/);
    assert.match(summarize(chart), / Lowest: llm, /);
    assert.doesNotMatch(`${drawChart(chart, 'x')} ${summarize(chart)}`, /ceiling|inference cap/);
    const ceilings = (inferenceCap?: number) =>
      chartGroups({ ...results, ...(inferenceCap && { inferenceCap }) }, view).flatMap(({ charts }) =>
        charts.flatMap(({ chart: one }) =>
          isMap(one) ? [] : one.series.filter(({ ceiling }) => ceiling).map(({ method }) => method),
        ),
      );
    assert.deepEqual(new Set(ceilings()), new Set(['llm', 'llm-lora']));
    assert.deepEqual(ceilings(Number.POSITIVE_INFINITY), []);
  });

  test('points are buttons inside of a group, not of an image', () => {
    const chart = standingChart(subject, view, answer);
    assert.ok(chart !== undefined);
    assert.match(
      drawChart(chart, 'x'),
      /<svg class="chart" [^>]*role="group"[\s\S]*role="button" tabindex="0"/,
    );
  });

  test('break-even numbers are told of the recommended method against each other one', () => {
    const table = breakEvenTable(answer);
    assert.equal(table?.rows.length, answer.candidates.length - 1);
  });

  test('bars stand for every method, after and before', () => {
    const chart = beforeAndAfter(view, results.methods, 'perplexity');
    assert.equal(chart?.rows.length, results.methods.length);
    assert.equal(chart?.rows[0].values[1], undefined);
    assert.ok((chart?.rows[1].values[0]?.mean ?? 0) < (chart?.rows[1].values[1]?.mean ?? 0));
  });

  test('bars of generic text show what was forgotten, of the methods that were measured on it', () => {
    const chart = beforeAndAfter(view, results.methods, 'perplexity on generic text');
    assert.ok(chart !== undefined);
    assert.deepEqual(
      chart.rows.map(({ label }) => label),
      results.methods.map(({ id }) => id).filter((id) => id !== 'slm-nopt'),
    );
    for (const { values } of chart.rows) assert.ok((values[0]?.mean ?? 0) > (values[1]?.mean ?? 0));
  });

  test('bars of what was chosen among fine-tuned models stand alone, as what was measured before need not be its start', () => {
    const choosing = results.methods.map((one) => ({ ...one, choosesTuned: one.id === 'slm-mix' }));
    const isBefore = (of: typeof view) =>
      beforeAndAfter(of, choosing, 'perplexity')
        ?.rows.filter(({ label }) => ['slm', 'slm-mix'].includes(label))
        .map(({ label, values: [after, before] }) => [label, after !== undefined, before !== undefined]);
    assert.deepEqual(isBefore(view), [
      ['slm', true, true],
      ['slm-mix', true, false],
    ]);
    const untuned = view.cells.filter(({ phase }) => phase === 'before fine-tuning');
    assert.deepEqual(isBefore({ ...view, cells: untuned }), [
      ['slm', false, true],
      ['slm-mix', false, true],
    ]);
    assert.match(withoutStartInWords(choosing), /^ Of slm-mix the model after fine-tuning stands alone/);
    assert.equal(withoutStartInWords(results.methods), '');
  });

  test('bars of an average over domains say that all their text is a mean', () => {
    const contexts = viewsOf(results.measurements).map(
      (one) => beforeAndAfter(one, results.methods, 'perplexity')?.context,
    );
    assert.equal(
      contexts[0],
      'macro average over 2 domains, with all 3.2M in-domain tokens (geometric mean of the domains)',
    );
    assert.equal(contexts[1], 'on letters, with all 3.2M in-domain tokens');
  });
});

test('messages of another form are refused both ways', () => {
  assert.ok(toPanelSchema.safeParse({ type: 'curves', curves: [] }).success);
  assert.ok(!toPanelSchema.safeParse({ type: 'curves', curves: [{ id: 1 }] }).success);
  assert.ok(fromPanelSchema.safeParse({ type: 'openDocument', evaluation: 'a', index: 3 }).success);
  assert.ok(!fromPanelSchema.safeParse({ type: 'openDocument', evaluation: 'a', index: -1 }).success);
  assert.ok(
    fromPanelSchema.safeParse({ type: 'runPoint', pretraining: 65_536, domainTokens: 'all' }).success,
  );
  assert.ok(!fromPanelSchema.safeParse({ type: 'runPoint', pretraining: 0, domainTokens: 'all' }).success);
  assert.ok(!fromPanelSchema.safeParse({ type: 'runPoint', pretraining: 1, domainTokens: 'some' }).success);
  assert.ok(!fromPanelSchema.safeParse({ type: 'export', name: 'x', format: 'exe', data: '' }).success);
});
