/**
 * Computes the stages of a run as jobs of Slurm: all that is not in the store is sent at once, each job after those whose
 * results it needs, and then followed. What is true is what the store has; then what Slurm says of a job; what was
 * remembered of it comes last. A job that an earlier run sent is waited for and not sent again. Slurm does the rest:
 * it puts a job back whose node is lost, and what the job had saved is taken up.
 */
import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { InterruptedError, ParlanceError } from '../../common/errors.ts';
import { writeFileAtomic } from '../../common/files.ts';
import { formatPlural } from '../../common/format.ts';
import type { StageExecutor, StageNeed } from '../../pipeline/executor.ts';
import { fingerprint, type Stage } from '../../pipeline/stage.ts';
import type { StageEvent } from '../../pipeline/stage-event.ts';
import { writeStagePlans } from '../../pipeline/stage-plans.ts';
import type { ArtifactStore } from '../../pipeline/store.ts';
import { cancel, queue, SilentControllerError, submit } from './commands.ts';
import { JobEventReader } from './job-events.ts';
import { arraysOf, type Job, jobsOf, type PlannedStage } from './job-graph.ts';
import { jobInQueue, type QueuedJob, reasonInWords } from './queue.ts';
import {
  type JobPlace,
  jobOptions,
  jobScript,
  NOT_SHARED,
  probeOptions,
  probeScript,
  TIME_OVER,
} from './script.ts';
import type { SlurmSettings } from './settings.ts';

export interface SlurmOptions {
  readonly store: ArtifactStore;
  readonly settings: SlurmSettings;
  /** What starts Parlance on a node. */
  readonly program: readonly string[];
  readonly signal: AbortSignal;
  /** For people: what was sent, what waits and why. */
  onNote(text: string): void;
}

/** A job that was sent, now or by an earlier run. */
interface SentJob {
  readonly id: string;
  readonly fingerprints: readonly string[];
  readonly labels: readonly string[];
  readonly reader: JobEventReader;
  readonly job: Job | undefined;
  /** What was last said of it. */
  told: string;
}

const POLL_MS = 1000;
/** Between two questions to the controller, which all users share. */
const QUEUE_MS = 3000;
/** A slow shared disk may show an artifact this long after its job has ended. */
const DISK_MS = 60_000;
/** So many characters of a fingerprint tell stages apart. */
const SHORT = 16;
/** A job that its time limit ended again and again without an end in sight is given up. */
const MOST_RESTARTS = 50;

export class SlurmExecutor implements StageExecutor {
  readonly #options: SlurmOptions;
  readonly #place: JobPlace;
  /** By the fingerprint of each of its stages. */
  readonly #jobs = new Map<string, SentJob>();
  #probe: string | undefined;
  #isProbed = false;
  #queue: readonly QueuedJob[] = [];
  #askedMs = Number.NEGATIVE_INFINITY;
  #isSilent = false;
  readonly #restarts = new Map<string, number>();

  constructor(options: SlurmOptions) {
    this.#options = options;
    const { storage } = options.store;
    this.#place = { storage, program: options.program, logs: join(storage, 'slurm', 'logs') };
  }

