/** A model's folder after it was read: untouched, moved away and back, replaced. */
import assert from 'node:assert/strict';
import { rename, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { openLanguageModel } from '../../../src/inference/open-model.ts';
import { randomModel } from '../../support/random-model.ts';

const size = { layers: 1, width: 16, heads: 2, feedForward: 16, context: 8, vocabulary: 260 };

test('a model knows whether its folder still holds it', async (t) => {
  const [folder, other] = [await randomModel(t, size, 1), await randomModel(t, size, 2)];
  // As many bytes, another time.
  await utimes(join(other, 'model.safetensors'), new Date(0), new Date(0));
  const model = await openLanguageModel(folder, { threads: 1 });
  t.after(() => model.dispose());
  assert.equal(await model.onDisk(), 'same');
  const away = join(other, 'away');
  await rename(folder, away);
  assert.equal(await model.onDisk(), 'gone');
  await rename(away, folder);
  assert.equal(await model.onDisk(), 'same');
  await rename(join(other, 'model.safetensors'), join(folder, 'model.safetensors'));
  assert.equal(await model.onDisk(), 'replaced');
});
