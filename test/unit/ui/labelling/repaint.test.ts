/** The work of labelling one more passage of a large text with many, up to the ranges that are painted. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setLabel } from '../../../../src/corpus/label-edits.ts';
import { formatLabels, type LabelEntry, parseLabels } from '../../../../src/corpus/labels.ts';
import { anchorPassage } from '../../../../src/corpus/passages.ts';
import { LabelIndex } from '../../../../src/ui/labelling/label-index.ts';
import { PassageTracker } from '../../../../src/ui/labelling/passage-tracker.ts';
import { Lines } from '../../../../src/ui/labelling/places.ts';
import { targetsOfSelections } from '../../../../src/ui/labelling/targets.ts';

const sentence = 'The quick brown fox jumps over the lazy dog, and then it rests. ';
const text = Array.from({ length: 14_000 }, (_, at) => `${at} ${sentence}${at % 5 === 0 ? '\n' : ''}`).join(
  '',
);
const entries: readonly LabelEntry[] = Array.from({ length: 500 }, (_, at) => {
  const start = text.indexOf(`${at * 25} The`);
  return { path: 'a.md', label: 'held-out', passage: anchorPassage(text, start, start + 300) };
});

const median = (times: number[]): number => times.sort((a, b) => a - b)[times.length >> 1];
const timed = (work: () => void): number => {
  const start = performance.now();
  work();
  return performance.now() - start;
};

test('one more passage among 500 in a text of 1 MB is placed well under 50 ms', (t) => {
  assert.ok(text.length > 950_000);
  const repaints: number[] = [];
  const opens: number[] = [];
  const files: number[] = [];
  for (let round = 0; round < 9; round++) {
    const tracker = new PassageTracker();
    opens.push(timed(() => tracker.load(entries, () => text)));
    assert.ok(tracker.passages.every(({ span }) => span !== undefined));
    const place = new Lines(text).placesOf({ start: 500_000, end: 500_200 });
    repaints.push(
      timed(() => {
        const targets = targetsOfSelections('a.md', text, [place], tracker.passages);
        const index = new LabelIndex(setLabel(entries, targets, 'excluded').entries);
        tracker.load(index.passages('a.md'), () => text);
      }),
    );
    assert.equal(tracker.passages.length, 501);
    files.push(timed(() => parseLabels(formatLabels(parseLabels(formatLabels(entries), 'x')), 'x')));
  }
  const shown = (times: number[]) => `${median(times).toFixed(1)} ms`;
  t.diagnostic(
    `label and place: ${shown(repaints)}; open: ${shown(opens)}; labels file twice: ${shown(files)}`,
  );
  assert.ok(median(repaints) < 50, shown(repaints));
});
