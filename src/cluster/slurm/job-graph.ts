/**
 * Stages into jobs. A job is a list of stages that one process computes in their order. Stages of seconds join the job
 * that makes what they need, or a sibling that needs the same, so that a grid of hundreds of stages is some tens of
 * jobs; a stage of minutes is a job of its own, beside others. No job ever needs itself, through whatever others.
 */

export interface PlannedStage {
  readonly fingerprint: string;
  readonly kind: string;
  readonly label: string;
  /** Fingerprints of the stages that it is made from, as far as they are to be computed too. */
  readonly inputs: readonly string[];
  readonly seconds: number;
  readonly bytes: number;
}

export interface Job {
  /** Inputs before what is made from them. */
  readonly stages: readonly PlannedStage[];
  /** The jobs that must end well before, by their places in the list. */
  readonly needs: readonly number[];
  readonly seconds: number;
  readonly bytes: number;
}

/** Jobs alike that need the same others: one call of `sbatch`. */
export interface JobArray {
  /** Places in the list of jobs. */
  readonly jobs: readonly number[];
  readonly needs: readonly number[];
}

/** Stages together up to this length; doubled until there are few enough jobs. */
const TOGETHER_SECONDS = 120;
/** A stage of less than this share of that joins even a longer job. */
const SMALL_SHARE = 0.25;
export const MOST_JOBS = 40;
/** Slurm's own default is 1,001. */
const MOST_TASKS = 500;

/** `stages` stand after their inputs. The jobs stand after those that they need. */
export function jobsOf(stages: readonly PlannedStage[], mostJobs = MOST_JOBS): readonly Job[] {
  for (let together = TOGETHER_SECONDS; ; together *= 2) {
    const jobs = siblingsJoined(groupsOf(stages, together), together);
    if (jobs.length <= mostJobs || together > 1e9) return jobs;
  }
}

/** A job that is being made: its needs are indices of other drafts. */
interface Draft {
  readonly stages: PlannedStage[];
  readonly needs: Set<number>;
  seconds: number;
}

function groupsOf(stages: readonly PlannedStage[], together: number): readonly Draft[] {
  const drafts: Draft[] = [];
  const draftOf = new Map<string, number>();
  for (const stage of stages) {
    const needed = [...new Set(stage.inputs.flatMap((input) => draftOf.get(input) ?? []))];
    const home = needed
      .toSorted((a, b) => b - a)
      .find(
        (one) =>
          fits(drafts[one], stage, together) &&
          needed.every((other) => other === one || !reaches(drafts, other, one)),
      );
    const index = home ?? drafts.push({ stages: [], needs: new Set(), seconds: 0 }) - 1;
    const draft = drafts[index];
    draft.stages.push(stage);
    draft.seconds += stage.seconds;
    for (const other of needed) if (other !== index) draft.needs.add(other);
    draftOf.set(stage.fingerprint, index);
  }
  return drafts;
}

function fits(draft: Draft, stage: PlannedStage, together: number): boolean {
  return stage.seconds <= SMALL_SHARE * together || draft.seconds + stage.seconds <= together;
}

/** Whether a draft needs another one, through whatever others. */
function reaches(drafts: readonly Draft[], from: number, to: number): boolean {
  const seen = new Set<number>();
  const open = [from];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next === to) return true;
    if (seen.has(next)) continue;
    seen.add(next);
    open.push(...drafts[next].needs);
  }
  return false;
}

/** Drafts that need the same others and are short together become one; then all in the order of their needs. */
function siblingsJoined(drafts: readonly Draft[], together: number): readonly Job[] {
  const joined = new Map<number, number>();
  const open = new Map<string, number>();
  const resolved = (index: number): number => joined.get(index) ?? index;
  const order = inOrderOfNeeds(drafts);
  for (const index of order) {
    const draft = drafts[index];
    const key = [...new Set([...draft.needs].map(resolved))].sort((a, b) => a - b).join();
    const sibling = open.get(key);
    if (sibling !== undefined && drafts[sibling].seconds + draft.seconds <= together) {
      drafts[sibling].stages.push(...draft.stages);
      drafts[sibling].seconds += draft.seconds;
      joined.set(index, sibling);
    } else {
      open.set(key, index);
    }
  }
  const kept = order.filter((index) => !joined.has(index));
  const place = new Map(kept.map((index, i) => [index, i]));
  return kept.map((index): Job => {
    const { stages, needs, seconds } = drafts[index];
    const places = [...needs].flatMap((one) => place.get(resolved(one)) ?? []);
    return {
      stages,
      needs: [...new Set(places)].sort((a, b) => a - b),
      seconds,
      bytes: Math.max(...stages.map(({ bytes }) => bytes)),
    };
  });
}

/** A stage may have joined an earlier draft and so made it need a later one. */
function inOrderOfNeeds(drafts: readonly Draft[]): readonly number[] {
  const done = new Set<number>();
  const order: number[] = [];
  const visit = (index: number): void => {
    if (done.has(index)) return;
    done.add(index);
    for (const need of drafts[index].needs) visit(need);
    order.push(index);
  };
  for (const index of drafts.keys()) visit(index);
  return order;
}

/** Jobs whose longest stage is of one kind and that need the same others, in the order of the jobs. */
export function arraysOf(jobs: readonly Job[]): readonly JobArray[] {
  const arrays = new Map<string, number[][]>();
  for (const [index, job] of jobs.entries()) {
    const longest = job.stages.reduce((a, b) => (b.seconds > a.seconds ? b : a));
    const key = `${longest.kind} ${job.needs.join()}`;
    const own = arrays.get(key) ?? [[]];
    const last = own[own.length - 1];
    if (last.length < MOST_TASKS) last.push(index);
    else own.push([index]);
    arrays.set(key, own);
  }
  // An array is sent when the last of its jobs is: what it needs has been sent by then.
  return [...arrays.values()]
    .flat()
    .map((own): JobArray => ({ jobs: own, needs: jobs[own[0]].needs }))
    .sort((a, b) => a.jobs[0] - b.jobs[0]);
}
