/** The Python process that computes (engine.py is its program): started, asked, ended. Requests are answered in their order. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { ResourceError } from '../../common/errors.ts';
import { computationFailure } from './failures.ts';
import { type Answer, frame, readFrames } from './frames.ts';

/** How products of matrices are computed; sums, weights and all else are float32. */
export type Precision = 'float32' | 'tf32' | 'bfloat16';

/** One of several processes that compute a step together. */
export interface Share {
  readonly rank: number;
  readonly count: number;
  /** A file through which the processes find each other. */
  readonly rendezvous: string;
}

export interface PythonOptions {
  readonly python: string;
  readonly threads: number;
  readonly precision: Precision;
  readonly share?: Share;
  /** Ends the process. */
  readonly signal?: AbortSignal;
}

const helloSchema = z.object({
  version: z.string(),
  kind: z.string(),
  device: z.string(),
  devices: z.number(),
  bfloat16: z.boolean(),
  tf32: z.boolean(),
  native: z.array(z.string()),
});
export type Hello = z.infer<typeof helloSchema>;

const answerSchema = z.looseObject({
  peak: z.number(),
  error: z.object({ full: z.boolean(), message: z.string(), trace: z.string() }).optional(),
});

interface Waiting {
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

const KEPT_OUTPUT = 4000;

export class PythonProcess {
  readonly hello: Hello;
  readonly #child: Child;
  readonly #waiting: Waiting[];
  readonly #ending: Ending;
  #peakBytes = 0;

  private constructor(child: Child, waiting: Waiting[], ending: Ending, hello: Hello) {
    this.#child = child;
    this.#waiting = waiting;
    this.#ending = ending;
    this.hello = hello;
    holdNode(child, false);
  }

  /** Starts Python and waits until PyTorch is there. Throws ResourceError with its last words when it ends before. */
  static async start(options: PythonOptions): Promise<PythonProcess> {
    const child = spawnPython(options);
    const waiting: Waiting[] = [];
    const ending = new Ending(child, waiting);
    readFrames(
      child.stdout,
      (answer) => waiting.shift()?.resolve(answer),
      (reason) => ending.because(reason),
    );
    const { header } = await new Promise<Answer>((resolve, reject) => {
      waiting.push({ resolve, reject });
    });
    return new PythonProcess(child, waiting, ending, helloSchema.parse(header));
  }

  get hasEnded(): boolean {
    return this.#ending.error !== undefined;
  }

  get id(): number | undefined {
    return this.#child.pid;
  }

  /** The most memory that the process has held on the host, as of its last answer. */
  get peakBytes(): number {
    return this.#peakBytes;
  }

  /** `what` is named when it fails, as in "during the training step". */
  async request(
    what: string,
    header: Readonly<Record<string, unknown>>,
    payload: readonly (Float32Array | Int32Array)[] = [],
  ): Promise<Answer> {
    if (this.#ending.error !== undefined) throw this.#ending.error;
    holdNode(this.#child, true);
    const answered = new Promise<Answer>((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
    });
    for (const part of frame(header, payload)) this.#child.stdin.write(part);
    const answer = await answered;
    if (this.#waiting.length === 0 && !this.#ending.begun) holdNode(this.#child, false);
    const { error, peak } = answerSchema.parse(answer.header);
    this.#peakBytes = peak;
    if (error !== undefined) throw computationFailure(error, what);
    return answer;
  }

  /** Ends the process; what waits for an answer fails. */
  async end(): Promise<void> {
    await this.#ending.now();
  }
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

const KEPT = 'Everything up to the last checkpoint is kept; run again to go on from there.';
const ENDED = `${KEPT} If it happens again, choose the engine onnxruntime:cpu.`;
const KILLED = `The system ends a program so when memory runs out: close other programs, or on a cluster raise execution.slurm.memory. ${KEPT}`;

/** Says why the process ended to all that waits for it. */
class Ending {
  error: Error | undefined;
  /** Whether it was asked to end. */
  begun = false;
  readonly #child: Child;
  readonly #waiting: Waiting[];
  readonly #closed: Promise<void>;

  constructor(child: Child, waiting: Waiting[]) {
    this.#child = child;
    this.#waiting = waiting;
    let told = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      told = `${told}${text}`.slice(-KEPT_OUTPUT);
    });
    // A process that is gone cannot be written to; why it is gone is told below.
    child.stdin.on('error', () => undefined);
    this.#closed = new Promise((resolve) => {
      child.once('error', ({ message }) => {
        this.#failAll(`could not be started: ${message}`);
        resolve();
      });
      child.once('close', (code, signal) => {
        this.#failAll(
          `ended (${signal ?? `exit code ${code}`})${lastWords(told)}`,
          signal === 'SIGKILL' ? KILLED : ENDED,
        );
        resolve();
      });
    });
  }

  /** What it does cannot go on. */
  because(reason: string): void {
    this.#failAll(reason);
    this.#child.kill('SIGKILL');
  }

  async now(): Promise<void> {
    this.begun = true;
    holdNode(this.#child, true);
    this.#child.stdin.end();
    this.#child.kill('SIGKILL');
    await this.#closed;
  }

  #failAll(reason: string, hint = ENDED): void {
    this.error ??= new ResourceError(`The Python process that computes with PyTorch ${reason}.`, hint);
    for (const each of this.#waiting.splice(0)) each.reject(this.error);
  }
}

/** The last line of what a process wrote, which is where Python has the error. */
function lastWords(told: string): string {
  const line = told
    .split('\n')
    .filter((each) => each.trim() !== '')
    .at(-1);
  return line === undefined ? '' : `: ${line.trim()}`;
}

function spawnPython({ python, threads, precision, share, signal }: PythonOptions): Child {
  const args = JSON.stringify({ threads, precision, ...share });
  return spawn(python, [fileURLToPath(programAddress()), args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    signal,
    killSignal: 'SIGKILL',
    windowsHide: true,
    env: {
      ...process.env,
      // The threads of PyTorch and those of its matrix library are two pools: left to spin, they take the cores from each other.
      OMP_NUM_THREADS: `${threads}`,
      OPENBLAS_NUM_THREADS: `${threads}`,
      MKL_NUM_THREADS: `${threads}`,
      OMP_WAIT_POLICY: 'passive',
      // glibc gives every large value back to the system, and its pages come in again with the next step, unless told not to.
      MALLOC_MMAP_THRESHOLD_: `${2 ** 32}`,
      MALLOC_TRIM_THRESHOLD_: `${2 ** 33}`,
      MALLOC_TOP_PAD_: `${2 ** 26}`,
      // Some containers switch TF32 on for every program.
      TORCH_ALLOW_TF32_CUBLAS_OVERRIDE: precision === 'tf32' ? '1' : '0',
      // The folder of the program may be one that cannot be written.
      PYTHONDONTWRITEBYTECODE: '1',
      // The parts of the program are found in its folder, which this hides from Python 3.11 on where somebody has set it.
      PYTHONSAFEPATH: '',
    },
  });
}

/** Beside this module in the source, in a folder beside a bundle. */
function programAddress(): URL {
  const folder = import.meta.url.endsWith('.ts') ? './' : './pytorch/';
  return new URL(`${folder}engine.py`, import.meta.url);
}

/** Whether Node.js goes on for the sake of the process: only while something waits for an answer. */
function holdNode(child: Child, hold: boolean): void {
  const pipes = [child.stdin, child.stdout, child.stderr].filter((pipe) => pipe instanceof Socket);
  for (const handle of [child, ...pipes]) {
    if (hold) handle.ref();
    else handle.unref();
  }
}
