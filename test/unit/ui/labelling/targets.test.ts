import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InputError } from '../../../../src/common/errors.ts';
import { setLabel } from '../../../../src/corpus/labels/label-edits.ts';
import { standsOutside } from '../../../../src/ui/labelling/also-in.ts';
import { PassageTracker } from '../../../../src/ui/labelling/passage-tracker.ts';
import { Lines, type PlaceSpan } from '../../../../src/ui/labelling/places.ts';
import { passagesUnder, targetsOfSelections } from '../../../../src/ui/labelling/targets.ts';

const text = 'First line.\nA passage to label.\nLast line, which is long enough to be no chance match.\n';
const lines = new Lines(text);
const select = (part: string): PlaceSpan => {
  const start = text.indexOf(part);
  return lines.placesOf({ start, end: start + part.length });
};
const caret = (at: string): PlaceSpan => ({ start: select(at).start, end: select(at).start });

function labelled(part: string): PassageTracker {
  const targets = targetsOfSelections('a.md', text, [select(part)], []);
  const tracker = new PassageTracker();
  tracker.load(setLabel([], targets, 'held-out').entries, () => text);
  return tracker;
}

test('a selection becomes a passage without the white space around it; no selection means the file', () => {
  const [target] = targetsOfSelections('a.md', text, [select('\nA passage to label.\n')], []);
  assert.ok(target.kind === 'passage' && target.anchor.quote === 'A passage to label.');
  assert.deepEqual(targetsOfSelections('a.md', text, [caret('passage')], []), [
    { kind: 'file', path: 'a.md' },
  ]);
  assert.equal(targetsOfSelections('a.md', text, [select('First'), select('Last')], []).length, 2);
});

test('labelling the same text again replaces its entry', () => {
  const tracker = labelled('A passage');
  const [entry] = tracker.passages;
  const targets = targetsOfSelections('a.md', text, [select('A passage ')], tracker.passages);
  assert.deepEqual(
    setLabel([entry.entry], targets, 'generic').entries.map(({ label }) => label),
    ['generic'],
  );
});

test('a part of a file that is read in records cannot be labelled', () => {
  assert.throws(() => targetsOfSelections('a.jsonl', text, [select('First')], []), InputError);
  assert.equal(targetsOfSelections('a.jsonl', text, [caret('First')], []).length, 1);
});

test('the caret means the passage that it stands in, a selection those that it overlaps', () => {
  const { passages } = labelled('passage to');
  assert.equal(passagesUnder(caret('to label'), passages).length, 1);
  assert.equal(passagesUnder(caret('First'), passages).length, 0);
  assert.equal(passagesUnder(select('A passage'), passages).length, 1);
  assert.equal(passagesUnder(select(' label'), passages).length, 0);
});

test('held-out text that stands elsewhere is noticed, unless it is held out there too', () => {
  const needle = 'which is long enough to be no chance match';
  assert.ok(standsOutside(text, needle, []));
  assert.ok(!standsOutside(text, needle, labelled(needle).passages));
  assert.ok(standsOutside(`${text}${text}`, needle, labelled(needle).passages));
  assert.ok(!standsOutside(text, 'First', []));
});
