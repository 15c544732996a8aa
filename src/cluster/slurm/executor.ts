/**
 * Computes the stages of a run as jobs of Slurm: all that is not in the store is sent at once, each job after those whose
 * results it needs, and then followed. What is true is what the store has; then what Slurm says of a job; what was
 * remembered of it comes last. A job that another run sent is waited for and not sent again. Slurm puts a job back whose
 * node is lost, and what the job had saved is taken up; what is lost for Slurm too is sent again, with all that Slurm took
 * back because it had waited for that.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ParlanceError } from '../../common/errors.ts';
import { formatPlural } from '../../common/format.ts';
import type { StageExecutor, StageNeed } from '../../pipeline/executor.ts';
import { fingerprint, type Stage } from '../../pipeline/stage.ts';
import type { StageEvent } from '../../pipeline/stage-event.ts';
import type { ArtifactStore } from '../../pipeline/store.ts';
import { cancel } from './commands.ts';
import { failedJob, forgotten, type Loss, lossOf, stopped } from './endings.ts';
import { savedWork } from './job-progress.ts';
import { arrayOf, SilentControllerError } from './queue.ts';
import { QueueWatch } from './queue-watch.ts';
import { Restarts } from './restarts.ts';
import type { JobPlace } from './script.ts';
import { JobSender } from './sender.ts';
import { SentJobs } from './sent-jobs.ts';
import type { SlurmSettings } from './settings.ts';
import { lookAnew, mayAppear, patiently } from './shared-disk.ts';
import type { WaitingListener } from './waiting-notes.ts';

export interface SlurmOptions extends WaitingListener {
  readonly store: ArtifactStore;
  readonly settings: SlurmSettings;
  /** What starts Parlance on a node. */
  readonly program: readonly string[];
  readonly signal: AbortSignal;
  /** Whether who stopped the run wants its jobs back; else they go on. */
  takesBack(): boolean;
}

const POLL_MS = 1000;

/** A stage that is not made, and the job that was to make it. */
interface LostStage {
  readonly stage: Stage;
  readonly job: string;
  readonly loss: Loss;
}

export class SlurmExecutor implements StageExecutor {
  readonly #options: SlurmOptions;
  readonly #place: JobPlace;
  readonly #jobs: SentJobs;
  readonly #watch: QueueWatch;
  readonly #sender: JobSender;
  readonly #restarts: Restarts;
  #expected: readonly Stage[] = [];
  #hasBegun = false;
  #needOf: (stage: Stage) => StageNeed = () => ({ seconds: 0, bytes: 0 });

