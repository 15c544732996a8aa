/** Slurm's own programs, and what they say when they refuse. */
import { execFile } from 'node:child_process';
import { InputError, ParlanceError, systemErrorCode } from '../../common/errors.ts';
import { parseQueue, type QueuedJob } from './queue.ts';

const ANSWER_MS = 60_000;
const MOST_ANSWER_BYTES = 256 * 2 ** 20;

/** Slurm's controller did not answer: what is in the queue goes on without us. */
export class SilentControllerError extends ParlanceError {}

/** Sends a batch script; returns the number of the job. Throws `InputError` with Slurm's own words. */
export async function submit(options: readonly string[], script: string): Promise<string> {
  const answer = await slurm('sbatch', ['--parsable', ...options], script);
  // With several clusters `17;name`.
  return answer.trim().split(';')[0];
}

/** All jobs of this user that Slurm still knows, finished ones too. */
export async function queue(): Promise<readonly QueuedJob[]> {
  return parseQueue(await slurm('squeue', ['--me', '--states=all', '--json']));
}

/** Ids that have ended by now are passed over. */
export async function cancel(ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await slurm('scancel', ['--quiet', ...ids]);
}

/** Puts a job, that this process is in, back into the queue. */
export async function requeue(id: string): Promise<void> {
  await slurm('scontrol', ['requeue', id]);
}

function slurm(program: string, args: readonly string[], input = ''): Promise<string> {
  return new Promise((done, fail) => {
    const settings = { timeout: ANSWER_MS, maxBuffer: MOST_ANSWER_BYTES };
    const child = execFile(program, args, settings, (error, stdout, stderr) => {
      if (error === null) done(stdout);
      else fail(refusal(program, error, stderr));
    });
    child.stdin?.on('error', () => undefined).end(input);
  });
}

function refusal(program: string, error: Error, stderr: string): Error {
  if (systemErrorCode(error) === 'ENOENT') {
    return new InputError(
      `There is no ${program} on this machine.`,
      'Give the command where Slurm’s programs are: on the login node of your cluster.',
      error,
    );
  }
  const said = stderr.trim().replace(/^\w+: error: /gm, '');
  if (/Unable to contact slurm controller|Connection refused|timed out/i.test(said)) {
    return new SilentControllerError(
      `Slurm’s controller does not answer: ${said}.`,
      'Jobs that run go on; give the same command again when it is back.',
      error,
    );
  }
  return new InputError(
    `${program} refuses: ${said === '' ? error.message : said}.`,
    'Correct execution.slurm in your settings file, or ask `sinfo` what there is.',
    error,
  );
}
