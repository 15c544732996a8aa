/**
 * What Slurm says, asked now and then: the controller serves all users. While it does not answer, jobs that run go on, and
 * what was said last is remembered.
 */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { ParlanceError } from '../../common/errors.ts';
import { writeFileAtomic } from '../../common/files.ts';
import { queue, submit } from './commands.ts';
import { lossOf } from './endings.ts';
import { jobInQueue, type QueuedJob, SilentControllerError } from './queue.ts';
import { reasonInWords } from './reasons.ts';
import { NOT_SHARED, probeOptions, probeScript } from './script.ts';
import type { SentJob } from './sent-jobs.ts';
import type { SlurmSettings } from './settings.ts';
import { type WaitingListener, WaitingNotes } from './waiting-notes.ts';

/** The first job, as it is named to people. */
const PROBE = 'whether the nodes see the storage';
/** It takes seconds: whatever takes it from its node each time would take the others too. */
const MOST_PROBES = 5;
/** Between two questions; twice as long each time that nothing has changed, up to the longest. */
const LOOK_MS = 3000;
const LONGEST_LOOK_MS = 15_000;

export class QueueWatch {
  readonly #storage: string;
  readonly #onNote: (text: string) => void;
  readonly #waiting: WaitingNotes;
  #jobs: readonly QueuedJob[] = [];
  #askedMs = Number.NEGATIVE_INFINITY;
  #lookMs = LOOK_MS;
  #hasAnswered = false;
  #isSilent = false;
  /** The job that looks whether a node sees the storage, until it has ended well. */
  #probe: string | undefined;
  #isProbed = false;
  #probesSent = 0;

  constructor(storage: string, listener: WaitingListener) {
    this.#storage = storage;
    this.#onNote = (text) => listener.onNote(text);
    this.#waiting = new WaitingNotes(listener);
  }

  get jobs(): readonly QueuedJob[] {
    return this.#jobs;
  }

  /** Whether the controller did not answer the last question. */
  get isSilent(): boolean {
    return this.#isSilent;
  }

  job(id: string): QueuedJob | undefined {
    return jobInQueue(this.#jobs, id);
  }

  isAlive(id: string): boolean {
    const phase = this.job(id)?.phase;
    return phase === 'waiting' || phase === 'running';
  }

  /** Whether Slurm said that it has ended; a job that was sent a moment ago is not known yet. */
  isOver(id: string): boolean {
    return this.job(id) !== undefined && !this.isAlive(id);
  }

  /** The jobs as they are now. Throws `SilentControllerError`, and what is wrong with the storage. */
  async ask(): Promise<void> {
    const before = this.#jobs;
    this.#jobs = await this.#answer();
    this.#askedMs = performance.now();
    const isSame = isDeepStrictEqual(before, this.#jobs);
    this.#lookMs = isSame ? Math.min(LONGEST_LOOK_MS, 2 * this.#lookMs) : LOOK_MS;
    this.#checkProbe();
  }

  /** Once it has answered, whatever keeps it from that passes: the jobs are Slurm’s, and go on. */
  async #answer(): Promise<readonly QueuedJob[]> {
    try {
      const jobs = await queue();
      this.#hasAnswered = true;
      return jobs;
    } catch (error) {
      if (!this.#hasAnswered || !(error instanceof ParlanceError)) throw error;
      throw error instanceof SilentControllerError ? error : new SilentControllerError(error.message, error);
    }
  }

  /** Jobs were sent or have told of an end, or the controller is to come back: the next questions are asked soon. */
  expectChange(): void {
    this.#lookMs = LOOK_MS;
  }

  /** The jobs as they are at the end of a run, as far as that can be known: nothing is made of them any more. */
  async lookBack(): Promise<void> {
    this.#jobs = await queue().catch(() => this.#jobs);
  }

  /** As `askPatiently`, unless that was a moment ago. */
  async look(): Promise<void> {
    if (performance.now() - this.#askedMs >= this.#lookMs) await this.askPatiently();
  }

  /** As `ask`; a controller that does not answer is told of once. */
  async askPatiently(): Promise<void> {
    try {
      await this.ask();
      if (this.#isSilent) this.#onNote('Slurm’s controller answers again.');
      this.#isSilent = false;
    } catch (error) {
      if (!(error instanceof SilentControllerError)) throw error;
      if (!this.#isSilent) this.#onNote(`${error.message} Jobs that run go on; this waits for it.`);
      this.#isSilent = true;
      this.expectChange();
      this.#askedMs = performance.now();
    }
  }

  /** Which of these, and of what goes before them, wait and why; each reason of a job is told once. */
  tellWaiting(sent: readonly SentJob[]): void {
    const probe = this.openProbe.map((id) => ({ id, label: PROBE }));
    const named = [...probe, ...sent];
    this.#waiting.tell(
      named.flatMap(({ id, label }) => {
        const job = this.job(id);
        return job === undefined ? [] : [{ id, label, job }];
      }),
    );
  }

  /** Before anything else: does a node see this storage? The jobs to wait for until that is known. */
  async probe(settings: SlurmSettings): Promise<readonly string[]> {
    if (!this.#isProbed && this.#probe === undefined) {
      const marker = { path: join(this.#storage, 'slurm', 'marker'), content: randomUUID() };
      await writeFileAtomic(marker.path, marker.content);
      this.#probesSent++;
      this.#probe = await submit(probeOptions(settings), probeScript(marker));
    }
    return this.openProbe;
  }

  get openProbe(): readonly string[] {
    return this.#isProbed || this.#probe === undefined ? [] : [this.#probe];
  }

  #checkProbe(): void {
    if (this.#probe === undefined || this.#isProbed) return;
    const probe = this.job(this.#probe);
    // Slurm forgets what ended well; what needs it would be gone with it otherwise.
    if (probe === undefined || probe.phase === 'finished') this.#isProbed = true;
    if (probe?.phase !== 'failed') return;
    const loss = lossOf({ label: PROBE, isOwn: true }, probe);
    if (loss !== undefined && this.#probesSent < MOST_PROBES) {
      // It goes before what is sent next: the jobs that Slurm takes back because they wait for it.
      this.#probe = undefined;
      this.#onNote(`The first job is sent again: ${loss.words}.`);
      return;
    }
    throw probe.exitCode === NOT_SHARED
      ? new ParlanceError(
          `The nodes do not see ${this.#storage} as this machine does.`,
          'Give a folder on the shared disk: --storage <folder>; nothing was computed.',
        )
      : new ParlanceError(
          `The first job ended as ${probe.state} (${reasonInWords(probe.reason)}).`,
          'Try `srun hostname` with the same partition and account.',
        );
  }
}
