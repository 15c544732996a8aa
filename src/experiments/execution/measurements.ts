/**
 * What an experiment has found so far: measurements read from finished evaluations, what they cost, and the report
 * made of them.
 */
import { arch, platform, release } from 'node:os';
import { join } from 'node:path';
import type { LedgerEntry } from '../../budget/ledger.ts';
import type { Measurement, UntrainedMeasurement } from '../../budget/measurement.ts';
import { tokens } from '../../common/units.ts';
import { TokenStore } from '../../corpus/tokens/token-store.ts';
import type { Method } from '../../methods/method.ts';
import { methods as allMethods } from '../../methods/registry.ts';
import { readEvaluation, readSpeed } from '../../methods/stages/evaluation-files.ts';
import { readTrainingRecord } from '../../methods/stages/models.ts';
import type { StageServices } from '../../methods/stages/services.ts';
import { collectCost } from '../../pipeline/plan.ts';
import { fingerprint, type Stage } from '../../pipeline/stage.ts';
import type { Experiment } from '../config/experiment.ts';
import { configurationJson, writableReportsFolder } from '../config/recorded-facts.ts';
import { writeReport } from '../report/report.ts';
import { readImported } from '../results/imported-results.ts';
import type { ExperimentResults, Versions } from '../results/results.ts';
import { collectSelections } from '../results/selections.ts';
import { CLUSTER_NODES, ownProcessor } from '../runs/computed-on.ts';
import type { RunRecord } from '../runs/runs.ts';
import { storedIn, storedNotes } from './corpus-notes.ts';
import { type CorpusStages, namedCorpora } from './grid.ts';
import type { GridPoint } from './grid-point.ts';
import { modelFacts, modelNotes } from './model-facts.ts';
import type { ExperimentEnvironment, ExperimentOutcome, PreparedExperiment } from './prepared.ts';
import { corpusFacts, methodFacts } from './result-facts.ts';
import { starvedNotes } from './starved-experts.ts';
import { inspectionNotes, inspectText } from './text-inspection.ts';

export class Findings {
  /** Fingerprints of the stages that this run computed; the others were found made. */
  readonly computed = new Set<string>();
  readonly #prepared: PreparedExperiment;
  readonly #environment: Pick<ExperimentEnvironment, 'command' | 'version' | 'executor'>;
  readonly #run: Pick<RunRecord, 'id' | 'created'>;
  readonly #points: GridPoint[] = [];
  readonly #measurements: Measurement[] = [];
  readonly #ledger = new Map<string, LedgerEntry>();

  constructor(
    prepared: PreparedExperiment,
    environment: Pick<ExperimentEnvironment, 'command' | 'version' | 'executor'>,
    run: Pick<RunRecord, 'id' | 'created'>,
  ) {
    this.#prepared = prepared;
    this.#environment = environment;
    this.#run = run;
  }

  get count(): number {
    return this.#measurements.length;
  }

  /** Takes in a point whose evaluation is in the store. */
  async add(point: GridPoint): Promise<Measurement> {
    const measurement = await this.#measurement(point);
    this.#points.push(point);
    this.#measurements.push(measurement);
    return measurement;
  }

