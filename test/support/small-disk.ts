/** A file system that is soon full. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** A file system of 2 MB that is gone after the test, or `undefined` (and the test skipped) where mounting is not allowed. */
export function smallDisk(t: TestContext): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'parlance-disk-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', folder], { encoding: 'utf8' });
  if (mounted.status !== 0) {
    rmdirSync(folder);
    t.skip(`a small file system cannot be mounted here: ${mounted.stderr?.trim() || mounted.error}`);
    return undefined;
  }
  t.after(() => {
    const result = spawnSync('umount', [folder], { encoding: 'utf8' });
    assert.equal(result.status, 0, result.stderr);
    rmdirSync(folder);
  });
  return folder;
}
