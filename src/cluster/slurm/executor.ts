/**
 * Computes the stages of a run as jobs of Slurm: all that is not in the store is sent at once, each job after those whose
 * results it needs, and then followed. What is true is what the store has; then what Slurm says of a job; what was
 * remembered of it comes last. A job that an earlier run sent is waited for and not sent again. Slurm does the rest:
 * it puts a job back whose node is lost, and what the job had saved is taken up.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ParlanceError } from '../../common/errors.ts';
import { formatPlural } from '../../common/format.ts';
import type { StageExecutor, StageNeed } from '../../pipeline/executor.ts';
import { fingerprint, type Stage } from '../../pipeline/stage.ts';
import type { StageEvent } from '../../pipeline/stage-event.ts';
import { writeStagePlans } from '../../pipeline/stage-plans.ts';
import type { ArtifactStore } from '../../pipeline/store.ts';
import { cancel, submit } from './commands.ts';
import { endlessJob, failedJob, forgottenJob, stopped } from './endings.ts';
import { JobEventReader } from './job-events.ts';
import { arraysOf, type Job, jobsOf, type PlannedStage } from './job-graph.ts';
import { type QueuedJob, reasonInWords } from './queue.ts';
import { QueueWatch } from './queue-watch.ts';
import { type JobPlace, jobOptions, jobScript, TIME_OVER } from './script.ts';
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
  readonly labels: readonly string[];
  readonly reader: JobEventReader;
  /** Absent where an earlier run sent it. */
  readonly job?: Job;
  /** What was last said of it. */
  told: string;
  /** How a stage of it ended, unless it began again. */
  failure?: Extract<StageEvent, { state: 'failed' }>;
}

const POLL_MS = 1000;
/** A slow shared disk may show an artifact this long after its job has ended. */
const DISK_MS = 30_000;
/** So many characters of a fingerprint tell stages apart. */
const SHORT = 16;
/** A job that ends again and again without an end in sight is given up. */
const MOST_RESTARTS = 50;

export class SlurmExecutor implements StageExecutor {
  readonly #options: SlurmOptions;
  readonly #place: JobPlace;
  /** By the fingerprint of each of its stages. */
  readonly #jobs = new Map<string, SentJob>();
  readonly #watch: QueueWatch;
  readonly #restarts = new Map<string, number>();

  constructor(options: SlurmOptions) {
    this.#options = options;
    const { storage } = options.store;
    this.#place = { storage, program: options.program, logs: join(storage, 'slurm', 'logs') };
    this.#watch = new QueueWatch(storage, options.onNote);
  }

