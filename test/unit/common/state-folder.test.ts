import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { test } from 'node:test';
import { stateFolder } from '../../../src/common/state-folder.ts';
import { withStateFolder } from '../../support/state.ts';

test('a variable that is empty or relative does not put the state of this user into the current folder', async (t) => {
  await withStateFolder(t);
  for (const value of ['', 'state', './state']) {
    Object.assign(process.env, { XDG_STATE_HOME: value, LOCALAPPDATA: value });
    assert.ok(isAbsolute(stateFolder()), value);
    assert.ok(stateFolder().startsWith(homedir()));
  }
  const own = join(homedir(), 'elsewhere');
  Object.assign(process.env, { XDG_STATE_HOME: own, LOCALAPPDATA: own });
  assert.ok(process.platform === 'darwin' || stateFolder().startsWith(own));
});
