/** Slurm's own programs, and what they say when they refuse. */
import { type ExecFileException, execFile } from 'node:child_process';
import { InputError, systemErrorCode } from '../../common/errors.ts';
import { parseQueue, type QueuedJob, SilentControllerError } from './queue.ts';

/** A program that has lost the controller asks it again for minutes. */
const ANSWER_MS = 60_000;
const LOOK_MS = 15_000;
const MOST_ANSWER_BYTES = 256 * 2 ** 20;

/** Sends a batch script; returns the number of the job. Throws `InputError` with Slurm's own words. */
export async function submit(options: readonly string[], script: string): Promise<string> {
  const answer = await slurm('sbatch', ['--parsable', ...options], { input: script });
  // With several clusters `17;name`.
  return answer.trim().split(';')[0];
}

/** All jobs of this user that Slurm still knows, finished ones too. */
export async function queue(): Promise<readonly QueuedJob[]> {
  return parseQueue(await slurm('squeue', ['--me', '--states=all', '--json'], { waitMs: LOOK_MS }));
}

/** Ids that have ended by now are passed over. */
export async function cancel(ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await slurm('scancel', ['--quiet', ...ids]);
}

/** Puts a job, that this process is in, back into the queue. */
export async function requeue(id: string): Promise<void> {
  await slurm('scontrol', ['requeue', id]);
}

function slurm(
  program: string,
  args: readonly string[],
  { input = '', waitMs = ANSWER_MS }: { readonly input?: string; readonly waitMs?: number } = {},
): Promise<string> {
  return new Promise((done, fail) => {
    const settings = { timeout: waitMs, maxBuffer: MOST_ANSWER_BYTES };
    const child = execFile(program, args, settings, (error, stdout, stderr) => {
      if (error === null) done(stdout);
      else fail(refusal(program, error, stderr));
    });
    child.stdin?.on('error', () => undefined).end(input);
  });
}

function refusal(program: string, error: ExecFileException, stderr: string): Error {
  if (systemErrorCode(error) === 'ENOENT') {
    return new InputError(
      `There is no ${program} on this machine.`,
      'Give the command where Slurm’s programs are: on the login node of your cluster.',
      error,
    );
  }
  const said = stderr.trim().replace(/^\w+: error: /gm, '');
  if (error.killed || /Unable to contact slurm controller|Connection refused|timed out/i.test(said)) {
    return new SilentControllerError(said, error);
  }
  return new InputError(
    `${program} refuses: ${said === '' ? error.message : said}.`,
    'Correct execution.slurm in your settings file, or ask `sinfo` what there is.',
    error,
  );
}
