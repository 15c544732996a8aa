/** What `parlance plan --json` says of a run to come, for the wizard's last step. Pure. */
import * as z from 'zod';
import { formatBytes, formatEstimate, formatFlops, formatPlural } from '../../../common/format.ts';

const stageSchema = z.object({
  type: z.literal('stage'),
  state: z.string(),
  kind: z.string().optional(),
  seconds: z.object({ expected: z.number() }).optional(),
});
const planSchema = z.object({
  type: z.literal('plan'),
  expectedSeconds: z.number().optional(),
  maximumSeconds: z.number().optional(),
  calibrations: z.array(z.object({ steps: z.number().optional() })),
  flops: z.object({ expected: z.number(), maximum: z.number() }),
  peakBytes: z.number(),
});

export interface PredictionRows {
  readonly stages: string;
  readonly work: string;
  /** Absent when no speed was measured: then nothing is reported. */
  readonly time?: string;
  /** What the time follows from. */
  readonly basis: string;
  readonly memory: string;
  readonly fits: boolean;
}

/** `undefined` when the lines hold no plan. `freeBytes` of memory are absent where nobody could ask the machine. */
export function predictionRows(
  lines: readonly object[],
  freeBytes: number | undefined,
): PredictionRows | undefined {
  const stages = lines.flatMap((line) => stageSchema.safeParse(line).data ?? []);
  const plan = lines.map((line) => planSchema.safeParse(line)).find(({ success }) => success)?.data;
  if (plan === undefined) return undefined;
  const { expectedSeconds, maximumSeconds, flops, peakBytes, calibrations } = plan;
  const speed = calibrations.some(({ steps }) => steps !== undefined)
    ? 'a speed measured now'
    : 'a speed measured earlier on this machine';
  const fits = freeBytes === undefined || peakBytes <= freeBytes;
  const free = freeBytes === undefined ? '' : `, ${formatBytes(freeBytes)} free`;
  return {
    stages: formatPlural(stages.length, 'stage'),
    work: `about ${formatFlops(flops.expected)}, at most ${formatFlops(flops.maximum)}`,
    ...(expectedSeconds === undefined || maximumSeconds === undefined
      ? {}
      : {
          time: `about ${formatEstimate(expectedSeconds)}, at most ${formatEstimate(maximumSeconds)}${fineTuningInWords(stages)}`,
        }),
    basis: `predicted from ${speed}, without the preparation of text`,
    memory: fits
      ? `about ${formatBytes(peakBytes)} at the peak${free} (predicted)`
      : `will not fit: needs ${formatBytes(peakBytes)}${free}; go back and try a smaller preset or fewer methods`,
    fits,
  };
}

/** The part that grows with the in-domain text, so that one sees what all of it takes. */
function fineTuningInWords(stages: readonly z.infer<typeof stageSchema>[]): string {
  const seconds = stages
    .filter(({ kind }) => kind === 'fine-tune')
    .reduce((sum, one) => sum + (one.seconds?.expected ?? 0), 0);
  return seconds === 0 ? '' : `; fine-tuning is about ${formatEstimate(seconds)} of it`;
}
