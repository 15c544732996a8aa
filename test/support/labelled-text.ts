/** A long text with many labelled passages, and the work of labelling one more, up to the ranges that are painted. */
import { setLabel } from '../../src/corpus/labels/label-edits.ts';
import type { LabelEntry } from '../../src/corpus/labels/labels.ts';
import { anchorPassage } from '../../src/corpus/labels/passages.ts';
import { PassageTracker } from '../../src/ui/labelling/passage-tracker.ts';
import { Lines } from '../../src/ui/labelling/places.ts';
import { LabelIndex } from '../../src/ui/labelling/store/label-index.ts';
import { targetsOfSelections } from '../../src/ui/labelling/targets.ts';

const sentence = 'The quick brown fox jumps over the lazy dog, and then it rests. ';

/** About 1 MB. */
export function longText(): string {
  return Array.from({ length: 14_000 }, (_, at) => `${at} ${sentence}${at % 5 === 0 ? '\n' : ''}`).join('');
}

/** 500 of them, of 300 characters. */
export function manyPassages(text: string): readonly LabelEntry[] {
  return Array.from({ length: 500 }, (_, at) => {
    const start = text.indexOf(`${at * 25} The`);
    return { path: 'a.md', label: 'held-out', passage: anchorPassage(text, start, start + 300) };
  });
}

export function openedText(text: string, entries: readonly LabelEntry[]): PassageTracker {
  const tracker = new PassageTracker();
  tracker.load(entries, () => text);
  return tracker;
}

/** Labels one more passage of the text that the tracker follows. */
export function labelOneMore(text: string, entries: readonly LabelEntry[], tracker: PassageTracker): void {
  const place = new Lines(text).placesOf({ start: 500_000, end: 500_200 });
  const targets = targetsOfSelections('a.md', text, [place], tracker.passages);
  const index = new LabelIndex(setLabel(entries, targets, 'excluded').entries);
  tracker.load(index.passages('a.md'), () => text);
}
