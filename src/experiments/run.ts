/**
 * Runs an experiment: every point of its grid, stage by stage, and the report at the end and whenever the work
 * stops early. The command line and the editor's host call this and only show what it tells.
 */
import { arch, cpus, platform, release } from 'node:os';
import { dirname, join } from 'node:path';
import type { LedgerEntry } from '../budget/ledger.ts';
import { InterruptedError, ParlanceError } from '../common/errors.ts';
import type { Json } from '../common/json.ts';
import { tokens } from '../common/units.ts';
import { corpusFingerprint } from '../corpus/documents.ts';
import { TokenStore } from '../corpus/token-store.ts';
import type { Engine } from '../engines/engine.ts';
import { OnnxRuntimeEngine } from '../engines/onnxruntime/engine.ts';
import type { ExperimentPlan } from '../methods/experiment-plan.ts';
import type { Method } from '../methods/method.ts';
import { methods as allMethods } from '../methods/registry.ts';
import { readEvaluation } from '../methods/stages/evaluate.ts';
import { readTrainingRecord } from '../methods/stages/models.ts';
import type { StageServices } from '../methods/stages/services.ts';
import { collectCost, plan as planStages } from '../pipeline/plan.ts';
import { runStage } from '../pipeline/runner.ts';
import { fingerprint, type Stage } from '../pipeline/stage.ts';
import type { StageEvent } from '../pipeline/stage-event.ts';
import { ArtifactStore } from '../pipeline/store.ts';
import type { Experiment } from './configuration.ts';
import { corpusFacts, modelFacts } from './facts.ts';
import { type ExperimentStages, experimentStages, type GridPoint } from './grid.ts';
import { writeReport } from './report/report.ts';
import type { ExperimentResults, Measurement, Versions } from './results.ts';
import { createRun, type RunWriter } from './runs.ts';

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
  onMeasurement(measurement: Measurement): void;
}

export interface PreparedExperiment {
  readonly experiment: Experiment;
  readonly stages: ExperimentStages;
  readonly services: StageServices;
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
  const services: StageServices = {
    store: new ArtifactStore(storage),
    threads,
    cacheFile,
    engineName: 'onnxruntime:cpu',
    engine: () => {
      engine ??= new OnnxRuntimeEngine({ threads });
      return engine;
    },
  };
  const stages = experimentStages(experiment.plan, selectedMethods(experiment), contents, services);
  return { experiment, stages, services, dispose: async () => engine?.dispose() };
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
    await recorder.reportWhatIsThere();
    const message = error instanceof Error ? error.message : String(error);
    const hint = error instanceof ParlanceError ? error.hint : '';
    run.finish(error instanceof InterruptedError ? 'interrupted' : 'failed', message, hint);
    throw error;
  }
}

