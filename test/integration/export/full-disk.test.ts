import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ResourceError } from '../../../src/common/errors.ts';
import { exportModel } from '../../../src/experiments/export/export.ts';
import { EXPORT_FORMATS } from '../../../src/experiments/export/formats.ts';
import { byteTokenizer } from '../../support/random-model.ts';
import { saveRandomModel } from '../../support/random-models.ts';
import { smallDisk } from '../../support/small-disk.ts';

test('an export onto a full disk says so by the name that was asked for, and leaves nothing', async (t) => {
  const disk = smallDisk(t);
  if (disk === undefined) return;
  const folder = await mkdtemp(join(tmpdir(), 'parlance-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const size = { layers: 2, width: 256, heads: 4, feedForward: 512, context: 64, vocabulary: 300 };
  await saveRandomModel(folder, size, byteTokenizer);
  const target = join(disk, 'model');
  const origin = { kind: 'unknown' } as const;
  for (const format of EXPORT_FORMATS) {
    await assert.rejects(
      exportModel({ folder, target, format, weights: 'f32', title: 'A model', origin, licence: undefined }),
      (error) =>
        error instanceof ResourceError &&
        error.message.includes(`The disk is full: ${target} was not written`),
      format,
    );
    assert.deepEqual(await readdir(disk), [], format);
  }
});
