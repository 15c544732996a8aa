/**
 * Executes a prepared experiment: every point of its grid, stage by stage, and the report at the end and whenever
 * the work stops early. What happens goes to a sink: the run's record in this process, or another process that keeps it.
 */

import { InterruptedError, ParlanceError } from '../../common/errors.ts';
import { collectGarbage, collectInOnePause } from '../../common/garbage.ts';
import { executorHere, type StageExecutor } from '../../pipeline/executor.ts';
import { plan as planStages } from '../../pipeline/plan.ts';
import { fingerprint, type Stage } from '../../pipeline/stage.ts';
import type { StageEvent } from '../../pipeline/stage-event.ts';
import { configurationJson, writableReportsFolder } from '../config/recorded-facts.ts';
import { rememberSpeeds } from '../estimation/remembered-speeds.ts';
import { recordedSpeeds } from '../estimation/speeds.ts';
import { stageNeeds } from '../estimation/stage-needs.ts';
import { sizesLeftOutInWords } from '../results/answer-words.ts';
import { ownProcessor } from '../runs/computed-on.ts';
import type { RunEvent } from '../runs/events.ts';
import { RunProgress } from '../runs/run-progress.ts';
import { tidyKilledRuns } from '../runs/run-references.ts';
import { createRun } from '../runs/run-writer.ts';
import type { EndState, OverallProgress, RunRecord } from '../runs/runs.ts';
import { adviseOnMemory } from './device-memory.ts';
import { predictWork } from './domain-tokens.ts';
import { experimentTargets, namedCorpora, textStages } from './grid.ts';
import { curveOf, type GridPoint } from './grid-point.ts';
import { Findings, versions } from './measurements.ts';
import { modelNotes } from './model-facts.ts';
import type {
  ExperimentEnvironment,
  ExperimentObserver,
  ExperimentOutcome,
  PreparedExperiment,
} from './prepared.ts';
import { starvedNotes } from './starved-experts.ts';
import { finishedBy, measuredPoints, storedFindings } from './stored-findings.ts';
import { inspectionNotes, inspectText, requireSound } from './text-inspection.ts';
import { prepareText } from './text-preparation.ts';
import { usedModels } from './trained-networks.ts';

/** Where a run's events go. */
export interface RunSink {
  append(event: RunEvent): void;
  progress(overall: OverallProgress): void;
}

/** Executes an experiment under a record of its own, kept by this process. */
export async function runExperiment(
  prepared: PreparedExperiment,
  environment: ExperimentEnvironment,
  observer: ExperimentObserver,
): Promise<ExperimentOutcome> {
  const { experiment } = prepared;
  const inspection = await inspectText(experiment, environment.signal);
  const { plan, methods } = experiment;
  observer.onNotes([...modelNotes(plan), ...starvedNotes(plan, methods), ...inspectionNotes(inspection)]);
  requireSound(inspection, environment);
  await writableReportsFolder(experiment, environment.storage);
  const run = await createRun(environment.storage, {
    title: experiment.name,
    configuration: configurationJson(experiment),
    seeds: [...experiment.plan.seeds],
    versions: versions(prepared.services, environment),
    corpora: corpusFingerprints(prepared),
    experimentFile: experiment.file,
    methods: [...experiment.methods],
    engine: environment.engine ?? 'auto',
    ...(experiment.preset && { preset: experiment.preset }),
    ...(environment.ignoreLostLabels && { ignoreLostLabels: true }),
    ...(environment.on && { on: environment.on }),
  });
  try {
    await tidyKilledRuns(environment.storage);
    const outcome = await executeRun(prepared, environment, { run: run.record, sink: run, observer });
    run.finish('finished');
    return outcome;
  } catch (error) {
    const { state, message, hint } = endOf(error);
    try {
      run.finish(state, message, hint);
    } catch {
      // `finish` has let go of the run; without its last word it counts as lost.
    }
    throw error;
  }
}

export function corpusFingerprints({ stages }: PreparedExperiment): Record<string, string> {
  return Object.fromEntries(namedCorpora(stages).map(({ name, corpus }) => [name, fingerprint(corpus)]));
}

