/** What the experiments found of one domain, brought together for the verdicts. */
import * as z from 'zod';
import type { Measurement } from '../../src/budget/measurement.ts';
import { mean } from '../../src/common/means.ts';
import { type Seconds, seconds } from '../../src/common/units.ts';
import type { ExperimentName } from './experiments.ts';

/** Losses on the validation split along a training. */
export const curveSchema = z.array(z.object({ step: z.number(), tokens: z.number(), loss: z.number() }));
export type LossCurve = Readonly<z.infer<typeof curveSchema>>;

/** When, with which code and where something was measured. */
export const circumstancesSchema = z.object({ date: z.string(), commit: z.string(), processor: z.string() });
export type Circumstances = Readonly<z.infer<typeof circumstancesSchema>>;

/** How all text of a domain lies over the clusters of the generic text. */
export const overClustersSchema = z.object({
  /** From the generic text, in nats (likeness.ts). */
  distance: z.number(),
  /** Of the domain in its most frequent cluster, where there are as many as the mixture has experts; 0 to 1. */
  modalShare: z.number(),
});
export type OverClusters = Readonly<z.infer<typeof overClustersSchema>>;

/** One experiment with one seed. */
export interface ClaimRun {
  readonly seed: number;
  readonly experiment: ExperimentName;
  readonly circumstances: Circumstances;
  /** Processor time of one process with one thread; absent where it was not counted. */
  readonly processorSeconds?: Seconds;
  readonly measurements: readonly Measurement[];
  /** Of the fine-tuning that never stops early. */
  readonly curve?: LossCurve;
  /** Where the experiment has clusters. */
  readonly overClusters?: OverClusters;
}

export interface DomainFindings {
  readonly domain: string;
  /** Those of which all experiments are there, rising. */
  readonly seeds: readonly number[];
  readonly measurements: readonly ClaimMeasurement[];
  /** Losses on the validation split during fine-tuning that did not stop early, by seed. */
  readonly overfitting: readonly { readonly seed: number; readonly curve: LossCurve }[];
  readonly circumstances: readonly Circumstances[];
  /** The mean over the seeds. */
  readonly overClusters?: OverClusters;
  /** Added up over the runs of which it was counted, so many of all. */
  readonly processorTime: { readonly seconds: Seconds; readonly counted: number; readonly runs: number };
}

export interface ClaimMeasurement extends Measurement {
  readonly experiment: ExperimentName;
  readonly seed: number;
}

/** `runs`: all experiments of each seed. */
export function gather(domain: string, runs: readonly ClaimRun[]): DomainFindings {
  const inOrder = runs.toSorted((a, b) => a.seed - b.seed);
  const counted = runs.flatMap(({ processorSeconds }) => processorSeconds ?? []);
  const spread = runs.flatMap(({ overClusters }) => overClusters ?? []);
  return {
    domain,
    seeds: [...new Set(inOrder.map(({ seed }) => seed))],
    measurements: inOrder.flatMap(({ experiment, seed, measurements }) =>
      measurements.map((measurement) => ({ ...measurement, experiment, seed })),
    ),
    overfitting: inOrder.flatMap(({ seed, curve }) => (curve === undefined ? [] : { seed, curve })),
    circumstances: inOrder.map(({ circumstances }) => circumstances),
    ...(spread.length > 0 && {
      overClusters: {
        distance: mean(spread.map(({ distance }) => distance)),
        modalShare: mean(spread.map(({ modalShare }) => modalShare)),
      },
    }),
    processorTime: {
      seconds: seconds(counted.reduce((sum, one) => sum + one, 0)),
      counted: counted.length,
      runs: runs.length,
    },
  };
}