  async expect(stages: readonly Stage[], needOf: (stage: Stage) => StageNeed): Promise<void> {
    const missing = await this.#missing(stages);
    const waiting = missing.filter((stage) => !this.#jobs.has(fingerprint(stage)));
    if (waiting.length === 0) return;
    await mkdir(this.#place.logs, { recursive: true });
    await writeStagePlans(this.#place.storage, waiting);
    this.#queue = await queue();
    const known = await this.#adopt(waiting);
    const own = waiting.filter((stage) => !known.has(fingerprint(stage)));
    if (own.length === 0) return;
    const planned = own.map((stage) => plannedStage(stage, needOf(stage)));
    await this.#send(planned);
  }

  async compute(stage: Stage, onEvent: (event: StageEvent) => void): Promise<void> {
    const { store, signal } = this.#options;
    const id = fingerprint(stage);
    const name = { fingerprint: id, kind: stage.kind, label: stage.label };
    if (!this.#jobs.has(id) && (await store.open(id)) !== undefined)
      return onEvent({ ...name, state: 'reused' });
    if (!this.#jobs.has(id)) await this.expect([stage], () => ({ seconds: 0, bytes: 0 }));
    let endedMs: number | undefined;
    for (;;) {
      if (signal.aborted) throw stopped();
      const failed = await this.#relay(onEvent);
      if ((await store.open(id)) !== undefined) return;
      const sent = this.#jobs.get(id);
      const job = sent && (await this.#lookAt(sent));
      if (job === undefined || job.phase === 'failed' || job.phase === 'finished') {
        endedMs ??= performance.now();
        const now = await this.#ended(sent, job, { failed, sinceMs: performance.now() - endedMs });
        if (now === 'sent again') endedMs = undefined;
      } else {
        endedMs = undefined;
      }
      await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Jobs save what they have when they are cancelled. */
  async abandon(): Promise<void> {
    const ids = [...new Set([...this.#jobs.values()].map(({ id }) => id))];
    if (ids.length === 0) return;
    await cancel([...ids, ...(this.#probe === undefined || this.#isProbed ? [] : [this.#probe])]);
    this.#options.onNote(
      `${formatPlural(ids.length, 'job')} taken back from Slurm; what they saved is kept.`,
    );
  }

  /** Stages that are not in the store, with what they are made from, inputs first. */
  async #missing(stages: readonly Stage[]): Promise<readonly Stage[]> {
    const seen = new Set<string>();
    const missing: Stage[] = [];
    const visit = async (stage: Stage): Promise<void> => {
      const id = fingerprint(stage);
      if (seen.has(id)) return;
      seen.add(id);
      if ((await this.#options.store.open(id).catch(() => undefined)) !== undefined) return;
      for (const input of Object.values(stage.inputs)) await visit(input);
      missing.push(stage);
    };
    for (const stage of stages) await visit(stage);
    return missing;
  }

  /** Jobs of earlier runs that compute some of the stages; the fingerprints of those. */
  async #adopt(stages: readonly Stage[]): Promise<ReadonlySet<string>> {
    const known = new Set<string>();
    const alive = this.#queue.filter(({ phase }) => phase === 'waiting' || phase === 'running');
    for (const stage of stages) {
      const id = fingerprint(stage);
      const short = id.slice(0, SHORT);
      const job = alive.find(({ comment }) =>
        comment.split(',').some((task) => task.split('+').includes(short)),
      );
      if (job === undefined) continue;
      const task = job.comment.split(',').findIndex((one) => one.split('+').includes(short));
      const whole = job.isArray ? `${job.id}_${task}` : job.id;
      if (!job.isArray && job.id.includes('_') && !job.id.endsWith(`_${task}`)) continue;
      known.add(id);
      this.#jobs.set(id, {
        id: whole,
        fingerprints: [id],
        labels: [stage.label],
        reader: await JobEventReader.fromNow(this.#eventsOf(job.comment.split(',')[task])),
        job: undefined,
        told: '',
      });
    }
    if (known.size > 0) {
      this.#options.onNote(`${formatPlural(known.size, 'stage')} of these are in Slurm’s queue already.`);
    }
    return known;
  }

  async #send(planned: readonly PlannedStage[]): Promise<void> {
    const { settings, onNote } = this.#options;
    const probe = await this.#sendProbe();
    const jobs = jobsOf(planned);
    const ids: string[] = [];
    for (const { jobs: members, needs } of arraysOf(jobs)) {
      const own = members.map((index) => jobs[index]);
      const after = [probe, ...needs.map((index) => ids[index]), ...this.#outside(own)];
      const comment = own.map(commentOf).join(',');
      const tasks = own.map((job) => ({
        fingerprints: job.stages.map((stage) => stage.fingerprint),
        events: this.#eventsOf(commentOf(job)),
      }));
      const options = jobOptions({ jobs: own, after: [...new Set(after)], comment }, settings, this.#place);
      const id = await submit(options, jobScript(tasks, settings, this.#place));
      for (const [task, index] of members.entries()) {
        ids[index] = own.length > 1 ? `${id}_${task}` : id;
        await this.#remember(ids[index], jobs[index]);
      }
    }
    onNote(
      `${formatPlural(planned.length, 'stage')} in ${formatPlural(jobs.length, 'job')} were sent to Slurm.`,
    );
  }

  /** Jobs sent before that make what these need. */
  #outside(jobs: readonly Job[]): readonly string[] {
    const inputs = jobs.flatMap((job) => job.stages.flatMap((stage) => stage.inputs));
    return inputs.flatMap((input) => this.#sentBefore.get(input) ?? []);
  }

  /** By fingerprint, of jobs that were adopted or sent by an earlier call. */
  get #sentBefore(): ReadonlyMap<string, string> {
    return new Map([...this.#jobs].map(([id, sent]) => [id, sent.id]));
  }

  async #remember(id: string, job: Job): Promise<void> {
    const sent: SentJob = {
      id,
      fingerprints: job.stages.map((stage) => stage.fingerprint),
      labels: job.stages.map(({ label }) => label),
      reader: await JobEventReader.fromNow(this.#eventsOf(commentOf(job))),
      job,
      told: '',
    };
    for (const one of sent.fingerprints) this.#jobs.set(one, sent);
  }

  /** Before anything else: does a node see this storage? */
  async #sendProbe(): Promise<string> {
    if (this.#probe !== undefined) return this.#probe;
    const marker = { path: join(this.#place.storage, 'slurm', 'marker'), content: randomUUID() };
    await writeFileAtomic(marker.path, marker.content);
    this.#probe = await submit(probeOptions(this.#options.settings), probeScript(marker));
    return this.#probe;
  }

  /** Tells all that jobs told; the last failure of a stage among it. */
  async #relay(onEvent: (event: StageEvent) => void): Promise<StageEvent | undefined> {
    let failed: StageEvent | undefined;
    for (const sent of new Set(this.#jobs.values())) {
      for (const event of await sent.reader.read()) {
        if (event.state === 'failed') failed = event;
        else onEvent(event);
      }
    }
    return failed;
  }

  async #lookAt(sent: SentJob): Promise<QueuedJob | undefined> {
    await this.#askQueue();
    const job = jobInQueue(this.#queue, sent.id);
    if (this.#isSilent) return job ?? { ...unknownJob, id: sent.id };
    const told = job === undefined ? '' : `${job.state} ${job.reason}`;
    if (job?.phase === 'waiting' && told !== sent.told && job.reason !== '' && job.reason !== 'Dependency') {
      this.#options.onNote(`Job ${sent.id} (${sent.labels[0]}) waits: ${reasonInWords(job.reason)}.`);
    }
    sent.told = told;
    if (this.#probe !== undefined && !this.#isProbed) this.#checkProbe();
    return job;
  }

  #checkProbe(): void {
    const probe = jobInQueue(this.#queue, this.#probe ?? '');
    if (probe?.phase === 'finished') this.#isProbed = true;
    if (probe?.phase !== 'failed') return;
    throw probe.exitCode === NOT_SHARED
      ? new ParlanceError(
          `The nodes do not see ${this.#place.storage} as this machine does.`,
          'Give a folder on the shared disk: --storage <folder>; nothing was computed.',
        )
      : new ParlanceError(
          `The first job ended as ${probe.state} (${reasonInWords(probe.reason)}).`,
          'Try `srun hostname` with the same partition and account.',
        );
  }

  async #askQueue(): Promise<void> {
    if (performance.now() - this.#askedMs < QUEUE_MS) return;
    try {
      this.#queue = await queue();
      if (this.#isSilent) this.#options.onNote('Slurm’s controller answers again.');
      this.#isSilent = false;
    } catch (error) {
      if (!(error instanceof SilentControllerError)) throw error;
      if (!this.#isSilent) this.#options.onNote(`${error.message} Jobs that run go on; this waits for it.`);
      this.#isSilent = true;
    }
    this.#askedMs = performance.now();
  }

  /** A job is over and its artifact is not there (yet). */
  async #ended(
    sent: SentJob | undefined,
    job: QueuedJob | undefined,
    { failed, sinceMs }: { readonly failed: StageEvent | undefined; readonly sinceMs: number },
  ): Promise<'sent again' | 'waiting'> {
    if (failed?.state === 'failed') throw new ParlanceError(failed.message, failed.hint);
    const isOverTime = job?.state === 'TIMEOUT' || job?.state === 'PREEMPTED' || job?.exitCode === TIME_OVER;
    if (sent?.job !== undefined && isOverTime) return this.#sendAgain(sent.job);
    if (sinceMs < DISK_MS && (job === undefined || job.phase === 'finished')) return 'waiting';
    const what = sent?.labels.join(', ') ?? 'a stage';
    if (job === undefined) {
      throw new ParlanceError(
        `Slurm does not know the job of “${what}” any more, and its result is not in the storage.`,
        'Give the same command again: what was saved is taken up.',
      );
    }
    const logs = join(this.#place.logs, `${sent?.id ?? '*'}.log`);
    throw new ParlanceError(
      `The job ${job.id} of “${what}” ended as ${job.state}${job.reason === '' ? '' : ` (${reasonInWords(job.reason)})`}.`,
      job.state === 'OUT_OF_MEMORY'
        ? 'Raise execution.slurm.memory in your settings file.'
        : `What it said is in ${logs}. Give the same command again to go on.`,
    );
  }

  async #sendAgain(job: Job): Promise<'sent again'> {
    const key = commentOf(job);
    const restarts = (this.#restarts.get(key) ?? 0) + 1;
    if (restarts > MOST_RESTARTS) {
      throw new ParlanceError(
        `The time of the job of “${job.stages[0].label}” was over ${MOST_RESTARTS} times.`,
        'Set a longer execution.slurm.time in your settings file.',
      );
    }
    this.#restarts.set(key, restarts);
    await this.#send(job.stages);
    return 'sent again';
  }

  #eventsOf(comment: string): string {
    return join(this.#place.storage, 'slurm', 'events', `${comment.slice(0, SHORT)}.jsonl`);
  }
}

const unknownJob: Omit<QueuedJob, 'id'> = {
  state: 'UNKNOWN',
  phase: 'running',
  reason: '',
  exitCode: 0,
  comment: '',
  isArray: false,
};

/** All stages of a job, shortened: by it a later run finds the job. */
function commentOf({ stages }: Job): string {
  return stages.map((stage) => stage.fingerprint.slice(0, SHORT)).join('+');
}

function plannedStage(stage: Stage, { seconds, bytes }: StageNeed): PlannedStage {
  const { kind, label } = stage;
  return {
    fingerprint: fingerprint(stage),
    kind,
    label,
    inputs: Object.values(stage.inputs).map(fingerprint),
    seconds,
    bytes,
  };
}

function stopped(): InterruptedError {
  return new InterruptedError('Stopped; everything so far is kept.', 'Give the same command again to go on.');
}