class Recorder {
  readonly #prepared: PreparedExperiment;
  readonly #environment: ExperimentEnvironment;
  readonly #observer: ExperimentObserver;
  readonly #run: RunWriter;
  readonly #started = new Date().toISOString();
  readonly #computed = new Set<string>();
  readonly #measurements: Measurement[] = [];
  readonly #ledger = new Map<string, LedgerEntry>();

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
  }

  async run(): Promise<ExperimentOutcome> {
    const { stages, services } = this.#prepared;
    const planned = await planStages(
      stages.points.map(({ evaluation }) => evaluation),
      services.store,
    );
    this.#run.append({ type: 'plan', fingerprints: planned.map((one) => one.fingerprint) });
    const needed = planned.filter(({ state }) => state !== 'not needed');
    this.#observer.onPlan(
      needed.map(({ stage, fingerprint: id, state }) => ({
        stage,
        fingerprint: id,
        cached: state === 'cached',
      })),
    );
    for (const point of stages.points) {
      await this.#compute(point.evaluation);
      await this.#measure(point);
    }
    return this.#report();
  }

  /** After a stop: what was measured so far, if anything was. */
  async reportWhatIsThere(): Promise<void> {
    if (this.#measurements.length > 0) await this.#report();
  }

  async #compute(stage: Stage): Promise<void> {
    await runStage(stage, {
      store: this.#prepared.services.store,
      signal: this.#environment.signal,
      onEvent: (event) => {
        if (event.state === 'finished') this.#computed.add(event.fingerprint);
        this.#run.append({ type: 'stage', event });
        this.#observer.onStage(event);
      },
    });
  }

  async #measure(gridPoint: GridPoint): Promise<void> {
    const measurement = await this.#measurement(gridPoint);
    this.#measurements.push(measurement);
    this.#run.append({ type: 'measurement', measurement });
    this.#observer.onMeasurement(measurement);
  }

  async #measurement({ domain, method, point, phase, model, evaluation }: GridPoint): Promise<Measurement> {
    const { store } = this.#prepared.services;
    const { plan } = this.#prepared.experiment;
    const directory = (stage: Stage) => store.artifactFolder(fingerprint(stage));
    const result = await readEvaluation(directory(evaluation));
    const record = await readTrainingRecord(directory(model));
    const cost = await collectCost(model, store);
    for (const entry of [...cost.entries, ...(await collectCost(evaluation, store)).entries]) {
      const computedHere = this.#computed.has(entry.fingerprint);
      this.#ledger.set(entry.fingerprint, { ...entry, computedHere });
    }
    const isAfter = phase === 'after fine-tuning';
    return {
      domain,
      method: method.id,
      seed: point.seed,
      pretrainingTokens: tokens(method.before === undefined ? 0 : plan.pretraining.budgets[point.budget]),
      domainTokens: tokens(isAfter ? record.datasetTokens : 0),
      phase,
      perplexity: result.perplexity,
      bitsPerByte: result.bitsPerByte,
      evaluatedTokens: tokens(result.tokens),
      bestStep: isAfter ? record.bestStep : 0,
      steps: isAfter ? record.steps : 0,
      genericFlops: cost.generic.flops,
      genericSeconds: cost.generic.seconds,
      specializationFlops: cost.specialization.flops,
      specializationSeconds: cost.specialization.seconds,
      fingerprint: fingerprint(evaluation),
    };
  }

  async #report(): Promise<ExperimentOutcome> {
    const results = await this.#results();
    const folder = dirname(this.#prepared.experiment.file);
    const reportDirectory = join(folder, '.parlance', 'reports', this.#run.record.id);
    await writeReport(results, reportDirectory);
    return { results, reportDirectory };
  }

  async #results(): Promise<ExperimentResults> {
    const { experiment, stages, services } = this.#prepared;
    const { plan } = experiment;
    const directory = (stage: Stage) => services.store.artifactFolder(fingerprint(stage));
    const corpora = [
      { role: 'generic' as const, name: 'generic', ...stages.generic },
      ...stages.domains.map((domain) => ({ role: 'domain' as const, ...domain })),
    ];
    const used = selectedMethods(experiment);
    const { vocabularySize } = await TokenStore.open(directory(stages.generic.tokens));
    return {
      format: 1,
      name: experiment.name,
      started: this.#started,
      finished: new Date().toISOString(),
      command: this.#environment.command,
      versions: versions(services, this.#environment),
      configuration: configurationJson(experiment),
      seeds: plan.seeds,
      corpora: await Promise.all(
        corpora.map(({ role, name, corpus, tokens: tokenStage }) =>
          corpusFacts(
            { role, name, fingerprint: fingerprint(corpus) },
            directory(corpus),
            directory(tokenStage),
          ),
        ),
      ),
      models: modelFacts(plan, used, vocabularySize),
      methods: used.map(({ id, title, model }) => ({ id, title, model })),
      measurements: this.#measurements,
      ledger: [...this.#ledger.values()],
    };
  }
}

function selectedMethods({ methods }: Experiment): readonly Method[] {
  return allMethods.filter(({ id }) => methods.includes(id));
}

function versions({ engineName, threads }: StageServices, { version }: ExperimentEnvironment): Versions {
  return {
    parlance: version,
    node: process.version,
    engine: engineName,
    platform: `${platform()} ${release()} ${arch()}`,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    threads,
  };
}

function configurationJson({ name, methods, plan }: Experiment): Json {
  const value: Json = JSON.parse(
    JSON.stringify({ name, methods, ...plan, generic: undefined, domains: undefined }),
  );
  return value;
}
