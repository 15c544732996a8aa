/**
 * Runs all tasks of all domains, as many side by side as asked, and gathers what they found. Tasks stand in an order
 * in which neighbours rarely want the same stage at once: first the seeds of a domain's largest experiment, which
 * train most of what the others use, then its other experiments seed by seed.
 */
import { join, resolve } from 'node:path';
import { InputError } from '../../src/common/errors.ts';
import { formatSeconds } from '../../src/common/format.ts';
import { type DomainText, domainText } from './domain-folder.ts';
import { type ClaimExperiment, claimExperiments, experimentFile, type Sizes } from './experiments.ts';
import { type ClaimRun, type DomainFindings, gather } from './findings.ts';
import { runTask, stopped, type Task } from './task.ts';

export interface SuiteOptions {
  readonly generic: string;
  readonly domains: readonly string[];
  /** Where experiment files and the storage of all domains are kept. */
  readonly work: string;
  /** Processes side by side. */
  readonly jobs: number;
  readonly seeds: readonly number[];
  readonly sizes: Sizes;
  /** Numbers of clusters that importance sampling is tried with; those of the claim when absent. */
  readonly clusters?: readonly number[];
  readonly signal: AbortSignal;
  onProgress(line: string): void;
  /** Called whenever all of a domain is measured. */
  onDomain?(findings: readonly DomainFindings[]): Promise<void>;
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
  const tasks = domains.flatMap((domain) => domainTasks(domain, options));
  const storage = join(options.work, 'storage');
  const runs = new Map<ClaimTask, ClaimRun>();
  const finished = new Map<string, DomainFindings>();
  const inOrder = () => domains.flatMap(({ name }) => finished.get(name) ?? []);
  const perform = async (task: ClaimTask, number: number, signal: AbortSignal): Promise<void> => {
    const place = `[${number}/${tasks.length}]`;
    options.onProgress(`${place} started  ${task.name}`);
    const began = performance.now();
    const { results, seconds } = await runTask(task, storage, signal);
    const took = (performance.now() - began) / 1000;
    options.onProgress(`${place} ended    ${task.name}, ${formatSeconds(took)}`);
    const { domain, seed, kind } = task;
    runs.set(task, { seed, experiment: kind.name, results, seconds });
    const own = tasks.filter((one) => one.domain === domain);
    const ended = own.flatMap((one) => runs.get(one) ?? []);
    if (ended.length < own.length) return;
    finished.set(domain, await gather(domain, ended, storage, options.jobs));
    await options.onDomain?.(inOrder());
  };
  await sideBySide(tasks, options, perform);
  return inOrder();
}

async function readDomains(paths: readonly string[]): Promise<DomainText[]> {
  const domains = await Promise.all(paths.map(domainText));
  const names = domains.map(({ name }) => name);
  if (new Set(names).size === names.length) return domains;
  throw new InputError(`Two domains have the same name: ${names.join(', ')}.`, 'Rename a folder.');
}

function domainTasks(
  domain: DomainText,
  { generic, work, seeds, sizes, clusters }: SuiteOptions,
): ClaimTask[] {
  const [core, ...others] = claimExperiments(sizes, clusters);
  const task = (kind: ClaimExperiment, seed: number): ClaimTask => ({
    name: `${domain.name}, ${kind.name}, seed ${seed}`,
    folder: join(work, domain.name, kind.name.replace(/\W+/g, '-'), `seed-${seed}`),
    experiment: experimentFile(kind, resolve(generic), domain, seed),
    domain: domain.name,
    seed,
    kind,
  });
  return [
    ...seeds.map((seed) => task(core, seed)),
    ...seeds.flatMap((seed) => others.map((kind) => task(kind, seed))),
  ];
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
