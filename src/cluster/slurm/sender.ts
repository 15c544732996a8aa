/** Sends stages as jobs, each after those whose results it needs; what is in the queue already is followed instead. */
import { makeFolderIn } from '../../common/files.ts';
import { formatPlural } from '../../common/format.ts';
import type { StageNeed } from '../../pipeline/executor.ts';
import { liveness, thisProcess } from '../../pipeline/owner.ts';
import { fingerprint, type Stage } from '../../pipeline/stage.ts';
import { writeStagePlans } from '../../pipeline/stage-plans.ts';
import { submit } from './commands.ts';
import { arraysOf, type Job, jobsOf, type PlannedStage } from './job-graph.ts';
import { type JobList, readJobList, setOwner, type Tasks, writeJobList } from './job-lists.ts';
import { arrayOf } from './queue.ts';
import type { QueueWatch } from './queue-watch.ts';
import { type JobPlace, jobOptions, jobScript } from './script.ts';
import { eventsPath, type SentJobs } from './sent-jobs.ts';
import type { SlurmSettings } from './settings.ts';

interface Sending {
  readonly place: JobPlace;
  readonly settings: SlurmSettings;
  onNote(text: string): void;
}

export class JobSender {
  readonly #options: Sending;
  readonly #jobs: SentJobs;
  readonly #watch: QueueWatch;
  /** The lists of own jobs by their names: also of one that was sent although Slurm's answer did not arrive. */
  readonly #lists = new Map<string, Tasks>();

  constructor(options: Sending, followed: { readonly jobs: SentJobs; readonly watch: QueueWatch }) {
    this.#options = options;
    this.#jobs = followed.jobs;
    this.#watch = followed.watch;
  }

  /** `stages`: neither made nor in a followed job, inputs before what is made from them. */
  async send(stages: readonly Stage[], needOf: (stage: Stage) => StageNeed): Promise<void> {
    const { place, onNote } = this.#options;
    makeFolderIn(place.storage, place.logs);
    await writeStagePlans(place.storage, stages);
    await this.#watch.ask();
    await this.#adopt(stages);
    const own = stages.filter((stage) => this.#jobs.of(fingerprint(stage)) === undefined);
    if (own.length < stages.length) {
      onNote(`${formatPlural(stages.length - own.length, 'stage')} of these are in Slurm’s queue already.`);
    }
    if (own.length > 0) await this.#submit(own.map((stage) => plannedStage(stage, needOf(stage))));
  }

  /** Of own jobs that are in the queue, also where Slurm's answer to sending them did not arrive. */
  get openJobs(): readonly string[] {
    const { jobs } = this.#watch;
    return jobs
      .filter(({ id, comment }) => this.#lists.has(comment) && this.#watch.isAlive(id))
      .map(({ id }) => id);
  }

  /** The jobs are nobody's any more: a later run that still finds one of them sends its own when it ends. */
  async release(): Promise<void> {
    const { storage } = this.#options.place;
    for (const [name, tasks] of this.#lists) await setOwner(storage, name, { tasks, owner: null });
    this.#lists.clear();
  }

  /** Follows jobs that another run, or an earlier one, has sent for some of the stages. */
  async #adopt(stages: readonly Stage[]): Promise<void> {
    const labels = new Map(stages.map((stage) => [fingerprint(stage), stage.label]));
    for (const name of new Set(this.#watch.jobs.map(({ comment }) => comment))) {
      const list = await readJobList(this.#options.place.storage, name);
      if (list === undefined) continue;
      const jobs = this.#watch.jobs.filter(({ comment }) => comment === name);
      for (const array of new Set(jobs.map(({ id }) => arrayOf(id)))) {
        for (const [number, task] of list.tasks.entries()) {
          const id = list.tasks.length > 1 ? `${array}_${number}` : array;
          const found = task.flatMap((one) => {
            const label = this.#jobs.of(one) === undefined ? labels.get(one) : undefined;
            return label === undefined ? [] : [{ fingerprint: one, label }];
          });
          if (found.length === 0 || !this.#watch.isAlive(id)) continue;
          await this.#jobs.add({ id, isOwn: await this.#isOwn(name, list) }, task, found);
        }
      }
    }
  }

  /** The jobs of a run that has died are taken over: nobody else would take them back. */
  async #isOwn(name: string, { tasks, owner }: JobList): Promise<boolean> {
    if (this.#lists.has(name)) return true;
    if (owner === null || liveness(owner) !== 'dead') return false;
    await setOwner(this.#options.place.storage, name, { tasks, owner: thisProcess() });
    this.#lists.set(name, tasks);
    return true;
  }

  async #submit(planned: readonly PlannedStage[]): Promise<void> {
    const { place, settings, onNote } = this.#options;
    const probe = await this.#watch.probe(settings);
    const jobs = jobsOf(planned);
    const ids: string[] = [];
    for (const { jobs: members, needs } of arraysOf(jobs)) {
      const own = members.map((index) => jobs[index]);
      const after = [...new Set([...probe, ...needs.map((index) => ids[index]), ...this.#outside(own)])];
      const list = own.map((job) => job.stages.map((stage) => stage.fingerprint));
      const comment = await writeJobList(place.storage, list);
      this.#lists.set(comment, list);
      const tasks = list.map((task) => ({ fingerprints: task, events: eventsPath(place.storage, task) }));
      const options = jobOptions({ jobs: own, after, comment }, settings, place);
      const id = await submit(options, jobScript(tasks, settings, place));
      for (const [task, index] of members.entries()) {
        ids[index] = own.length > 1 ? `${id}_${task}` : id;
        await this.#jobs.add({ id: ids[index], isOwn: true }, list[task], jobs[index].stages);
      }
    }
    this.#watch.expectChange();
    onNote(
      `${formatPlural(planned.length, 'stage')} in ${formatPlural(jobs.length, 'job')} were sent to Slurm.`,
    );
  }

  /** Jobs sent before, here or by another run, that make what these need. */
  #outside(jobs: readonly Job[]): readonly string[] {
    const inputs = jobs.flatMap((job) => job.stages.flatMap((stage) => stage.inputs));
    return inputs.flatMap((input) => this.#jobs.of(input)?.id ?? []).filter((id) => this.#watch.isAlive(id));
  }
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
