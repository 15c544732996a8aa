import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatPerplexity } from '../../../src/common/format.ts';
import type { Curve } from '../../../webview/perplexity/curve-store.ts';
import {
  captionOf,
  curveTable,
  pointTable,
  summarizeCurves,
} from '../../../webview/perplexity/curve-words.ts';
import { type CurveView, curveLines, readoutNames } from '../../../webview/perplexity/lines.ts';

const points = (...loss: number[]) => {
  const counts = loss.map((_, index) => index + 1);
  return { step: counts, tokens: counts, flops: counts, seconds: counts, loss };
};
const curve = (training: readonly number[], validation: readonly number[]): Curve => ({
  facts: {
    id: 'a',
    kind: 'fine-tuning',
    label: 'fine-tune small',
    methods: ['slm'],
    seed: 1,
    state: 'finished',
  },
  training: points(...training),
  validation: points(...validation),
});
const view: CurveView = { axis: 'tokens', isLog: true, smoothing: 0.9 };

test('the caption says which text a loss is of, and of validation only where some is drawn', () => {
  const [with_, without] = [curve([3, 2], [2.5]), curve([3, 2], [])];
  assert.match(captionOf('fine-tuning', [without, with_]), /lines with marks are validation/);
  assert.doesNotMatch(captionOf('fine-tuning', [without]), /marks/);
  assert.match(captionOf('pretraining', [without]), /compare curves of one method only/);
  assert.match(captionOf('fine-tuning', [without]), /domain's training text/);
});

test('words, table and export say what is drawn: smoothed where the picture is', () => {
  const one = curve([5, 3, 4, 2], [4.5, 4.1, 4.3]);
  const [training, validation] = curveLines([{ curve: one, index: 0, dash: 0 }], view);
  const drawn = training.strokes[0].y;
  const [first, last] = [formatPerplexity(drawn[0]), formatPerplexity(drawn[3])];
  assert.notEqual(last, formatPerplexity(Math.exp(2)), 'the last batch alone is not what is drawn');
  const words = summarizeCurves([one], view);
  assert.ok(words.includes(`training perplexity from ${first} to ${last} at 4 tokens`), words);
  const lowest = formatPerplexity(Math.min(...validation.strokes[0].y));
  assert.ok(words.includes(`lowest validation ${lowest} at 2 tokens`), words);
  const [row] = curveTable([one], view).rows;
  assert.ok(row.some(({ text }) => text === last) && row.some(({ text }) => text === lowest));
  const exported = pointTable([one], view).rows.map((cells) => Number(cells[8].text));
  assert.deepEqual(exported, [...drawn, ...validation.strokes[0].y]);
});

test('a curve that is drawn is never said to have no points', () => {
  assert.match(summarizeCurves([curve([], [4.5])], view), /lowest validation 90\.02 at 1 tokens/);
  assert.doesNotMatch(summarizeCurves([curve([], [4.5])], view), /no points yet/);
  assert.match(summarizeCurves([curve([], [])], view), /no points yet/);
});

test('the readout calls a line by method and seed, and by its whole name where that is not enough', () => {
  const one = curve([5, 3], [4]);
  const other = { ...one, facts: { ...one.facts, id: 'b', label: 'fine-tune small on 2k tokens' } };
  const names = (...curves: Curve[]) => [
    ...readoutNames(curves.map((each) => ({ curve: each, index: 0, dash: 0 }))).values(),
  ];
  assert.deepEqual(names(one), ['slm · seed 1, training', 'slm · seed 1, validation']);
  assert.ok(names(one, other).includes('slm · seed 1 · fine-tune small on 2k tokens, training'));
});
