/** Slurm's own programs, and what they say when they refuse. */
import { type ExecFileException, execFile } from 'node:child_process';
import { InputError, ParlanceError, systemErrorCode } from '../../common/errors.ts';
import { parseQueue, type QueuedJob, silentController } from './queue.ts';

/** A program that has lost the controller asks it again for minutes. */
const ANSWER_MS = 60_000;
const LOOK_MS = 15_000;
const MOST_ANSWER_MEGABYTES = 256;

/** What Slurm says when nobody is there who could take or refuse anything; each passes. */
const NOBODY_THERE = new RegExp(
  [
    'Unable to contact slurm controller',
    'Connection refused',
    'timed out',
    'Zero Bytes were transmitted',
    'in standby mode',
    'Protocol authentication error',
    'Could not establish a configuration source',
  ].join('|'),
  'i',
);

/** Sends a batch script; returns the number of the job. Throws `InputError` with Slurm's own words. */
export async function submit(options: readonly string[], script: string): Promise<string> {
  const answer = await slurm('sbatch', ['--parsable', ...options], { input: script });
  // With several clusters `17;name`.
  return answer.trim().split(';')[0];
}

/** All jobs of Parlance that Slurm still knows, finished ones too. */
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
    const settings = { timeout: waitMs, maxBuffer: MOST_ANSWER_MEGABYTES * 2 ** 20 };
    const child = execFile(program, args, settings, (error, stdout, stderr) => {
      if (error === null) done(stdout);
      else fail(refusal(program, error, stderr));
    });
    child.stdin?.on('error', () => undefined).end(input);
  });
}

/** What it means that one of Slurm's programs failed. */
export function refusal(
  program: string,
  error: Pick<ExecFileException, 'killed' | 'code' | 'message'>,
  stderr: string,
): ParlanceError {
  if (systemErrorCode(error) === 'ENOENT') {
    return new InputError(
      `There is no ${program} on this machine.`,
      'Give the command where Slurm’s programs are: on the login node of your cluster.',
      error,
    );
  }
  // Node.js kills it then too.
  if (systemErrorCode(error) === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') {
    return new ParlanceError(
      `The answer of ${program} is longer than ${MOST_ANSWER_MEGABYTES} MB.`,
      'Try again when fewer jobs are in the queue.',
      error,
    );
  }
  const said = stderr.trim().replace(/^\w+: error: /gm, '');
  if (error.killed || NOBODY_THERE.test(said)) return silentController(said, error);
  return new InputError(
    `${program} refuses: ${said === '' ? error.message : said}.`,
    program === 'sbatch'
      ? 'Correct execution.slurm in your settings file, or ask `sinfo` what there is.'
      : `Try ${program} yourself; what it says is Slurm’s own.`,
    error,
  );
}
