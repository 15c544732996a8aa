import assert from 'node:assert/strict';
import { test } from 'node:test';
import { moveAnchors } from '../../../../src/corpus/labels/label-edits.ts';
import type { LabelEntry } from '../../../../src/corpus/labels/labels.ts';
import { anchorPassage, placePassage } from '../../../../src/corpus/labels/passages.ts';
import { holdsOver, PassageTracker } from '../../../../src/ui/labelling/passage-tracker.ts';
import { Lines, type TextChange } from '../../../../src/ui/labelling/places.ts';

/** A text with its tracker, edited as in an editor. */
class Editor {
  text: string;
  entries: readonly LabelEntry[];
  readonly tracker = new PassageTracker();
  reads = 0;

  constructor(text: string, passages: readonly string[]) {
    this.text = text;
    this.entries = passages.map((passage) => {
      const start = text.indexOf(passage);
      return { path: 'a.md', label: 'held-out', passage: anchorPassage(text, start, start + passage.length) };
    });
    this.load();
  }

  load(): void {
    this.tracker.load(this.entries, this.read);
  }

  readonly read = (): string => {
    this.reads++;
    return this.text;
  };

  replace(old: string, text: string): boolean {
    const start = this.text.indexOf(old);
    const change: TextChange = { ...new Lines(this.text).placesOf({ start, end: start + old.length }), text };
    this.text = this.text.slice(0, start) + text + this.text.slice(start + old.length);
    return this.tracker.edit([change]);
  }

  shown(): readonly (string | undefined)[] {
    const lines = new Lines(this.text);
    return this.tracker.passages.map(({ span }) => {
      if (span === undefined) return undefined;
      const { start, end } = lines.offsetsOf(span);
      return this.text.slice(start, end);
    });
  }

  save(): void {
    this.tracker.check(this.read);
    this.entries = moveAnchors(this.entries, this.tracker.anchorMoves(this.text));
    this.load();
  }
}

const body = 'First line.\nThe secret passage.\nMiddle.\nThe other passage.\nLast line.\n';

test('passages follow edits without a look at the text', () => {
  const editor = new Editor(body, ['secret passage', 'other passage']);
  const reads = editor.reads;
  assert.equal(editor.replace('First', 'Two\nlines before the first'), false);
  assert.equal(editor.replace('Middle.\n', ''), false);
  assert.deepEqual(editor.shown(), ['secret passage', 'other passage']);
  assert.equal(editor.reads, reads);
});

test('a passage grows and shrinks with edits inside it, and is saved with its new text', () => {
  const editor = new Editor(body, ['secret passage', 'other passage']);
  assert.equal(editor.replace('secret', 'very public'), true);
  editor.replace('lic passage', 'lished p');
  editor.tracker.check(editor.read);
  assert.deepEqual(editor.shown(), ['very published p', 'other passage']);
  editor.save();
  assert.deepEqual(editor.shown(), ['very published p', 'other passage']);
  assert.deepEqual(
    editor.entries.map(({ passage }) => passage?.quote),
    ['very published p', 'other passage'],
  );
});

test('an edit inside a passage that is undone leaves its entry as it was', () => {
  const editor = new Editor(body, ['secret passage']);
  const before = editor.entries;
  editor.replace('secret', 'secret!');
  editor.tracker.check(editor.read);
  assert.deepEqual(editor.shown(), ['secret! passage']);
  editor.replace('secret!', 'secret');
  editor.save();
  assert.deepEqual(editor.entries, before);
});

test('what is put in place of a passage’s end is labelled as the end was', () => {
  const editor = new Editor(body, ['secret passage.\nMiddle']);
  editor.replace('passage.\nMiddle.\nThe other', 'text');
  editor.save();
  assert.deepEqual(editor.shown(), ['secret text']);
  assert.equal(editor.entries[0].passage?.quote, 'secret text');
});

test('a passage whose text is replaced as a whole is lost, and back when the edit is undone', () => {
  const editor = new Editor(body, ['secret passage', 'other passage']);
  assert.equal(editor.replace('secret passage', 'public text'), true);
  assert.equal(editor.tracker.check(editor.read), true);
  assert.deepEqual(editor.shown(), [undefined, 'other passage']);
  assert.equal(editor.replace('public text', 'secret passage'), true);
  editor.tracker.check(editor.read);
  assert.deepEqual(editor.shown(), ['secret passage', 'other passage']);
});

