/**
 * Runs an experiment: every point of its grid, stage by stage, and the report at the end and whenever the work
 * stops early. The command line and the editor's host call this and only show what it tells.
 */
import { join } from 'node:path';
import { InputError, InterruptedError, ParlanceError } from '../common/errors.ts';
import { requireWritable } from '../common/files.ts';
import { collectGarbage } from '../common/garbage.ts';
import type { Json } from '../common/json.ts';
import { corpusFingerprint, DocumentStore } from '../corpus/documents.ts';
import type { CorpusReport } from '../corpus/report.ts';
import type { Engine } from '../engines/engine.ts';
import { OnnxRuntimeEngine } from '../engines/onnxruntime/engine.ts';
import type { ExperimentPlan, ModelName, TrainedNetwork } from '../methods/experiment-plan.ts';
import type { StageServices } from '../methods/stages/services.ts';
import { plan as planStages } from '../pipeline/plan.ts';
import { runStage } from '../pipeline/runner.ts';
import { fingerprint, type Stage } from '../pipeline/stage.ts';
import type { StageEvent } from '../pipeline/stage-event.ts';
import { ArtifactStore } from '../pipeline/store.ts';
import type { Experiment } from './configuration.ts';
import { readEvents } from './events.ts';
import { configurationJson, Findings, reportsFolder, selectedMethods, versions } from './findings.ts';
import { type ExperimentStages, experimentStages, experimentTargets, type GridPoint } from './grid.ts';
import type { ExperimentResults, Measurement } from './results.ts';
import { createRun, eventsPath, type RunRecord, type RunWriter } from './runs.ts';

export interface ExperimentEnvironment {
  readonly storage: string;
  readonly threads: number;
  /** The version of Parlance. */
  readonly version: string;
  /** The command that repeats this run, for the report. */
  readonly command: string;
  readonly signal: AbortSignal;
}

/** What happens while an experiment runs. */
export interface ExperimentObserver {
  /** Before the first stage: what will be done, in order. */
  onPlan(
    stages: readonly { readonly stage: Stage; readonly fingerprint: string; readonly cached: boolean }[],
  ): void;
  onStage(event: StageEvent): void;
  /** When a corpus is ready, computed now or earlier. */
  onCorpus(report: CorpusReport): void;
  onMeasurement(measurement: Measurement): void;
}

export interface MemoryBeforeEngine {
  readonly residentBytes: number;
  /** The highest so far. */
  readonly peakBytes: number;
}

export interface PreparedExperiment {
  readonly experiment: Experiment;
  readonly stages: ExperimentStages;
  readonly services: StageServices;
  /** The process's memory when an engine was first asked for; `undefined` before that. */
  memoryBeforeEngine(): MemoryBeforeEngine | undefined;
  dispose(): Promise<void>;
}

/** Looks at the corpora and builds the stages; reads file lists, computes nothing. */
export async function prepareExperiment(
  experiment: Experiment,
  { storage, threads, signal }: ExperimentEnvironment,
): Promise<PreparedExperiment> {
  const cacheFile = join(storage, 'cache', 'files.json');
  const content = (specification: ExperimentPlan['generic']) =>
    corpusFingerprint(specification, { cacheFile, signal });
  const contents = { generic: await content(experiment.plan.generic), domains: [] as Json[] };
  for (const domain of experiment.plan.domains) contents.domains.push(await content(domain));
  let engine: Engine | undefined;
  let before: MemoryBeforeEngine | undefined;
  const services: StageServices = {
    store: new ArtifactStore(storage),
    threads,
    cacheFile,
    engineName: 'onnxruntime:cpu',
    engine: () => {
      before ??= {
        residentBytes: process.memoryUsage.rss(),
        peakBytes: process.resourceUsage().maxRSS * 1024,
      };
      engine ??= new OnnxRuntimeEngine({ threads });
      return engine;
    },
  };
  const stages = experimentStages(experiment.plan, selectedMethods(experiment), contents, services);
  return {
    experiment,
    stages,
    services,
    memoryBeforeEngine: () => before,
    dispose: async () => engine?.dispose(),
  };
}

export interface ExperimentOutcome {
  readonly results: ExperimentResults;
  /** Where report.html, report.json and report.md lie. */
  readonly reportDirectory: string;
}

export async function runExperiment(
  prepared: PreparedExperiment,
  environment: ExperimentEnvironment,
  observer: ExperimentObserver,
): Promise<ExperimentOutcome> {
  const { experiment, stages } = prepared;
  await requireWritable(reportsFolder(experiment));
  const run = await createRun(environment.storage, {
    title: experiment.name,
    configuration: configurationJson(experiment),
    seeds: [...experiment.plan.seeds],
    versions: versions(prepared.services, environment),
    corpora: Object.fromEntries(
      [{ name: 'generic', ...stages.generic }, ...stages.domains].map(({ name, corpus }) => [
        name,
        fingerprint(corpus),
      ]),
    ),
  });
  const recorder = new Recorder(prepared, environment, observer, run);
  try {
    const outcome = await recorder.run();
    run.finish('finished');
    return outcome;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const hint = error instanceof ParlanceError ? error.hint : '';
    // The same full disk may refuse these too; what went wrong first is what the user must know.
    await recorder.reportWhatIsThere().catch(() => undefined);
    try {
      run.finish(error instanceof InterruptedError ? 'interrupted' : 'failed', message, hint);
    } catch {
      // `finish` has let go of the run; without its last word it counts as lost.
    }
    throw error;
  }
}

