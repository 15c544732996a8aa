import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  changedRows,
  openRow,
  parseSubject,
  rowAbout,
  type TreeNode,
} from '../../../../src/ui/sidebar/nodes.ts';

const node = (id: string, children?: TreeNode[], label = id): TreeNode => ({
  id,
  label,
  spoken: label,
  ...(children && { children }),
});

test('equal rows are not asked for again', () => {
  const rows = () => [node('a', [node('b'), node('c')]), node('d')];
  assert.deepEqual(changedRows(rows(), rows()), []);
});

test('a row that is to be open is new to the editor when it first has something to show', () => {
  const [empty, filled] = [openRow(node('a', [])), openRow(node('a', [node('b')]))];
  assert.equal(filled.isOpen, true);
  assert.equal(changedRows([empty], [filled]), undefined);
});

test('the row about a run is found wherever it lies, itself before what it holds', () => {
  const subject = { kind: 'run', storage: '/s', run: '1' } as const;
  const run = { ...node('b', [{ ...node('b/resume'), subject }]), subject };
  assert.equal(rowAbout([node('a'), node('c', [run])], { ...subject }), run);
  assert.equal(rowAbout([node('c', [run])], { ...subject, run: '2' }), undefined);
});

test('only the row that looks otherwise is asked for again, not those above or beside it', () => {
  const before = [node('a', [node('b'), node('c')]), node('d')];
  assert.deepEqual(changedRows(before, [node('a', [node('b'), node('c', undefined, 'other')]), node('d')]), [
    'c',
  ]);
});

test('a row is asked for again when rows come or go below it, and those below it are not named too', () => {
  const before = [node('a', [node('b'), node('c')])];
  assert.deepEqual(changedRows(before, [node('a', [node('b', undefined, 'other')])]), ['a']);
});

test('a row that could not be opened and now can is asked for again', () => {
  assert.deepEqual(changedRows([node('a')], [node('a', [node('b')])]), ['a']);
});

test('other roots mean the whole tree', () => {
  assert.equal(changedRows([node('a')], [node('a'), node('b')]), undefined);
  assert.equal(changedRows([node('a'), node('b')], [node('b'), node('a')]), undefined);
});

test('children on demand are asked for again when their version changes', () => {
  const row = (version: string): TreeNode => ({ ...node('a'), children: 'on demand', version });
  assert.deepEqual(changedRows([row('1')], [row('1')]), []);
  assert.deepEqual(changedRows([row('1')], [row('2')]), ['a']);
});

test('a subject is taken from plain values and from nothing else', () => {
  const run = { kind: 'run', storage: '/s', run: '1' };
  assert.deepEqual(parseSubject(run), run);
  for (const other of [undefined, 'run', { kind: 'run' }, { kind: 'other' }]) {
    assert.equal(parseSubject(other), undefined);
  }
});