  constructor(options: SlurmOptions) {
    const { store, settings, program } = options;
    this.#options = options;
    this.#restarts = new Restarts(settings);
    const { storage } = store;
    this.#place = { storage, program, logs: join(storage, 'slurm', 'logs') };
    this.#jobs = new SentJobs(storage);
    this.#watch = new QueueWatch(storage, options);
    const onNote = (text: string): void => options.onNote(text);
    const followed = { jobs: this.#jobs, watch: this.#watch };
    this.#sender = new JobSender({ place: this.#place, settings, onNote }, followed);
  }

  get asksForTime(): boolean {
    return this.#options.settings.time === undefined;
  }

  async expect(stages: readonly Stage[], needOf: (stage: Stage) => StageNeed): Promise<void> {
    this.#expected = stages;
    this.#needOf = needOf;
    try {
      await this.#send(stages);
    } catch (error) {
      // A run that has begun waits until it answers: what is not in a job then is sent when it is asked for.
      if (!this.#hasBegun || !(error instanceof SilentControllerError)) throw error;
      this.#options.onNote(`${error.message} What it does not have yet is sent when it answers.`);
    }
    this.#hasBegun = true;
  }

  async compute(stage: Stage, onEvent: (event: StageEvent) => void): Promise<void> {
    const id = fingerprint(stage);
    if (this.#jobs.of(id) === undefined && (await this.#isMade(id))) {
      return onEvent({ fingerprint: id, kind: stage.kind, label: stage.label, state: 'reused' });
    }
    let endedMs: number | undefined;
    while (!this.#options.signal.aborted) {
      await this.#relay(onEvent);
      if (await this.#isMade(id)) return this.#hearOut(id, onEvent);
      if (await this.#isUnderWay(id)) endedMs = undefined;
      else {
        endedMs ??= performance.now();
        if (await this.#sendAgain(stage, performance.now() - endedMs)) endedMs = undefined;
      }
      await this.#pause();
    }
    throw stopped();
  }

  /** Jobs save what they have when they are cancelled. Those of another run are that run's, which may be alive. */
  async abandon(): Promise<void> {
    const { signal, takesBack, onNote } = this.#options;
    if (signal.aborted && !takesBack()) return onNote('The jobs go on; the same command follows them again.');
    await this.#watch.lookBack();
    const all = this.#jobs.all.filter(({ id }) => !this.#watch.isOver(id));
    const own = this.#withUnanswered(all.filter(({ isOwn }) => isOwn).map(({ id }) => id));
    const others = all.filter(({ isOwn }) => !isOwn).map(({ id }) => id);
    if (others.length > 0) {
      this.#options.onNote(`Jobs that another run sent go on; scancel ${others.join(' ')} takes them back.`);
    }
    const { openProbe } = this.#watch;
    try {
      await cancel([...own, ...openProbe]);
      await this.#sender.release();
      if (own.length === 0) return;
    } catch (error) {
      this.#options.onNote(
        `The jobs could not be taken back: scancel ${own.join(' ')} does when Slurm answers.`,
      );
      throw error;
    }
    this.#options.onNote(
      `${formatPlural(own.length, 'job')} taken back from Slurm; what they saved is kept.`,
    );
  }

  /** With those that Slurm has although its answer did not arrive; tasks are told as their array while they wait. */
  #withUnanswered(ids: readonly string[]): readonly string[] {
    const arrays = new Set(ids.map(arrayOf));
    return [...ids, ...this.#sender.openJobs.filter((id) => !arrays.has(arrayOf(id)))];
  }

  /** What is neither made nor in a job already. */
  async #send(stages: readonly Stage[]): Promise<void> {
    const missing = await this.#missing(stages);
    const waiting = missing.filter((stage) => this.#jobs.of(fingerprint(stage)) === undefined);
    const needOf = (stage: Stage): StageNeed => this.#restarts.need(fingerprint(stage), this.#needOf(stage));
    if (waiting.length > 0) await this.#sender.send(waiting, needOf);
  }

  /** Stages that are not in the store, with what they are made from, inputs first. */
  async #missing(stages: readonly Stage[]): Promise<readonly Stage[]> {
    const seen = new Set<string>();
    const missing: Stage[] = [];
    const visit = async (stage: Stage): Promise<void> => {
      const id = fingerprint(stage);
      if (seen.has(id)) return;
      seen.add(id);
      if (await this.#isMade(id)) return;
      for (const input of Object.values(stage.inputs)) await visit(input);
      missing.push(stage);
    };
    for (const stage of stages) await visit(stage);
    return missing;
  }

  #isMade(id: string): Promise<boolean> {
    const { store, signal } = this.#options;
    return patiently(() => store.has(id), signal);
  }

  /** The artifact is there a moment before its job tells of it, and nobody may ask for this stage again. */
  async #hearOut(id: string, onEvent: (event: StageEvent) => void): Promise<void> {
    if (this.#jobs.hasFinished(id)) return;
    await this.#pause();
    await this.#relay(onEvent);
  }

  async #relay(onEvent: (event: StageEvent) => void): Promise<void> {
    const hasNews = await patiently(() => this.#jobs.relay(onEvent), this.#options.signal);
    if (hasNews) this.#watch.expectChange();
  }

  /** As far as is known: while the controller is silent jobs go on. */
  async #isUnderWay(id: string): Promise<boolean> {
    await this.#watch.look();
    this.#watch.tellWaiting(this.#jobs.all);
    const sent = this.#jobs.of(id);
    return this.#watch.isSilent || (sent !== undefined && this.#watch.isAlive(sent.id));
  }

  /**
   * No job of a stage is under way, and it is not made (yet). Sends again what was lost of all that is expected; throws
   * when a job failed, or its user cancelled it. False while it may only seem so.
   */
  async #sendAgain(stage: Stage, sinceMs: number): Promise<boolean> {
    const asked = fingerprint(stage);
    const sent = this.#jobs.of(asked);
    const isFailed = sent !== undefined && this.#watch.job(sent.id)?.phase === 'failed';
    await lookAnew(this.#options.store.artifactsFolder);
    if (sent !== undefined && !isFailed && mayAppear(sinceMs, this.#jobs.hasFinished(asked))) return false;
    await this.#watch.askPatiently();
    if (this.#watch.isSilent) return false;
    const wanted = [...this.#expected, stage];
    const lost = (await this.#missing(wanted)).flatMap((one) => this.#loss(one, asked) ?? []);
    if (lost.length > 0) {
      this.#options.onNote(`${formatPlural(lost.length, 'stage')} sent again: ${lost[0].loss.words}.`);
    }
    this.#countRestarts(lost);
    this.#jobs.forget(lost.map((one) => fingerprint(one.stage)));
    try {
      await this.#send(wanted);
      return true;
    } catch (error) {
      // Asked again when it answers: what is not in a job then is sent.
      if (error instanceof SilentControllerError) return false;
      throw error;
    }
  }

  /** Of a stage that is not made: why its job was lost, if it was. Throws where the job is to blame, or its user. */
  #loss(stage: Stage, asked: string): LostStage | undefined {
    const sent = this.#jobs.of(fingerprint(stage));
    if (sent === undefined || this.#watch.isAlive(sent.id)) return undefined;
    const job = this.#watch.job(sent.id);
    // What a stage says of an end that memory brought about is not why.
    if (sent.failure !== undefined && job?.state !== 'OUT_OF_MEMORY') {
      throw new ParlanceError(sent.failure.message, sent.failure.hint);
    }
    if (job === undefined) return { stage, job: sent.id, loss: forgotten(sent) };
    // The disk may show it in a moment.
    if (job.phase === 'finished' && fingerprint(stage) !== asked) return undefined;
    const loss = lossOf(sent, job);
    if (loss === undefined) throw failedJob(stage.label, job, this.#place.logs);
    return { stage, job: sent.id, loss };
  }

  /** Of each job the first stage that is not made: it was at work on that one. `lost`: inputs first. */
  #countRestarts(lost: readonly LostStage[]): void {
    const counted = new Set<string>();
    for (const { stage, job, loss } of lost) {
      if (counted.has(job)) continue;
      counted.add(job);
      const id = fingerprint(stage);
      this.#restarts.count({ id, label: stage.label }, loss, savedWork(this.#options.store, id));
    }
  }

  async #pause(): Promise<void> {
    const { signal } = this.#options;
    await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
}