class Recorder {
  readonly #prepared: PreparedExperiment;
  readonly #environment: ExperimentEnvironment;
  readonly #observer: ExperimentObserver;
  readonly #run: RunWriter;
  readonly #findings: Findings;

  constructor(
    prepared: PreparedExperiment,
    environment: ExperimentEnvironment,
    observer: ExperimentObserver,
    run: RunWriter,
  ) {
    this.#prepared = prepared;
    this.#environment = environment;
    this.#observer = observer;
    this.#run = run;
    this.#findings = new Findings(prepared, environment, run.record);
  }

  async run(): Promise<ExperimentOutcome> {
    const { stages, services } = this.#prepared;
    const planned = await planStages(experimentTargets(stages), services.store);
    this.#run.append({ type: 'plan', fingerprints: planned.map((one) => one.fingerprint) });
    const needed = planned.filter(({ state }) => state !== 'not needed');
    this.#observer.onPlan(
      needed.map(({ stage, fingerprint: id, state }) => ({
        stage,
        fingerprint: id,
        cached: state === 'cached',
      })),
    );
    for (const { corpus, tokens } of [stages.generic, ...stages.domains]) {
      await this.#compute(corpus);
      await this.#compute(tokens);
      const documents = await DocumentStore.open(services.store.artifactFolder(fingerprint(corpus)));
      this.#observer.onCorpus(documents.report);
    }
    for (const point of stages.points) {
      // The measurement reads the model's record and cost too, so that a damaged model must not stay.
      await this.#compute(point.model);
      await this.#compute(point.evaluation);
      await this.#measure(point);
    }
    return this.#findings.report();
  }

  /** After a stop: what was measured so far, if anything was. */
  async reportWhatIsThere(): Promise<void> {
    if (this.#findings.count > 0) await this.#findings.report();
  }

  async #compute(stage: Stage): Promise<void> {
    await runStage(stage, {
      store: this.#prepared.services.store,
      signal: this.#environment.signal,
      onEvent: (event) => {
        if (event.state === 'finished') {
          collectGarbage();
          this.#findings.computed.add(event.fingerprint);
        }
        this.#run.append({ type: 'stage', event });
        this.#observer.onStage(event);
      },
    });
  }

  async #measure(point: GridPoint): Promise<void> {
    const measurement = await this.#findings.add(point);
    this.#run.append({ type: 'measurement', measurement });
    this.#observer.onMeasurement(measurement);
  }
}

/** The report of a run, made again from what the store holds of the experiment now. */
export async function rebuildReport(
  prepared: PreparedExperiment,
  environment: ExperimentEnvironment,
  record: RunRecord,
): Promise<ExperimentOutcome> {
  return (await storedFindings(prepared, environment, record)).report();
}

/** What a run and those before it measured of the experiment as it is now, from the store; writes nothing. */
export async function storedResults(
  prepared: PreparedExperiment,
  environment: ExperimentEnvironment,
  record: RunRecord,
): Promise<ExperimentResults> {
  return (await storedFindings(prepared, environment, record)).results();
}

async function storedFindings(
  prepared: PreparedExperiment,
  environment: ExperimentEnvironment,
  { id, created }: RunRecord,
): Promise<Findings> {
  const { store } = prepared.services;
  const findings = new Findings(prepared, environment, { id, created });
  for (const { event } of readEvents(eventsPath(environment.storage, id)).events) {
    if (event.type === 'stage' && event.event.state === 'finished')
      findings.computed.add(event.event.fingerprint);
  }
  for (const point of prepared.stages.points) {
    if ((await store.open(fingerprint(point.evaluation))) !== undefined) await findings.add(point);
  }
  if (findings.count > 0) return findings;
  throw new InputError(
    `Nothing has been measured yet for ${prepared.experiment.file} as it is now.`,
    `Run it first: parlance run ${prepared.experiment.file}`,
  );
}

/** The models that the experiment's methods train. */
export function usedModels(experiment: Experiment): ModelName[] {
  const names: readonly ModelName[] = ['small', 'large'];
  const trained = trainedNetworks(experiment);
  return names.filter((name) => trained.includes(name));
}

/** Everything that the experiment's methods train. */
export function trainedNetworks(experiment: Experiment): TrainedNetwork[] {
  return [...new Set(selectedMethods(experiment).flatMap(({ trains }) => trains))];
}
