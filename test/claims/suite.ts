/**
 * Runs all tasks of all domains, as many side by side as asked, and gathers what they found; what is recorded is not
 * run. Seed by seed, so that there are figures of all domains early, and in an order in which neighbours rarely want the
 * same stage at once: first the largest experiment of each domain, which train most of what the others use, every second
 * one with its methods from the last to the first.
 */
import { join, resolve } from 'node:path';
import { measurementSchema } from '../../src/budget/measurement.ts';
import { CorruptionError, InputError } from '../../src/common/errors.ts';
import { formatSeconds } from '../../src/common/format.ts';
import { distancesOf } from '../../src/experiments/results/likeness.ts';
import type { ExperimentResults } from '../../src/experiments/results/results.ts';
import { readTrainingRecord } from '../../src/methods/stages/models.ts';
import { ArtifactStore } from '../../src/pipeline/store.ts';
import { type DomainFolder, domainFolder } from './domain-folder.ts';
import { type ClaimExperiment, claimExperiments, experimentFile, type Sizes } from './experiments.ts';
import {
  type Circumstances,
  type ClaimRun,
  type DomainFindings,
  gather,
  type LossCurve,
  type OverClusters,
} from './findings.ts';
import { asRecorded, isOf, RunRecords } from './records.ts';
import { experimentFileOf, runTask, stopped, type Task, writeExperiment } from './task.ts';

export interface SuiteOptions {
  readonly generic: string;
  readonly domains: readonly string[];
  /** Where experiment files and the storage of all domains are kept. */
  readonly work: string;
  /** Where what was measured is kept (records.ts). */
  readonly records: string;
  /** Of what is measured now. */
  readonly circumstances: Circumstances;
  /** Processes side by side. */
  readonly jobs: number;
  readonly seeds: readonly number[];
  readonly sizes: Sizes;
  /** Numbers of clusters that importance sampling is tried with; those of the claim when absent. */
  readonly clusters?: readonly number[];
  readonly signal: AbortSignal;
  onProgress(line: string): void;
  /** Called whenever all of a domain is measured with another seed. */
  onFindings?(findings: readonly DomainFindings[]): Promise<void>;
}

interface ClaimTask extends Task {
  readonly domain: string;
  readonly seed: number;
  readonly experiment: object;
  readonly kind: ClaimExperiment;
}

/** Findings of all domains, in the order given. Throws the error of the first task that fails. */
export async function runSuite(options: SuiteOptions): Promise<DomainFindings[]> {
  const domains = await readDomains(options.domains);
  const tasks = suiteTasks(domains, options);
  const runs = new Map<ClaimTask, ClaimRun>();
  const records = new Map<string, RunRecords>();
  for (const { name } of domains) records.set(name, await RunRecords.read(options.records, name));
  const findings = () => domains.flatMap(({ name }) => findingsOf(name, tasks, runs) ?? []);
  const perform = async (task: ClaimTask, number: number, signal: AbortSignal): Promise<void> => {
    const { domain, seed } = task;
    const say = (what: string) => options.onProgress(`[${number}/${tasks.length}] ${what} ${task.name}`);
    runs.set(task, await measured(task, { ...options, signal }, { say, records: records.get(domain) }));
    const isOfSeed = (one: ClaimTask) => one.domain === domain && one.seed === seed;
    if (tasks.filter(isOfSeed).every((one) => runs.has(one))) await options.onFindings?.(findings());
  };
  await sideBySide(tasks, options, perform);
  return findings();
}

/** Of the seeds of which all is there; `undefined` before one is. */
function findingsOf(
  domain: string,
  tasks: readonly ClaimTask[],
  runs: ReadonlyMap<ClaimTask, ClaimRun>,
): DomainFindings | undefined {
  const own = tasks.filter((task) => task.domain === domain);
  const incomplete = new Set(own.flatMap((task) => (runs.has(task) ? [] : task.seed)));
  const complete = own.flatMap((task) => (incomplete.has(task.seed) ? [] : (runs.get(task) ?? [])));
  return complete.length === 0 ? undefined : gather(domain, complete);
}

