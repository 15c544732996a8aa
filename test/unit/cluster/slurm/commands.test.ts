import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queue, refusal } from '../../../../src/cluster/slurm/commands.ts';
import { SilentControllerError } from '../../../../src/cluster/slurm/queue.ts';
import { InputError } from '../../../../src/common/errors.ts';

test('where Slurm is not installed the user is told where to give the command', async (t) => {
  const { PATH } = process.env;
  process.env.PATH = '/nowhere';
  t.after(() => {
    process.env.PATH = PATH;
  });
  await assert.rejects(queue(), (error) => error instanceof InputError && /login node/.test(error.hint));
});

const failed = { killed: false, code: 1, message: 'Command failed' };

test('what passes is no refusal, and a refusal has Slurm’s own words', () => {
  for (const words of [
    'slurm_load_jobs error: Zero Bytes were transmitted or received',
    'slurm_load_jobs error: Slurm backup controller in standby mode',
    'slurm_load_jobs error: Protocol authentication error',
    'squeue: fatal: Could not establish a configuration source',
  ]) {
    assert.ok(refusal('sbatch', failed, words) instanceof SilentControllerError, words);
  }
  const refused = refusal('sbatch', failed, 'sbatch: error: invalid partition specified: fast');
  assert.match(refused.message, /sbatch refuses: invalid partition specified: fast/);
  assert.match(refused.hint, /execution\.slurm/);
  assert.doesNotMatch(refusal('squeue', failed, 'squeue: error: Invalid user').hint, /execution\.slurm/);
});

test('an answer that is too long is told as one, and not as silence', () => {
  const long = { killed: true, code: 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER', message: '' };
  const error = refusal('squeue', long, '');
  assert.ok(!(error instanceof SilentControllerError));
  assert.match(error.message, /longer than 256 MB/);
});
