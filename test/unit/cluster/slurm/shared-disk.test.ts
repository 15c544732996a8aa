import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { lookAnew, mayAppear, patiently } from '../../../../src/cluster/slurm/shared-disk.ts';

const signal = new AbortController().signal;

test('what NFS does not show for a minute may appear; what a job told that it made, for longer', () => {
  assert.equal(mayAppear(61_000, false), true);
  assert.equal(mayAppear(300_000, false), false);
  assert.equal(mayAppear(300_000, true), true);
  assert.equal(mayAppear(3_600_000, true), false);
});

test('a folder is changed and left as it was, also where it is not there yet', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'parlance-shared-disk-'));
  t.after(() => rmSync(folder, { recursive: true }));
  utimesSync(folder, 1, 1);
  await lookAnew(folder);
  assert.notEqual(statSync(folder).mtimeMs, 1000);
  assert.deepEqual(readdirSync(folder), []);
  await lookAnew(join(folder, 'new'));
  assert.deepEqual(readdirSync(join(folder, 'new')), []);
});

test('a disk that refuses for a while is asked again, one that is full is not', async () => {
  const refusing = (code: string) => {
    let reads = 0;
    return () => {
      reads++;
      return reads === 1
        ? Promise.reject(Object.assign(new Error(code), { code }))
        : Promise.resolve('what was read');
    };
  };
  assert.equal(await patiently(refusing('ESTALE'), signal), 'what was read');
  await assert.rejects(patiently(refusing('ENOSPC'), signal), /ENOSPC/);
});