/** How a run ends that was stopped by this error, in words for people. */
export function endOf(error: unknown): { state: EndState; message: string; hint: string } {
  return {
    state: error instanceof InterruptedError ? 'interrupted' : 'failed',
    message: error instanceof Error ? error.message : String(error),
    hint: error instanceof ParlanceError ? error.hint : '',
  };
}

/** One attempt at a run whose record is kept elsewhere; earlier attempts' work is found in the store. */
export async function executeRun(
  prepared: PreparedExperiment,
  environment: ExperimentEnvironment,
  to: {
    readonly run: Pick<RunRecord, 'id' | 'created'>;
    readonly sink: RunSink;
    readonly observer: ExperimentObserver;
  },
): Promise<ExperimentOutcome> {
  collectInOnePause();
  const attempt = new Attempt(prepared, environment, to);
  try {
    const outcome = await attempt.run();
    await rememberOwnSpeeds(prepared);
    return outcome;
  } catch (error) {
    // The same full disk may refuse this too; what went wrong first is what the user must know.
    await environment.executor?.abandon().catch(() => undefined);
    await attempt.reportWhatIsThere().catch(() => undefined);
    throw adviseOnMemory(error, prepared.experiment);
  }
}

/** For the next folder. Only of what was pretrained on this machine: a run that found all of it made tells nothing new. */
async function rememberOwnSpeeds({ experiment, services }: PreparedExperiment): Promise<void> {
  const { plan } = experiment;
  const here = { ...services, processor: ownProcessor() };
  const speeds = await recordedSpeeds(plan, usedModels(experiment), here);
  await rememberSpeeds({ plan, ...services }, speeds);
}

class Attempt {
  #prepared: PreparedExperiment;
  readonly #environment: ExperimentEnvironment;
  readonly #run: Pick<RunRecord, 'id' | 'created'>;
  readonly #sink: RunSink;
  readonly #observer: ExperimentObserver;
  readonly #findings: Findings;
  readonly #executor: StageExecutor;
  readonly #progress = new RunProgress();
  readonly #toCompute = new Set<string>();
  readonly #measuredUntrained = new Set<string>();
  #planned: readonly Stage[] = [];

  constructor(
    prepared: PreparedExperiment,
    environment: ExperimentEnvironment,
    { run, sink, observer }: Parameters<typeof executeRun>[2],
  ) {
    this.#prepared = prepared;
    this.#environment = environment;
    this.#run = run;
    this.#sink = sink;
    this.#observer = observer;
    this.#findings = new Findings(prepared, environment, run);
    const { signal, executor = executorHere({ store: prepared.services.store, signal }) } = environment;
    this.#executor = executor;
    for (const id of finishedBy(environment.storage, run.id)) this.#findings.computed.add(id);
  }

  async run(): Promise<ExperimentOutcome> {
    await this.#plan();
    await this.#expect(textStages(this.#prepared.stages));
    await this.#prepareText();
    await this.#recount();
    await this.#expect(experimentTargets(this.#prepared.stages));
    for (const point of this.#prepared.stages.points) {
      await this.#measureUntrained(point);
      // The measurement reads the model's record too, so that a damaged model must not stay.
      if (point.imported === undefined) await this.#compute(point.model);
      await this.#compute(point.evaluation);
      await this.#measure(point);
    }
    return this.#report();
  }

  #prepareText(): Promise<void> {
    return prepareText({
      prepared: this.#prepared,
      environment: this.#environment,
      planned: this.#planned,
      compute: (stage) => this.#compute(stage),
      onNotes: (notes) => this.#observer.onNotes(notes),
      // From here on the size of the corpus is known.
      onCounted: async (tokens) => {
        if (this.#toCompute.has(fingerprint(tokens))) await this.#predict();
      },
    });
  }