test('a passage in a text that others changed is where its anchor leads, and does not shrink with their edits', () => {
  const editor = new Editor(body, ['secret passage.\nMiddle', 'other passage']);
  const before = editor.entries;
  editor.replace('First line.\nThe secret', 'New first line.\nThe corrected secret');
  editor.tracker.placeAnew(editor.read);
  assert.deepEqual(editor.shown(), ['secret passage.\nMiddle', 'other passage']);
  editor.replace('corrected secret passage', 'open passage');
  editor.tracker.placeAnew(editor.read);
  assert.deepEqual(editor.shown(), [undefined, 'other passage']);
  editor.save();
  assert.deepEqual(editor.entries[0], before[0]);
});

test('a deleted passage is found where it was pasted, if it is long enough to be known without its surroundings', () => {
  const long = 'The secret passage is long enough that nobody wrote it twice by chance.\n';
  for (const [passage, pasted] of [
    [long, long],
    ['The secret passage.\n', undefined],
  ] as const) {
    const editor = new Editor(body.replace('The secret passage.\n', passage), [passage]);
    editor.replace(passage, '');
    editor.tracker.check(editor.read);
    assert.deepEqual(editor.shown(), [undefined]);
    editor.replace('Last line.\n', `Last line.\n${passage}Added.\n`);
    editor.tracker.check(editor.read);
    assert.deepEqual(editor.shown(), [pasted]);
  }
});

test('on saving, anchors get the new surroundings, and lead to the place that was followed', () => {
  const editor = new Editor('one x two\nthree x four\n', ['x two']);
  const copy = 'copy: one x two\n';
  editor.replace('one ', 'changed ');
  editor.text = copy + editor.text;
  editor.tracker.edit([{ start: { line: 0, character: 0 }, end: { line: 0, character: 0 }, text: copy }]);
  const [anchor] = editor.entries;
  assert.equal(
    placePassage(editor.text, anchor.passage!)?.start,
    copy.indexOf('x two'),
    'the old one misleads',
  );
  editor.save();
  assert.equal(placePassage(editor.text, editor.entries[0].passage!)?.start, copy.length + 'changed '.length);
  assert.deepEqual(editor.shown(), ['x two']);
});

test('saving leaves anchors that still lead to their place as they are, so that labels.json does not churn', () => {
  const editor = new Editor(`${'far away. '.repeat(20)}\n${body}`, ['secret passage']);
  editor.replace('far away', 'far, far away');
  assert.deepEqual(editor.tracker.anchorMoves(editor.text), []);
});

test('an anchor that fits several places is not brought up to date: that would make a guess a fact', () => {
  const editor = new Editor('a dog b dog c', []);
  editor.entries = [
    { path: 'a.md', label: 'held-out', passage: { quote: 'dog', prefix: 'a ', suffix: ' old', offset: 3 } },
  ];
  editor.load();
  assert.deepEqual(editor.shown(), ['dog']);
  assert.deepEqual(editor.tracker.anchorMoves(editor.text), []);
});

test('a lost passage stays lost on saving and is not dropped', () => {
  const editor = new Editor(body, ['secret passage']);
  editor.replace('secret passage', 'public text');
  const before = editor.entries;
  editor.save();
  assert.deepEqual(editor.entries, before);
  assert.deepEqual(editor.shown(), [undefined]);
});

test('where passages overlap, the label that keeps text away from training comes first', () => {
  const editor = new Editor(body, ['The secret passage', 'secret passage']);
  editor.entries = [
    { ...editor.entries[0], label: 'in-domain' },
    { ...editor.entries[1], label: 'excluded' },
  ];
  editor.load();
  assert.deepEqual(
    editor.tracker.at({ line: 1, character: 8 }).map(({ entry }) => entry.label),
    ['excluded', 'in-domain'],
  );
});

test('a label of another domain, or of all where this one has its own at the very place, does not hold over it', () => {
  const [all] = new Editor(body, ['secret passage']).entries;
  const excluded: LabelEntry = { ...all, label: 'excluded' };
  const ofLaw: LabelEntry = { ...all, label: 'in-domain', domain: 'law' };
  assert.ok(holdsOver(excluded, { ...ofLaw, domain: undefined }));
  assert.ok(!holdsOver(excluded, ofLaw));
  assert.ok(!holdsOver({ ...excluded, domain: 'med' }, ofLaw));
  const [wider] = new Editor(body, ['The secret passage']).entries;
  assert.ok(holdsOver({ ...wider, label: 'excluded' }, ofLaw));
});
