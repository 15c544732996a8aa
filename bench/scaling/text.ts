/**
 * What preparing text takes on a processor: the rates that two cores were measured at (bench/README.md), times the amounts.
 * They are taken as they were measured, on megabytes of text; what grows faster than the text is said in docs/scaling.md.
 */
import { formatEstimate } from '../../src/common/format.ts';
import { presetPlan } from '../../src/experiments/estimation/machine.ts';
import { estimatedBytesPerToken } from '../../src/experiments/proposal/token-estimate.ts';

interface MeasuredRate {
  readonly name: string;
  readonly rate: string;
  /** Seconds for so many bytes and windows. */
  seconds(amount: { readonly bytes: number; readonly windows: number }): number;
}

const { vocabulary, context, selection } = presetPlan('base');

/** `npm run bench -- d`, and `npm run bench:clustering`: 200,000 windows, 256 clusters. */
const CLUSTERED = { windows: 200_000, vectorSeconds: 5.5, clusters: 256, clusterSeconds: 1.9 };

const RATES: readonly MeasuredRate[] = [
  {
    name: 'training the tokenizer on all of it',
    rate: '25.2 MB/s',
    seconds: ({ bytes }) => bytes / 25.2e6,
  },
  { name: 'tokenizing', rate: '47.5 MB/s', seconds: ({ bytes }) => bytes / 47.5e6 },
  {
    name: 'vectors of the windows, by their text',
    rate: '200,000 windows of 512 characters in 5.5 s',
    seconds: ({ bytes }) => (bytes / (512 * CLUSTERED.windows)) * CLUSTERED.vectorSeconds,
  },
  {
    name: `k-means into ${selection.clusters.toLocaleString('en')} clusters, by windows and clusters`,
    rate: '200,000 windows into 256 clusters in 1.9 s',
    seconds: ({ windows }) =>
      (windows / CLUSTERED.windows) * (selection.clusters / CLUSTERED.clusters) * CLUSTERED.clusterSeconds,
  },
];

export function textRows(): readonly (readonly string[])[] {
  const bytesPerToken = estimatedBytesPerToken(vocabulary);
  return RATES.map(({ name, rate, seconds }) => [
    name,
    rate,
    ...[200e9, 20e12].map((tokens) =>
      formatEstimate(seconds({ bytes: bytesPerToken * tokens, windows: tokens / context })),
    ),
  ]);
}