  async expect(stages: readonly Stage[], needOf: (stage: Stage) => StageNeed): Promise<void> {
    const missing = await this.#missing(stages);
    const waiting = missing.filter((stage) => !this.#jobs.has(fingerprint(stage)));
    if (waiting.length === 0) return;
    await mkdir(this.#place.logs, { recursive: true });
    await writeStagePlans(this.#place.storage, waiting);
    await this.#watch.ask();
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
      await this.#relay(onEvent);
      if ((await store.open(id)) !== undefined) return;
      const sent = this.#jobs.get(id);
      const job = sent && (await this.#lookAt(sent));
      if (job === undefined || job.phase === 'failed' || job.phase === 'finished') {
        endedMs ??= performance.now();
        const now = await this.#ended(sent, job, performance.now() - endedMs);
        if (now === 'sent again') endedMs = undefined;
      } else {
        endedMs = undefined;
      }
      await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Jobs save what they have when they are cancelled. Those of another run are that run's, which may be alive. */
  async abandon(): Promise<void> {
    const all = [...new Set(this.#jobs.values())].filter(({ id }) => !this.#watch.isOver(id));
    const [own, others] = [all.filter(({ job }) => job), all.filter(({ job }) => !job)].map((jobs) =>
      jobs.map(({ id }) => id),
    );
    const { onNote } = this.#options;
    if (others.length > 0) {
      onNote(`Jobs that another run sent go on; scancel ${others.join(' ')} takes them back.`);
    }
    if (own.length === 0) return;
    try {
      await cancel([...own, ...this.#watch.openProbe]);
    } catch (error) {
      onNote(`The jobs could not be taken back: scancel ${own.join(' ')} does when Slurm answers.`);
      throw error;
    }
    onNote(`${formatPlural(own.length, 'job')} taken back from Slurm; what they saved is kept.`);
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
    const labels = new Map(stages.map((stage) => [fingerprint(stage).slice(0, SHORT), stage]));
    const known = new Set<string>();
    const seen = new Set<string>();
    for (const { id, comment } of this.#watch.jobs) {
      for (const [number, own] of comment.split(',').entries()) {
        const task = comment.includes(',') ? `${id.split('_')[0]}_${number}` : id;
        const found = own.split('+').flatMap((short) => labels.get(short) ?? []);
        if (found.length === 0 || seen.has(task) || !this.#watch.isAlive(task)) continue;
        seen.add(task);
        const sent = await this.#sentJob(
          task,
          own,
          found.map(({ label }) => label),
        );
        for (const stage of found) {
          known.add(fingerprint(stage));
          this.#jobs.set(fingerprint(stage), sent);
        }
      }
    }
    if (known.size > 0) {
      this.#options.onNote(`${formatPlural(known.size, 'stage')} of these are in Slurm’s queue already.`);
    }
    return known;
  }

  async #send(planned: readonly PlannedStage[]): Promise<void> {
    const { settings, onNote } = this.#options;
    const probe = await this.#watch.probe(settings);
    const jobs = jobsOf(planned);
    const ids: string[] = [];
    for (const { jobs: members, needs } of arraysOf(jobs)) {
      const own = members.map((index) => jobs[index]);
      const after = [...probe, ...needs.map((index) => ids[index]), ...this.#outside(own)];
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

  /** Jobs sent before, here or by an earlier run, that make what these need. */
  #outside(jobs: readonly Job[]): readonly string[] {
    const inputs = jobs.flatMap((job) => job.stages.flatMap((stage) => stage.inputs));
    return inputs.flatMap((input) => this.#jobs.get(input)?.id ?? []).filter((id) => this.#watch.isAlive(id));
  }

  async #remember(id: string, job: Job): Promise<void> {
    const labels = job.stages.map(({ label }) => label);
    const sent = { ...(await this.#sentJob(id, commentOf(job), labels)), job };
    for (const stage of job.stages) this.#jobs.set(stage.fingerprint, sent);
  }

  async #sentJob(id: string, comment: string, labels: readonly string[]): Promise<SentJob> {
    return { id, labels, reader: await JobEventReader.fromNow(this.#eventsOf(comment)), told: '' };
  }

  /** Tells all that jobs told. A failure is told when its stage is asked for, and not taken back by Slurm until then. */
  async #relay(onEvent: (event: StageEvent) => void): Promise<void> {
    for (const sent of new Set(this.#jobs.values())) {
      for (const event of await sent.reader.read()) {
        if (event.state === 'failed') sent.failure = event;
        else onEvent(event);
        if (event.state === 'started') sent.failure = undefined;
      }
    }
  }

  async #lookAt(sent: SentJob): Promise<QueuedJob | undefined> {
    await this.#watch.look();
    const job = this.#watch.job(sent.id);
    if (this.#watch.isSilent) return job ?? { ...unknownJob, id: sent.id };
    const told = job === undefined ? '' : `${job.state} ${job.reason}`;
    if (job?.phase === 'waiting' && told !== sent.told && job.reason !== '' && job.reason !== 'Dependency') {
      this.#options.onNote(`Job ${sent.id} (${sent.labels[0]}) waits: ${reasonInWords(job.reason)}.`);
    }
    sent.told = told;
    return job;
  }

  /** A job is over and its artifact is not there (yet). */
  async #ended(
    sent: SentJob | undefined,
    job: QueuedJob | undefined,
    sinceMs: number,
  ): Promise<'sent again' | 'waiting'> {
    if (sent?.failure !== undefined) throw new ParlanceError(sent.failure.message, sent.failure.hint);
    const isOverTime = job?.state === 'TIMEOUT' || job?.state === 'PREEMPTED' || job?.exitCode === TIME_OVER;
    if (sent?.job !== undefined && isOverTime) return this.#sendAgain(sent.job);
    if (sinceMs < DISK_MS && (job === undefined || job.phase === 'finished')) return 'waiting';
    const what = sent?.labels[0] ?? 'a stage';
    if (job === undefined) {
      // As after a controller that was lost before it had written the job down.
      if (sent?.job !== undefined) {
        this.#options.onNote(`Slurm does not know the job of “${what}” any more; it is sent again.`);
        return this.#sendAgain(sent.job);
      }
      throw forgottenJob(what);
    }
    throw failedJob(what, job, this.#place.logs);
  }

  async #sendAgain(job: Job): Promise<'sent again'> {
    const key = commentOf(job);
    const restarts = (this.#restarts.get(key) ?? 0) + 1;
    if (restarts > MOST_RESTARTS) throw endlessJob(job.stages[0].label, MOST_RESTARTS);
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