/** From the record, or now. */
async function measured(
  task: ClaimTask,
  options: SuiteOptions,
  { say, records }: { say(what: string): void; readonly records: RunRecords | undefined },
): Promise<ClaimRun> {
  const { work, circumstances, signal } = options;
  const storage = join(work, 'storage');
  const { seed, kind } = task;
  await writeExperiment(task);
  const recorded = records?.find({ experiment: kind.name, seed });
  if (recorded !== undefined && (await isOf(recorded, experimentFileOf(task), { storage, signal }))) {
    say('recorded');
    return recorded;
  }
  say('started ');
  const { results, processorSeconds } = await runTask(task, storage, signal);
  // All the text is measured in every experiment; the claim speaks of the smallest set.
  const [smallest] = kind.sizes.fineTuning.domainTokens;
  const tuned = results.measurements.find(
    (one) => one.phase === 'after fine-tuning' && one.requestedDomainTokens === smallest,
  );
  const run: ClaimRun = {
    seed,
    experiment: kind.name,
    circumstances,
    processorSeconds,
    measurements: results.measurements.map((one) => asRecorded(measurementSchema.parse(one))),
    ...(kind.name === 'overfitting' && tuned && { curve: await validationCurve(tuned.fingerprint, storage) }),
    ...(kind.name === 'core' && { overClusters: overClustersOf(results, task.domain) }),
  };
  await records?.add(run);
  say(`ended after ${formatSeconds(processorSeconds)} of processor time:`);
  return run;
}

function overClustersOf({ selections }: Pick<ExperimentResults, 'selections'>, domain: string): OverClusters {
  const distance = distancesOf(selections).get(domain);
  const histograms = selections.find((one) => one.domain === domain)?.histograms ?? [];
  const ofExperts = histograms.find((one) => one.methods.includes('slm-mix') && one.domainTokens === 'all');
  if (distance === undefined || ofExperts === undefined) {
    throw new CorruptionError(`The clusters of ${domain} have gone from the storage.`, 'Run again.');
  }
  return { distance, modalShare: ofExperts.modalShare };
}

/** The curve of the model that an evaluation read. */
async function validationCurve(evaluated: string, storage: string): Promise<LossCurve> {
  const store = new ArtifactStore(storage);
  const evaluation = await store.open(evaluated);
  if (evaluation === undefined) {
    throw new CorruptionError(`Evaluation ${evaluated} has gone from the storage.`, 'Run again.');
  }
  return (await readTrainingRecord(store.artifactFolder(evaluation.manifest.inputs.model))).validation;
}

async function readDomains(paths: readonly string[]): Promise<DomainFolder[]> {
  const domains = await Promise.all(paths.map(domainFolder));
  const names = domains.map(({ name }) => name);
  if (new Set(names).size === names.length) return domains;
  throw new InputError(`Two domains have the same name: ${names.join(', ')}.`, 'Rename a folder.');
}

function suiteTasks(
  domains: readonly DomainFolder[],
  { generic, work, seeds, sizes, clusters }: SuiteOptions,
): ClaimTask[] {
  const [core, ...others] = claimExperiments(sizes, clusters);
  const task = (domain: DomainFolder, kind: ClaimExperiment, seed: number): ClaimTask => ({
    name: `${domain.name}, ${kind.name}, seed ${seed}`,
    folder: join(work, domain.name, kind.name.replace(/\W+/g, '-'), `seed-${seed}`),
    experiment: experimentFile(kind, resolve(generic), domain, seed),
    domain: domain.name,
    seed,
    kind,
  });
  const backwards: ClaimExperiment = { ...core, methods: core.methods.toReversed() };
  return seeds.flatMap((seed) => [
    ...domains.map((domain, i) => task(domain, i % 2 === 0 ? core : backwards, seed)),
    ...domains.flatMap((domain) => others.map((kind) => task(domain, kind, seed))),
  ]);
}

/** Takes tasks in their order, `jobs` at a time; the first failure stops the others and is thrown. */
async function sideBySide(
  tasks: readonly ClaimTask[],
  { jobs, signal }: SuiteOptions,
  perform: (task: ClaimTask, number: number, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const failing = new AbortController();
  const either = AbortSignal.any([signal, failing.signal]);
  const failures: unknown[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < tasks.length && !either.aborted) {
      const index = next++;
      try {
        await perform(tasks[index], index + 1, either);
      } catch (error) {
        failures.push(error);
        failing.abort();
      }
    }
  };
  await Promise.all(Array.from({ length: jobs }, worker));
  if (failures.length > 0) throw failures[0];
  if (signal.aborted) throw stopped();
}