  /** After a stop: what was measured so far, if anything was. */
  async reportWhatIsThere(): Promise<void> {
    if (this.#findings.count > 0) await this.#report();
  }

  /** Now that all text is counted: what is left of the grid, planned anew when that is less than was thought. */
  async #recount(): Promise<void> {
    const { points: before } = this.#prepared.stages;
    this.#prepared = await this.#prepared.recounted();
    const { points } = this.#prepared.stages;
    if (points.length === before.length) return;
    for (const domain of new Set(before.map((point) => point.domain))) {
      const kept = curveOf(points, domain);
      const smallest = curveOf(before, domain).find((size) => !kept.includes(size));
      if (smallest === undefined) continue;
      this.#observer.onNotes([{ corpus: domain, text: `${domain}: ${sizesLeftOutInWords(smallest)}` }]);
    }
    await this.#plan();
  }

  async #plan(): Promise<void> {
    const { stages, services } = this.#prepared;
    this.#toCompute.clear();
    const planned = await planStages(experimentTargets(stages), services.store);
    const needed = planned.filter(({ state }) => state !== 'not needed');
    const shown = needed.map(({ stage, fingerprint: id, state }) => ({
      stage,
      fingerprint: id,
      cached: state === 'cached',
    }));
    this.#planned = shown.map(({ stage }) => stage);
    for (const { fingerprint: id, cached } of shown) if (!cached) this.#toCompute.add(id);
    this.#sink.append({
      type: 'plan',
      fingerprints: planned.map((one) => one.fingerprint),
      stages: shown.map(({ stage: { kind, label }, fingerprint: id, cached }) => ({
        fingerprint: id,
        kind,
        label,
        cached,
      })),
    });
    this.#observer.onPlan(shown);
    await this.#predict();
  }

  async #predict(): Promise<void> {
    this.#progress.predict(await predictWork(this.#prepared, this.#toCompute));
    this.#tellProgress();
  }

  #tellProgress(): void {
    const { fraction, secondsLeft } = this.#progress;
    this.#sink.progress({ fraction, ...(secondsLeft !== undefined && { secondsLeft }) });
  }

  async #compute(stage: Stage): Promise<void> {
    await this.#executor.compute(stage, (event) => this.#onStage(event));
  }

  /** Only a cluster has to be told beforehand, and asks how long. */
  async #expect(stages: readonly Stage[]): Promise<void> {
    if (this.#environment.executor === undefined) return;
    const needOf = await stageNeeds(this.#prepared, this.#executor.asksForTime);
    await this.#executor.expect(stages, needOf);
  }

  #onStage(event: StageEvent): void {
    if (event.state === 'finished') {
      collectGarbage();
      this.#findings.computed.add(event.fingerprint);
    }
    this.#progress.onStage(event);
    this.#tellProgress();
    this.#sink.append({ type: 'stage', event });
    this.#observer.onStage(event, this.#progress);
  }

  /** Before the first training of a model of this size, domain and seed. */
  async #measureUntrained(point: GridPoint): Promise<void> {
    const { untrained } = point;
    if (untrained === undefined) return;
    const id = fingerprint(untrained);
    if (this.#measuredUntrained.has(id)) return;
    this.#measuredUntrained.add(id);
    await this.#compute(untrained);
    this.#sink.append({ type: 'untrained', untrained: await this.#findings.untrained(point, id) });
  }

  async #measure(point: GridPoint): Promise<void> {
    const measurement = await this.#findings.add(point);
    this.#sink.append({ type: 'measurement', measurement });
    this.#observer.onMeasurement(measurement);
  }

  /** Of this run's methods, or of all of the experiment that the store has measurements of. */
  async #report(): Promise<ExperimentOutcome> {
    const { whole } = this.#prepared;
    if (whole === undefined) return this.#findings.report();
    const all = { ...this.#prepared, ...whole };
    const measured = new Set((await measuredPoints(all)).map(({ method }) => method.id));
    const methods = whole.experiment.methods.filter((id) => measured.has(id));
    const shown = { ...all, experiment: { ...whole.experiment, methods } };
    return (await storedFindings(shown, this.#environment, this.#run, this.#findings.computed)).report();
  }
}
