/** Lines of held-out perplexity over tokens: where they begin, how stages are chained, and that words are what is drawn. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { UntrainedMeasurement } from '../../../src/budget/measurement.ts';
import { formatCompact, formatPerplexity } from '../../../src/common/format.ts';
import { heldOutLines, type LineData } from '../../../webview/perplexity/held-out-lines.ts';
import {
  captionOf,
  lineNumbers,
  lineTable,
  pictureLine,
  pointInWords,
  type ShownLine,
  summarizeLines,
} from '../../../webview/perplexity/held-out-words.ts';
import { BATCH, measured, type Row, untrained } from './made-measurements.ts';

const methods: LineData['methods'] = [
  { id: 'slm', model: 'small' },
  { id: 'slm-is', model: 'small' },
  { id: 'llm', model: 'large' },
  { id: 'slm-nopt', model: 'small' },
];

const slm = (seed: number, factor = 1): readonly Row[] => [
  { seed, budget: 262_144, size: 'all', perplexity: 90 * factor, validation: 88, bestStep: 20 * seed },
  { seed, budget: 262_144, size: 2048, perplexity: 95 * factor, bestStep: 9 },
  { seed, budget: 65_536, size: 'all', perplexity: 150 * factor, bestStep: 10 },
  { seed, budget: 65_536, perplexity: 160 * factor, isBefore: true },
  { seed, budget: 262_144, perplexity: 92 * factor, isBefore: true, validation: 99 },
];

function lines(rows: readonly Row[], begun: readonly UntrainedMeasurement[] = [untrained(1, 1000)]) {
  return heldOutLines({
    methods,
    measurements: rows.map(measured),
    untrained: begun,
    given: [],
    batchTokens: BATCH,
  });
}

const shown = (rows: readonly Row[], begun?: readonly UntrainedMeasurement[]): readonly ShownLine[] =>
  lines(rows, begun).map((line, index) => ({ ...line, index }));

describe('a line', () => {
  test('goes from the untrained model over the budgets to the model trained on all of the domain', () => {
    const [line] = lines(slm(1));
    assert.deepEqual(
      line.points.map(({ kind, tokens: at, perplexity }) => [kind, at, Math.round(perplexity)]),
      [
        ['untrained', 0, 1000],
        ['pretrained', 65_536, 160],
        ['pretrained', 262_144, 92],
        ['trained on the domain', 262_144 + 20 * BATCH, 90],
      ],
    );
    assert.equal(line.tunedFrom, line.points[2]);
  });

  test('has one stroke for pretraining and one, otherwise dashed, for training on the domain', () => {
    const { strokes, marked } = pictureLine(shown(slm(1))[0]);
    assert.deepEqual(
      strokes.map(({ x }) => x.length),
      [3, 2],
    );
    assert.notEqual(strokes[0].dash, strokes[1].dash);
    assert.equal(strokes[0].x[0], 0);
    assert.equal(strokes[1].x[0], strokes[0].x.at(-1));
    assert.equal(marked.length, 4);
  });

  test('is one a method, in their order, and begins with the untrained model of its own size', () => {
    const rows: readonly Row[] = [
      ...slm(1).map((row) => ({ ...row, method: 'llm' })),
      ...slm(1),
      { method: 'slm-nopt', size: 'all', perplexity: 300, bestStep: 60 },
    ];
    const made = lines(rows, [untrained(1, 1000), untrained(1, 1100, 'large')]);
    assert.deepEqual(
      made.map(({ method, points }) => [method, Math.round(points[0].perplexity)]),
      [
        ['slm', 1000],
        ['llm', 1100],
        ['slm-nopt', 1000],
      ],
    );
    const scratch = made[2];
    assert.equal(scratch.tunedFrom, scratch.points[0]);
    assert.deepEqual(
      scratch.points.map(({ tokens: at }) => at),
      [0, 60 * BATCH],
    );
  });

  test('of a method that chooses generic text by the set has the pretraining for the set it ends with', () => {
    const [line] = lines([
      { method: 'slm-is', budget: 65_536, size: 'all', perplexity: 80, bestStep: 5 },
      { method: 'slm-is', budget: 65_536, size: 2048, perplexity: 85, isBefore: true },
      { method: 'slm-is', budget: 65_536, size: 'all', perplexity: 82, isBefore: true },
    ]);
    assert.deepEqual(
      line.points.map(({ perplexity }) => Math.round(perplexity)),
      [1000, 82, 80],
    );
  });

  test('is a mean over seeds, each seed a point of its own', () => {
    const [line] = lines([...slm(1), ...slm(2, 1.21)], [untrained(1, 1000), untrained(2, 1000)]);
    const last = line.points.at(-1);
    assert.ok(Math.abs((last?.perplexity ?? 0) - 90 * 1.1) < 1e-9);
    assert.equal(last?.tokens, 262_144 + 30 * BATCH);
    assert.deepEqual(
      last?.seeds.map(({ seed, tokens: at }) => [seed, at]),
      [
        [1, 262_144 + 20 * BATCH],
        [2, 262_144 + 40 * BATCH],
      ],
    );
    assert.equal(pictureLine({ ...line, index: 0 }).seeds.length, 8);
  });

  test('marks its lowest on validation text, not on the held-out text that it shows', () => {
    const [line] = lines([
      { budget: 65_536, size: 'all', perplexity: 150, validation: 80, bestStep: 20 },
      { budget: 65_536, perplexity: 100, validation: 120, isBefore: true },
    ]);
    assert.equal(line.best.kind, 'trained on the domain');
    assert.deepEqual(pictureLine({ ...line, index: 0 }).best, {
      x: 65_536 + 20 * BATCH,
      y: line.best.perplexity,
    });
  });
});

describe('with a given model', () => {
  const rows: readonly Row[] = [
    { method: 'slm', perplexity: 40, isBefore: true },
    { method: 'slm', size: 'all', perplexity: 25, bestStep: 30 },
    { method: 'slm-is-cont', budget: 65_536, size: 'all', perplexity: 30, isBefore: true },
    { method: 'slm-is-cont', budget: 65_536, size: 'all', perplexity: 20, bestStep: 10 },
    { method: 'slm-nopt', size: 'all', perplexity: 300, bestStep: 60 },
  ];
  const shownOf = (...ids: readonly string[]): readonly ShownLine[] =>
    heldOutLines({
      methods: ids.map((id) => ({ id, model: 'small' })),
      measurements: rows.filter(({ method = '' }) => ids.includes(method)).map(measured),
      untrained: [untrained(1, 8000)],
      given: ['small'],
      batchTokens: BATCH,
    }).map((line, index) => ({ ...line, index }));

  test('lines of what adapts or continues it begin at it, and only what ignores it at a random one', () => {
    const lines = shownOf('slm', 'slm-is-cont', 'slm-nopt');
    assert.deepEqual(
      lines.map(({ points }) => points.map(({ kind, perplexity }) => [kind, Math.round(perplexity)])),
      [
        [
          ['given', 40],
          ['trained on the domain', 25],
        ],
        [
          ['given', 40],
          ['pretrained', 30],
          ['trained on the domain', 20],
        ],
        [
          ['untrained', 8000],
          ['trained on the domain', 300],
        ],
      ],
    );
    assert.ok(lines.every(({ tunedFrom, points }) => tunedFrom === points.at(-2)));
    assert.match(
      captionOf(lines, 'letters'),
      /Lines of slm, slm-is-cont begin at the given model, the others at an untrained one/,
    );
    assert.match(summarizeLines(lines), /^slm: 40\.00 as given, 25\.00 after/);
  });

  test('nothing is drawn in its place where it was not measured, and the caption says so', () => {
    const [line] = shownOf('slm-is-cont');
    assert.equal(line.points[0].kind, 'pretrained');
    assert.match(captionOf([line], 'letters'), /The model before any training was not measured/);
    assert.match(captionOf(shownOf('slm'), 'letters'), /Lines begin at the given model\./);
  });
});

describe('what is not measured', () => {
  test('is not drawn: without the untrained model a line begins at its first measurement, and the caption says so', () => {
    const without = shown(slm(1), []);
    assert.equal(without[0].points[0].kind, 'pretrained');
    assert.match(
      captionOf(without, 'letters'),
      /The model before any training was not measured in these runs: lines begin at/,
    );
    assert.match(captionOf(shown(slm(1)), 'letters'), /Lines begin at the untrained model/);
  });

  test('leaves the last point alone while the model before it is not measured', () => {
    const [line] = shown([{ budget: 65_536, size: 'all', perplexity: 150, bestStep: 20 }]);
    assert.equal(line.tunedFrom, undefined);
    const { strokes, marked } = pictureLine(line);
    assert.deepEqual([strokes.length, marked.length], [0, 2]);
    assert.match(
      captionOf([line], 'letters'),
      /Of slm the model before training on the domain is not measured yet/,
    );
  });

  test('leaves a last point alone that was chosen among several, whose start none of the others need be', () => {
    const rows: readonly Row[] = [
      { method: 'slm-is', budget: 65_536, size: 'all', perplexity: 80, bestStep: 5 },
      { method: 'slm-is', budget: 65_536, size: 'all', perplexity: 82, isBefore: true },
    ];
    const of = (choosesTuned: boolean) => {
      const choosing = methods.map((one) => ({ ...one, choosesTuned: choosesTuned && one.id === 'slm-is' }));
      const data = { methods: choosing, measurements: rows.map(measured), batchTokens: BATCH };
      const [line] = heldOutLines({ ...data, given: [], untrained: [untrained(1, 1000)] });
      const drawn = { ...line, index: 0 };
      return { strokes: pictureLine(drawn).strokes.length, caption: captionOf([drawn], 'letters') };
    };
    assert.equal(of(false).strokes, 2);
    assert.equal(of(true).strokes, 1);
    assert.match(of(true).caption, /Of slm-is the last point stands alone: it is chosen among several/);
    assert.doesNotMatch(of(true).caption, /not measured yet/);
    assert.doesNotMatch(of(false).caption, /stands alone/);
  });

  test('of some seeds only is said', () => {
    const rows = [...slm(1), ...slm(2).slice(0, 1)];
    assert.match(captionOf(shown(rows, [untrained(1, 1), untrained(2, 1)]), 'letters'), /Not every seed/);
    assert.doesNotMatch(captionOf(shown(slm(1)), 'letters'), /Not every seed/);
  });
});

test('sentences, table, readout and export say the very values that are drawn', () => {
  const [line] = shown([...slm(1), ...slm(2, 1.21)], [untrained(1, 900), untrained(2, 1100)]);
  const { marked } = pictureLine(line);
  const summary = summarizeLines([line]);
  const table = lineTable([line], 'letters').rows.map((row) => row.map(({ text }) => text).join(' '));
  const { columns, rows } = lineNumbers([line], 'letters');
  const exported = rows.filter((row) => row[4].text.startsWith('mean'));
  for (const [i, { x, y }] of marked.entries()) {
    const value = formatPerplexity(y);
    assert.ok(summary.includes(value), `${value} in ${summary}`);
    assert.ok(table[i].includes(`${formatCompact(x)} ${value}`), table[i]);
    assert.ok(pointInWords(line, x, y).startsWith(`slm: ${value} `));
    assert.deepEqual([Number(exported[i][5].text), Number(exported[i][7].text)], [x, y]);
  }
  assert.match(summary, /after 31k tokens of training on the domain \(lowest on validation text\)/);
  assert.ok(columns.some(({ title }) => title === 'Trained (tokens)'));
  assert.equal(rows.length, 4 * 3);
});
