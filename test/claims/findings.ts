/** What the experiments found of one domain, brought together for the verdicts. */
import type { LedgerEntry } from '../../src/budget/ledger.ts';
import type { Measurement } from '../../src/budget/measurement.ts';
import { CorruptionError } from '../../src/common/errors.ts';
import { type Seconds, seconds } from '../../src/common/units.ts';
import type { ExperimentResults } from '../../src/experiments/results/results.ts';
import { readTrainingRecord, type TrainingRecord } from '../../src/methods/stages/models.ts';
import { ArtifactStore } from '../../src/pipeline/store.ts';
import type { ExperimentName } from './experiments.ts';

/** One experiment with one seed. */
export interface ClaimRun {
  readonly seed: number;
  readonly experiment: ExperimentName;
  readonly results: ExperimentResults;
  readonly seconds: Seconds;
}

export interface DomainFindings {
  readonly domain: string;
  readonly seeds: readonly number[];
  readonly measurements: readonly ClaimMeasurement[];
  /** Losses on the validation split during fine-tuning that did not stop early, by seed. */
  readonly overfitting: readonly { readonly seed: number; readonly curve: TrainingRecord['validation'] }[];
  /** Each stage once. */
  readonly ledger: readonly LedgerEntry[];
  /** Wall-clock time with all processes busy. */
  readonly seconds: Seconds;
}

export interface ClaimMeasurement extends Measurement {
  readonly experiment: ExperimentName;
}

export async function gather(
  domain: string,
  runs: readonly ClaimRun[],
  storage: string,
  jobs: number,
): Promise<DomainFindings> {
  const store = new ArtifactStore(storage);
  const ledger = new Map<string, LedgerEntry>();
  for (const { results } of runs) for (const entry of results.ledger) ledger.set(entry.fingerprint, entry);
  const overfitting = [];
  for (const { experiment, seed, results } of runs) {
    if (experiment !== 'overfitting') continue;
    const tuned = results.measurements.find(({ phase }) => phase === 'after fine-tuning');
    if (tuned !== undefined) overfitting.push({ seed, curve: await validationCurve(tuned, store) });
  }
  return {
    domain,
    seeds: [...new Set(runs.map(({ seed }) => seed))].sort((a, b) => a - b),
    measurements: runs.flatMap(({ experiment, results }) =>
      results.measurements.map((measurement) => ({ ...measurement, experiment })),
    ),
    overfitting: overfitting.sort((a, b) => a.seed - b.seed),
    ledger: [...ledger.values()],
    seconds: seconds(runs.reduce((sum, run) => sum + run.seconds, 0) / jobs),
  };
}

/** The curve of the model that an evaluation read. */
async function validationCurve(
  { fingerprint }: Measurement,
  store: ArtifactStore,
): Promise<TrainingRecord['validation']> {
  const evaluation = await store.open(fingerprint);
  if (evaluation === undefined) {
    throw new CorruptionError(`Evaluation ${fingerprint} has gone from the storage.`, 'Run again.');
  }
  const model = store.artifactFolder(evaluation.manifest.inputs.model);
  return (await readTrainingRecord(model)).validation;
}
