import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { clean } from '../../../src/cli/clean.ts';
import { init } from '../../../src/cli/init.ts';
import { status } from '../../../src/cli/status.ts';
import { readExperiment } from '../../../src/experiments/config/configuration.ts';
import { textFolder } from '../../support/terminal-talk.ts';

test('a folder that is not there, and one without an experiment file, are named for what they are', async (t) => {
  const root = await textFolder(t, { 'notes/a.md': 100 });
  const missing = join(root, 'missing');
  await assert.rejects(init(missing, { yes: true }), /There is no folder .*missing\./);
  await assert.rejects(status(missing, {}), /There is no experiment file .*missing.parlance\.json\./);
  await assert.rejects(status(root, {}), /There is no experiment file/);
  await assert.rejects(
    clean(missing, { all: true, yes: true }),
    /There is no experiment file .*missing.parl/,
  );
  await assert.rejects(clean(root, { storage: missing }), /There is no folder .*missing\./);
  await assert.rejects(readExperiment(join(root, 'notes', 'a.md')), /notes.a\.md is no folder\.$/);
});
