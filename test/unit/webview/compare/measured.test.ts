import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawGroupDots, groupTable, summarizeGroups } from '../../../../src/charts/group-dots.ts';
import { flops, seconds, tokens } from '../../../../src/common/units.ts';
import type { ComparedRun } from '../../../../src/panel-protocol/messages.ts';
import { comparedChart, figureTable, viewTitles } from '../../../../webview/compare/measured.ts';
import { measurement } from '../../ui/fixtures.ts';

function run(name: string, changes: Partial<ComparedRun> = {}): ComparedRun {
  return {
    name,
    title: 'factbook',
    created: '2026-03-01T11:25:00.000Z',
    methods: ['slm', 'slm-is'],
    choosesTuned: [],
    state: 'finished',
    seeds: [1, 2],
    measurements: [],
    ...changes,
  };
}

const made = (method: string, perplexities: readonly number[]) =>
  perplexities.map((perplexity, index) => measurement({ method, perplexity, seed: index + 1 }));

const a = run('A', { measurements: [...made('slm', [90, 100]), ...made('slm-is', [60])] });
const b = run('B', { methods: ['slm'], measurements: made('slm', [80, 85]) });

function chart(runs: readonly ComparedRun[]) {
  const found = comparedChart(runs, 'factbook', 'perplexity');
  assert.ok(found !== undefined);
  return found;
}

test('each method has a group, in words with its id, and in it a value a run with its range over seeds', () => {
  const { groups } = chart([a, b]);
  assert.deepEqual(
    groups.map(({ label, detail, values }) => [
      label,
      detail,
      values.map(({ member, min, max, seeds }) => [member, min, max, seeds]),
    ]),
    [
      [
        'Pretrained on generic text',
        'slm',
        [
          [0, 90, 100, 2],
          [1, 80, 85, 2],
        ],
      ],
      ['Pretrained on look-alike text', 'slm-is', [[0, 60, 60, 1]]],
    ],
  );
});

test('costs have the range of their seeds, of an average over domains that of its mean', () => {
  const costs = [3, 1, 2].map((factor, index) =>
    measurement({
      method: 'slm',
      seed: index + 1,
      genericSeconds: seconds(100 * factor),
      genericFlops: flops(1e12),
      specializationSeconds: seconds(10),
      specializationFlops: flops(1e11 * factor),
    }),
  );
  const others = costs.map((one) => ({ ...one, domain: 'other', specializationSeconds: seconds(30) }));
  const rangeOf = (title: string, measure: 'time' | 'computation') => {
    const [group] =
      comparedChart([run('A', { measurements: [...costs, ...others] })], title, measure)?.groups ?? [];
    return group?.values.map(({ mean, min, max }) => [min, mean, max]);
  };
  assert.deepEqual(rangeOf('factbook', 'time'), [[110, 210, 310]]);
  assert.deepEqual(rangeOf('factbook', 'computation'), [[1.1e12, 1.2e12, 1.3e12]]);
  assert.deepEqual(rangeOf('macro average over 2 domains', 'time'), [[120, 220, 320]]);
});

test('the drawing has a marker and the name of its run for every value, and says the range', () => {
  const drawn = drawGroupDots(chart([a, b]), 'x');
  // One more of each run, in the legend.
  assert.equal(drawn.match(/class="marker series-1"/g)?.length, 3);
  assert.equal(drawn.match(/class="marker series-2"/g)?.length, 2);
  assert.match(drawn, />A 94\.87</);
  assert.match(drawn, />B 82\.46</);
  assert.match(drawn, /80\.00 to 85\.00 over 2 seeds/);
  assert.match(drawn, /A, Pretrained on look-alike text: 60\.00 \(1 seed, spread over seeds unknown\)/);
});

