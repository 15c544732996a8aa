import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { vanishing } from '../../../src/host/vanishing.ts';

test('a file has vanished when it is missed twice in a row, and not when it cannot be asked for', (t) => {
  const root = mkdtempSync(join(tmpdir(), 'parlance-vanishing-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const folder = join(root, 'run');
  const path = join(folder, 'run.json');
  const isGone = vanishing(path);
  const put = () => {
    mkdirSync(folder);
    writeFileSync(path, '{}');
  };
  put();
  assert.equal(isGone(), false);
  rmSync(folder, { recursive: true });
  assert.equal(isGone(), false);
  put();
  assert.equal(isGone(), false);
  // The system refuses to look: a file is in the place of the folder.
  rmSync(folder, { recursive: true });
  writeFileSync(folder, '');
  assert.deepEqual([isGone(), isGone(), isGone()], [false, false, false]);
  rmSync(folder);
  assert.deepEqual([isGone(), isGone()], [false, true]);
});
