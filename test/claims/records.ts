/**
 * What was measured, kept with the code: `docs/claims/<preset>/<domain>.jsonl`, a run on each line. A run whose
 * evaluations are those that the experiment would have now (the same text, settings and stages, by their fingerprints) is
 * not computed again, on whichever machine: a suite of hours is done in parts, and verdicts are drawn anew without
 * training.
 */
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { type Measurement, measurementSchema } from '../../src/budget/measurement.ts';
import { CorruptionError } from '../../src/common/errors.ts';
import { readTextIfThere, writeFileAtomic } from '../../src/common/files.ts';
import { seconds } from '../../src/common/units.ts';
import { readExperiment } from '../../src/experiments/config/configuration.ts';
import { prepareExperiment } from '../../src/experiments/execution/prepare.ts';
import { runStage } from '../../src/pipeline/runner.ts';
import { fingerprint } from '../../src/pipeline/stage.ts';
import { type ExperimentName, isExperimentName } from './experiments.ts';
import { type ClaimRun, circumstancesSchema, curveSchema, overClustersSchema } from './findings.ts';

const runSchema: z.ZodType<ClaimRun> = z.object({
  seed: z.number(),
  experiment: z.custom<ExperimentName>(isExperimentName),
  circumstances: circumstancesSchema,
  processorSeconds: z.number().transform(seconds).optional(),
  measurements: z.array(measurementSchema),
  curve: curveSchema.optional(),
  overClusters: overClustersSchema.optional(),
});

const RECORDED_RESAMPLES = 100;

/** A measurement as it is kept: of the evaluations on text drawn anew half, with four digits. */
export function asRecorded({ resampling, ...others }: Measurement): Measurement {
  const nats = resampling.nats.slice(0, RECORDED_RESAMPLES).map((one) => Number(one.toFixed(4)));
  return { ...others, resampling: { ...resampling, nats } };
}

export class RunRecords {
  readonly #file: string;
  #runs: readonly ClaimRun[];

  private constructor(file: string, runs: readonly ClaimRun[]) {
    this.#file = file;
    this.#runs = runs;
  }

  /** Of a domain. Throws `CorruptionError`. */
  static async read(folder: string, domain: string): Promise<RunRecords> {
    const file = join(folder, `${domain}.jsonl`);
    const lines = ((await readTextIfThere(file)) ?? '').split('\n').filter((line) => line !== '');
    try {
      return new RunRecords(
        file,
        lines.map((line) => runSchema.parse(JSON.parse(line))),
      );
    } catch (error) {
      throw new CorruptionError(`${file} cannot be read.`, 'Take it from the repository again.', error);
    }
  }

  get runs(): readonly ClaimRun[] {
    return this.#runs;
  }

  find({ experiment, seed }: Pick<ClaimRun, 'experiment' | 'seed'>): ClaimRun | undefined {
    return this.#runs.find((run) => run.experiment === experiment && run.seed === seed);
  }

  /** Takes the place of one of the same experiment and seed. */
  async add(run: ClaimRun): Promise<void> {
    const others = this.#runs.filter((one) => one.experiment !== run.experiment || one.seed !== run.seed);
    this.#runs = [...others, run].sort(
      (a, b) => a.seed - b.seed || a.experiment.localeCompare(b.experiment, 'en'),
    );
    await mkdir(dirname(this.#file), { recursive: true });
    await writeFileAtomic(this.#file, this.#runs.map((one) => `${JSON.stringify(one)}\n`).join(''));
  }
}

/** Whether all that the experiment in the file would measure, on its text as it is and by the stages as they are, is in this. */
export async function isOf(
  { measurements }: Pick<ClaimRun, 'measurements'>,
  file: string,
  { storage, signal }: { readonly storage: string; readonly signal: AbortSignal },
): Promise<boolean> {
  const environment = { storage, threads: 1, version: '', command: '', signal };
  const prepared = await prepareExperiment(await readExperiment(file), environment);
  const { store } = prepared.services;
  try {
    // Sizes that are not below all the text are known only once it is counted.
    for (const { tokens } of prepared.stages.domains) {
      await runStage(tokens, { store, signal, onEvent: () => undefined });
    }
    const { stages } = await prepared.recounted();
    const wanted = new Set(stages.points.map(({ evaluation }) => fingerprint(evaluation)));
    const there = new Set(measurements.map((one) => one.fingerprint));
    return [...wanted].every((one) => there.has(one));
  } finally {
    await prepared.dispose();
  }
}
