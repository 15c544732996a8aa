/**
 * An experiment made ready to run (its stages over the corpora as they are, and what they need), and what the store
 * holds of it already. execute.ts runs it; the command line and the editor's hosts only show what that tells.
 */

import { join } from 'node:path';
import { GraphError, InputError } from '../../common/errors.ts';
import type { Json } from '../../common/json.ts';
import { corpusFingerprint } from '../../corpus/sources/fingerprint.ts';
import { markStorage } from '../../corpus/sources/own-output.ts';
import type { CorpusSpecification } from '../../corpus/sources/specification.ts';
import { LoadedEngine, loadEngine, parseEngineRequest } from '../../engines/names.ts';
import { ownPeakBytes } from '../../engines/peak-memory.ts';
import type { ExperimentPlan } from '../../methods/experiment-plan.ts';
import type { StageServices } from '../../methods/stages/services.ts';
import { fingerprint } from '../../pipeline/stage.ts';
import { ArtifactStore } from '../../pipeline/store.ts';
import { requireConsistent } from '../config/configuration.ts';
import type { Experiment } from '../config/experiment.ts';
import { chooseEngine } from '../estimation/engine-choice.ts';
import { importedModels } from '../results/imported-results.ts';
import type { ExperimentResults } from '../results/results.ts';
import type { RunRecord } from '../runs/runs.ts';
import { countedSize, domainSize } from './domain-tokens.ts';
import { type ExperimentStages, experimentStages } from './grid.ts';
import type { GridPoint } from './grid-point.ts';
import { type Findings, selectedMethods } from './measurements.ts';
import type { ExperimentEnvironment, ExperimentOutcome, PreparedExperiment } from './prepared.ts';
import { finishedBy, storedFindings } from './stored-findings.ts';
import { usedModels } from './trained-networks.ts';

/** Looks at the corpora and builds the stages; reads file lists, computes nothing. */
export async function prepareExperiment(
  experiment: Experiment,
  environment: ExperimentEnvironment,
): Promise<PreparedExperiment> {
  const { storage, threads, signal, engine: request = 'auto', methods, executor } = environment;
  if (methods !== undefined) requireConsistent({ ...experiment, methods });
  // Before any corpus is listed: the storage may lie inside one. A storage that cannot be written gets nothing else either.
  await markStorage(storage).catch(() => undefined);
  const model = usedModels(experiment).at(-1) ?? 'small';
  const choice = await chooseEngine(parseEngineRequest(request), { plan: experiment.plan, model, threads });
  // What only reads needs none, and what has its stages computed elsewhere need not have it here.
  const engine = executor === undefined ? await loadEngine(choice.name, threads).catch(unusable) : unusable();
  const cacheFile = join(storage, 'cache', 'files.json');
  const content = async (specification: CorpusSpecification) =>
    environment.contents?.get(specification.name) ?? corpusFingerprint(specification, { cacheFile, signal });
  const { generic } = experiment.plan;
  const contents = { ...(generic && { generic: await content(generic) }), domains: [] as Json[] };
  for (const domain of experiment.plan.domains) contents.domains.push(await content(domain));
  const services: StageServices = {
    store: new ArtifactStore(storage),
    threads,
    cacheFile,
    engineName: choice.name,
    engine: () => engine.engine(),
  };
  const imported = await importedModels(services.store);
  const orImported = (point: GridPoint): GridPoint => {
    const model = imported.get(fingerprint(point.evaluation));
    return model === undefined ? point : { ...point, imported: model };
  };
  const withMethods = (ids: readonly string[], counted: ReadonlyMap<string, number>) => {
    const chosen = { ...experiment, methods: ids };
    const stages = experimentStages(
      experiment.plan,
      selectedMethods(chosen),
      { contents, trainingTokens: counted },
      services,
    );
    return { experiment: chosen, stages: { ...stages, points: stages.points.map(orImported) } };
  };
  const { domains } = withMethods([], new Map()).stages;
  const prepared = (known: ReadonlyMap<string, number>): PreparedExperiment => ({
    ...withMethods(methods ?? experiment.methods, known),
    ...(methods && { whole: withMethods([...new Set([...experiment.methods, ...methods])], known) }),
    services,
    engine: choice,
    recounted,
    estimated: async () => prepared(await expectedTokens(experiment.plan, domains, services.store)),
    peakBytes: () => engine.started?.memory().peakBytes ?? ownPeakBytes(),
    dispose: () => engine.dispose(),
  });
  const recounted = async (): Promise<PreparedExperiment> =>
    prepared(await countedTokens(domains, services.store));
  return recounted();
}

/** Whoever asks for it is told why. */
function unusable(why: unknown = new GraphError('No engine was loaded here.', 'Report this.')): LoadedEngine {
  return new LoadedEngine(() => {
    throw why;
  });
}

async function countedTokens(
  domains: ExperimentStages['domains'],
  store: ArtifactStore,
): Promise<ReadonlyMap<string, number>> {
  const counted = new Map<string, number>();
  for (const { name, tokens } of domains) {
    const size = await countedSize(tokens, store);
    if (size !== undefined) counted.set(name, size.train);
  }
  return counted;
}

/** Counted, else estimated. */
async function expectedTokens(
  plan: ExperimentPlan,
  domains: ExperimentStages['domains'],
  store: ArtifactStore,
): Promise<ReadonlyMap<string, number>> {
  const sizes = new Map<string, number>();
  for (const [i, { name, tokens }] of domains.entries()) {
    const { train } = await domainSize(plan.domains[i], tokens, plan.vocabulary, store);
    sizes.set(name, train);
  }
  return sizes;
}

/** The report of a run, made again from what the store holds of the experiment now. */
export async function rebuildReport(
  prepared: PreparedExperiment,
  environment: ExperimentEnvironment,
  record: RunRecord,
): Promise<ExperimentOutcome> {
  return (await whatIsThere(prepared, environment, record)).report();
}

/** What a run and those before it measured of the experiment as it is now, from the store; writes nothing. */
export async function storedResults(
  prepared: PreparedExperiment,
  environment: ExperimentEnvironment,
  record: RunRecord,
): Promise<ExperimentResults> {
  return (await whatIsThere(prepared, environment, record)).results();
}

async function whatIsThere(
  prepared: PreparedExperiment,
  environment: ExperimentEnvironment,
  record: RunRecord,
): Promise<Findings> {
  const computed = finishedBy(environment.storage, record.id);
  const findings = await storedFindings(prepared, environment, record, computed);
  if (findings.count > 0) return findings;
  throw new InputError(
    `Nothing has been measured yet for ${prepared.experiment.file} as it is now.`,
    `Run it first: ${environment.command}`,
  );
}