test('words and table say what the drawing shows', () => {
  assert.match(
    summarizeGroups(chart([a, b])),
    /Pretrained on generic text: A 94\.87, B 82\.46; Pretrained on look-alike text: A 60\.00\./,
  );
  assert.deepEqual(
    groupTable(chart([a, b])).rows.map((row) => row.map(({ text }) => text)),
    [
      ['Pretrained on generic text', 'A', '94.87', '90.00', '100.0', '2'],
      ['Pretrained on generic text', 'B', '82.46', '80.00', '85.00', '2'],
      ['Pretrained on look-alike text', 'A', '60.00', '60.00', '60.00', '1'],
    ],
  );
});

test('times are those of all work from nothing', () => {
  const found = comparedChart([a, b], 'factbook', 'time');
  assert.deepEqual(
    found?.groups[0].values.map(({ mean }) => mean),
    [66, 66],
  );
});

test('every point has a row, with what it was before fine-tuning', () => {
  const tuned = run('A', {
    measurements: [
      measurement({ phase: 'before fine-tuning', perplexity: 200 }),
      measurement(),
      measurement({ method: 'slm', phase: 'before fine-tuning', perplexity: 300 }),
    ],
  });
  const rows = figureTable([tuned], 'factbook').rows.map((row) => row.map(({ text }) => text));
  assert.deepEqual(rows, [
    [
      'Pretrained on look-alike text (slm-is)',
      'A',
      '1M',
      '20k',
      '60.91',
      '60.91',
      '60.91',
      '200.0',
      '1.5000',
      '59.08',
      '1',
      '1 min 00 s',
      '1.00 TFLOP',
      '6 s',
      '100 GFLOP',
    ],
    [
      'Pretrained on generic text (slm)',
      'A',
      '1M',
      'not fine-tuned',
      '300.0',
      '300.0',
      '300.0',
      '–',
      '1.5000',
      '291.0',
      '1',
      '1 min 00 s',
      '1.00 TFLOP',
      '6 s',
      '100 GFLOP',
    ],
  ]);
});

test('what need not be the start of a chosen model has a row of its own, with the set that selected it', () => {
  const sets = [2048, 'all'] as const;
  const measurements = sets.flatMap((set) => {
    const one = { method: 'slm-mix', requestedDomainTokens: set };
    const before = { ...one, phase: 'before fine-tuning', domainTokens: tokens(0), perplexity: 70 } as const;
    return [measurement({ ...one, domainTokens: tokens(set === 'all' ? 20_000 : set) }), measurement(before)];
  });
  const rowsOf = (choosesTuned: string[]) =>
    figureTable([run('A', { measurements, choosesTuned })], 'factbook').rows.map((row) =>
      [3, 4, 7].map((column) => row[column].text),
    );
  assert.deepEqual(rowsOf([]), [
    ['20k', '60.91', '70.00'],
    ['2k', '60.91', '70.00'],
  ]);
  assert.deepEqual(rowsOf(['slm-mix']), [
    ['20k', '60.91', '–'],
    ['2k', '60.91', '–'],
    ['not fine-tuned, selection by 2k in-domain tokens', '70.00', '–'],
    ['not fine-tuned, selection by all in-domain text', '70.00', '–'],
  ]);
});

test('rows of one method and place stand together, whichever run they are of', () => {
  const rows = figureTable([a, b], 'factbook').rows.map(([method, name]) => `${method.text} ${name.text}`);
  assert.deepEqual(rows, [
    'Pretrained on generic text (slm) A',
    'Pretrained on generic text (slm) B',
    'Pretrained on look-alike text (slm-is) A',
  ]);
});

test('domains of all runs can be chosen; where nothing is fine-tuned there is no chart', () => {
  const other = run('B', { measurements: [measurement({ domain: 'letters', phase: 'before fine-tuning' })] });
  assert.deepEqual(viewTitles([a, other]), ['factbook', 'letters']);
  assert.equal(comparedChart([a, other], 'letters', 'perplexity'), undefined);
});

test('names from the workspace cannot become markup', () => {
  const hostile = run('A', { title: '<b>"x"</b>', measurements: made('<i>', [50]) });
  assert.doesNotMatch(drawGroupDots(chart([hostile]), '"x'), /<b>|<i>|id="""/);
});
