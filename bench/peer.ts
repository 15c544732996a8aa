/**
 * The Python peers as processes: finding a Python that has what they need, running a script to its end, and keeping one
 * warm that answers a line with a line (`throughput.py --serve`), so that rounds can alternate.
 */
import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as z from 'zod';
import { ResourceError } from '../src/common/errors.ts';

const run = promisify(execFile);
const INTERPRETERS = ['python3', '/usr/bin/python3'];
const PROBE = 'import torch, platform; print(platform.python_version(), torch.__version__)';
const LARGEST_OUTPUT_BYTES = 64 << 20;

export const HOW_TO_GET_TORCH =
  'No python3 with torch was found; on Debian: apt-get install python3-torch libopenblas0-pthread';

export interface Python {
  readonly interpreter: string;
  readonly version: string;
  readonly torch: string;
}

/** The first interpreter that can import torch, or `undefined`. */
export async function findTorch(): Promise<Python | undefined> {
  const found = await findPython(PROBE);
  if (found === undefined) return undefined;
  const [version, torch] = found.output.split(' ');
  return { interpreter: found.interpreter, version, torch };
}

/** The first interpreter that runs `code` without an error, and what this printed. */
export async function findPython(
  code: string,
): Promise<{ readonly interpreter: string; readonly output: string } | undefined> {
  for (const interpreter of INTERPRETERS) {
    try {
      const { stdout } = await run(interpreter, ['-c', code]);
      return { interpreter, output: stdout.trim() };
    } catch {
      // not there, or without the module: the next one may do
    }
  }
  return undefined;
}

/** Runs a script of bench/peers and gives the object of its last line. */
export async function runPeer<T>(
  { interpreter }: { readonly interpreter: string },
  script: string,
  args: readonly string[],
  schema: z.ZodType<T>,
): Promise<T> {
  const options = { maxBuffer: LARGEST_OUTPUT_BYTES };
  const { stdout } = await run(interpreter, [scriptPath(script), ...args], options);
  return schema.parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''));
}

const answerSchema = z.object({ secondsPerStep: z.array(z.number()), blas: z.string() });
export type PeerAnswer = z.infer<typeof answerSchema>;

/** `throughput.py --serve`, warm and waiting. */
export class PeerServer {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;

  constructor(python: Python, args: readonly string[]) {
    this.#process = spawn(python.interpreter, [scriptPath('throughput.py'), '--serve', ...args]);
    this.#process.stderr.pipe(process.stderr);
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  /** Seconds of each of the next `steps` training steps. */
  async steps(steps: number): Promise<PeerAnswer> {
    this.#process.stdin.write(`go ${steps}\n`);
    const { value, done } = await this.#lines.next();
    if (done) {
      throw new ResourceError('The PyTorch peer ended early.', 'See its message above; is memory short?');
    }
    return answerSchema.parse(JSON.parse(value));
  }

  close(): void {
    this.#process.stdin.end();
  }
}

function scriptPath(script: string): string {
  return fileURLToPath(new URL(`peers/${script}`, import.meta.url));
}
