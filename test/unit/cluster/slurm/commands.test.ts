import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queue } from '../../../../src/cluster/slurm/commands.ts';
import { InputError } from '../../../../src/common/errors.ts';

test('where Slurm is not installed the user is told where to give the command', async (t) => {
  const { PATH } = process.env;
  process.env.PATH = '/nowhere';
  t.after(() => {
    process.env.PATH = PATH;
  });
  await assert.rejects(queue(), (error) => error instanceof InputError && /login node/.test(error.hint));
});
