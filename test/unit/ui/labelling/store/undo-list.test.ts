/** Undoing labels when the labels file cannot be written, or says something else by then. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InputError, ResourceError } from '../../../../../src/common/errors.ts';
import { type LabelChange, setLabel } from '../../../../../src/corpus/labels/label-edits.ts';
import type { LabelEntry } from '../../../../../src/corpus/labels/labels.ts';
import { UndoList } from '../../../../../src/ui/labelling/store/undo-list.ts';

const labelled = (path: string, before: readonly LabelEntry[] = []): LabelChange =>
  setLabel(before, [{ kind: 'file', path }], 'held-out');
const pathOf = ({ added }: LabelChange) => added[0].path;
const full = () => Promise.reject(new ResourceError('The disk is full.', ''));

test('a label whose undoing could not be written is still the next to be undone', async () => {
  const list = new UndoList();
  const one = labelled('a.md');
  const two = labelled('b.md', one.entries);
  list.add(one);
  list.add(two);
  await assert.rejects(list.undoLast(full), ResourceError);
  // Undone for the eye, then not written.
  const undone = list.undoLast(async (undo) => {
    undo(two.entries);
    await full();
  });
  await assert.rejects(undone, ResourceError);
  const written = async (undo: LabelChange['undo']) => void undo(two.entries);
  assert.equal(pathOf(await list.undoLast(written)), 'b.md');
  assert.equal(pathOf(await list.undoLast(async (undo) => void undo(one.entries))), 'a.md');
});

test('a label that was set while an undoing failed is undone before that one', async () => {
  const list = new UndoList();
  list.add(labelled('a.md'));
  const failing = list.undoLast(async () => {
    list.add(labelled('late.md'));
    await full();
  });
  await assert.rejects(failing, ResourceError);
  assert.equal(pathOf(await list.undoLast(async () => undefined)), 'late.md');
  assert.equal(pathOf(await list.undoLast(async () => undefined)), 'a.md');
});

test('a change that no longer applies does not stand in the way of those before it', async () => {
  const list = new UndoList();
  list.add(labelled('a.md'));
  list.add(labelled('b.md'));
  await assert.rejects(
    list.undoLast(async (undo) => void undo([])),
    InputError,
  );
  assert.equal(pathOf(await list.undoLast(async () => undefined)), 'a.md');
});

test('of several folders it is known in which a label was set last and is not undone yet', async () => {
  const [first, second] = [new UndoList(), new UndoList()];
  assert.deepEqual([first.last, second.last], [0, 0]);
  first.add(labelled('a.md'));
  second.add(labelled('b.md'));
  assert.ok(second.last > first.last && first.last > 0);
  await second.undoLast(async () => undefined);
  assert.ok(first.last > second.last);
  second.add(labelled('c.md'));
  assert.ok(second.last > first.last);
});
