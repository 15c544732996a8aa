/** An export that is stopped leaves nothing. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { InterruptedError } from '../../../../src/common/errors.ts';
import { exportModel } from '../../../../src/experiments/export/export.ts';
import { EXPORT_FORMATS } from '../../../../src/experiments/export/formats.ts';
import { byteTokenizer } from '../../../support/random-model.ts';
import { modelVariants, saveRandomModel } from '../../../support/random-models.ts';

test('an export that is stopped leaves nothing, in any format', async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'parlance-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  const folder = join(root, 'model');
  await mkdir(folder);
  await saveRandomModel(folder, modelVariants.plain, byteTokenizer);
  const request = { folder, target: join(root, 'out'), title: 'A model', licence: undefined };
  for (const format of EXPORT_FORMATS) {
    const stopped = AbortSignal.abort();
    await assert.rejects(
      exportModel({ ...request, format, weights: 'f32', origin: { kind: 'unknown' }, signal: stopped }),
      InterruptedError,
      format,
    );
    assert.deepEqual(await readdir(root), ['model'], format);
  }
});
