import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { init } from '../../../src/cli/init.ts';
import { status } from '../../../src/cli/status.ts';
import { textFolder } from '../../support/terminal-talk.ts';

test('a folder that is not there, and one without an experiment file, are named for what they are', async (t) => {
  const root = await textFolder(t, { 'notes/a.md': 100 });
  const missing = join(root, 'missing');
  await assert.rejects(init(missing, { yes: true }), /There is no folder .*missing\./);
  await assert.rejects(status(missing, {}), /There is no experiment file .*missing.parlance\.json\./);
  await assert.rejects(status(root, {}), /There is no experiment file/);
});
