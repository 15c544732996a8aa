/** Folders of models as settings. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { folderOf, settingOf } from '../../../../src/ui/models/model-path.ts';

const workspace = '/home/someone/letters';

test('a model in the workspace is written relative to it, and found again where the workspace was moved to', () => {
  const setting = settingOf(`${workspace}/.parlance/models/best`, workspace);
  assert.equal(setting, './.parlance/models/best');
  assert.equal(folderOf(setting, '/elsewhere/letters'), '/elsewhere/letters/.parlance/models/best');
});

test('a model elsewhere, or of a window of several folders, is written whole', () => {
  for (const folder of ['/home/someone/letters-2/model', '/models/one', '/home/someone']) {
    assert.equal(settingOf(folder, workspace), folder);
    assert.equal(folderOf(folder, workspace), folder);
  }
  assert.equal(settingOf(`${workspace}/model`, undefined), `${workspace}/model`);
  // Two dots begin a name too.
  assert.equal(settingOf(`${workspace}/..model`, workspace), './..model');
});

test('no setting means no model, and a relative one means none where no folder is open', () => {
  assert.equal(folderOf('  ', workspace), undefined);
  assert.equal(folderOf('./model', undefined), undefined);
});