  async #measurement(place: GridPoint): Promise<Measurement> {
    const { domain, method, point, phase, model, evaluation, imported } = place;
    const { store } = this.#prepared.services;
    const directory = (stage: Stage) => store.artifactFolder(fingerprint(stage));
    const result = await readEvaluation(directory(evaluation));
    const cost = await collectCost(model, store, evaluation);
    for (const entry of (await collectCost(evaluation, store)).entries) {
      const computedHere = this.computed.has(entry.fingerprint);
      this.#ledger.set(entry.fingerprint, { ...entry, computedHere });
    }
    const isTuned = phase === 'after fine-tuning';
    const record = imported?.training ?? (isTuned ? await readTrainingRecord(directory(model)) : undefined);
    return {
      domain,
      method: method.id,
      seed: point.seed,
      pretrainingTokens: tokens(point.budget),
      domainTokens: tokens(record?.datasetTokens ?? 0),
      ...(model.booking === 'specialization' && { requestedDomainTokens: point.domainTokens }),
      phase,
      perplexity: result.perplexity,
      bitsPerByte: result.bitsPerByte,
      validationPerplexity: result.validation.perplexity,
      ...(result.generic && { genericPerplexity: result.generic.perplexity }),
      resampling: result.resampling,
      evaluatedTokens: tokens(result.tokens),
      inferenceTokensPerSecond: await readSpeed(directory(evaluation)),
      bestStep: record?.bestStep ?? 0,
      steps: record?.steps ?? 0,
      ...(record?.ending && {
        stopping: { ending: record.ending, validationTokens: tokens(record.stoppingTokens) },
      }),
      ...(record?.chosen && { tuning: record.chosen }),
      genericFlops: cost.generic.flops,
      genericSeconds: cost.generic.seconds,
      specializationFlops: cost.specialization.flops,
      specializationSeconds: cost.specialization.seconds,
      fingerprint: fingerprint(evaluation),
    };
  }

  /** The model of a point before any training, whose evaluation is in the store under `id`; part of no total. */
  async untrained({ domain, method, point }: GridPoint, id: string): Promise<UntrainedMeasurement> {
    const result = await readEvaluation(this.#prepared.services.store.artifactFolder(id));
    return {
      domain,
      model: method.model,
      seed: point.seed,
      perplexity: result.perplexity,
      bitsPerByte: result.bitsPerByte,
      validationPerplexity: result.validation.perplexity,
      evaluatedTokens: tokens(result.tokens),
      fingerprint: id,
    };
  }

  /** Writes the report of what was measured so far. */
  async report(): Promise<ExperimentOutcome> {
    const results = await this.results();
    const { experiment, services } = this.#prepared;
    const folder = await writableReportsFolder(experiment, services.store.storage);
    const reportDirectory = join(folder, this.#run.id);
    await writeReport(results, reportDirectory);
    return { results, reportDirectory };
  }

  /** What was measured so far. */
  async results(): Promise<ExperimentResults> {
    const { experiment, stages, services } = this.#prepared;
    const { plan } = experiment;
    const directory = (stage: Stage) => services.store.artifactFolder(fingerprint(stage));
    const used = selectedMethods(experiment);
    const read = await this.#readHere(namedCorpora(stages));
    return {
      format: 1,
      name: experiment.name,
      started: this.#run.created,
      finished: new Date().toISOString(),
      command: this.#environment.command,
      versions: versions(services, this.#environment),
      configuration: configurationJson(experiment),
      seeds: plan.seeds,
      corpora: await Promise.all(
        read.map(({ name, corpus, tokens: tokenStage }) =>
          corpusFacts(
            {
              role: corpus === stages.generic?.corpus ? 'generic' : 'domain',
              name,
              fingerprint: fingerprint(corpus),
            },
            directory(corpus),
            directory(tokenStage),
          ),
        ),
      ),
      models: modelFacts(plan, used, await this.#vocabulary(read)),
      methods: methodFacts(used, plan, stages),
      measurements: this.#measurements,
      selections: await collectSelections(this.#points, services.store),
      ledger: [...this.#ledger.values()],
      textNotes: [
        ...modelNotes(plan),
        ...starvedNotes(
          plan,
          used.map(({ id }) => id),
        ),
        ...inspectionNotes(await inspectText(experiment)),
        ...(await storedNotes(stages, plan, services.store)),
      ],
    };
  }

  /** Where all measurements came along, text may not have been read here yet. */
  async #readHere<Corpus extends CorpusStages>(corpora: readonly Corpus[]): Promise<readonly Corpus[]> {
    const { store } = this.#prepared.services;
    const read: Corpus[] = [];
    for (const one of corpora) {
      const isThere = (await storedIn(one.corpus, store)) && (await storedIn(one.tokens, store));
      if (isThere !== undefined) read.push(one);
    }
    return read;
  }

  async #vocabulary([first]: readonly CorpusStages[]): Promise<number> {
    const { store } = this.#prepared.services;
    if (first !== undefined) {
      const tokenStore = await TokenStore.open(store.artifactFolder(fingerprint(first.tokens)));
      tokenStore.close();
      return tokenStore.vocabularySize;
    }
    return (await readImported(store.storage))?.vocabulary ?? this.#prepared.experiment.plan.vocabulary;
  }
}

export function selectedMethods({ methods }: Experiment): readonly Method[] {
  return allMethods.filter(({ id }) => methods.includes(id));
}

export function versions(
  { engineName, threads }: StageServices,
  { version, executor }: Pick<ExperimentEnvironment, 'version' | 'executor'>,
): Versions {
  const isElsewhere = executor !== undefined;
  return machineVersions({ version, engine: engineName, threads, isElsewhere });
}

export function machineVersions({
  version,
  engine,
  threads,
  isElsewhere,
}: {
  readonly version: string;
  readonly engine: string;
  readonly threads: number;
  /** Computed by a cluster. */
  readonly isElsewhere: boolean;
}): Versions {
  return {
    parlance: version,
    node: process.version,
    engine,
    platform: `${platform()} ${release()} ${arch()}`,
    processor: isElsewhere ? CLUSTER_NODES : ownProcessor(),
    threads,
  };
}
