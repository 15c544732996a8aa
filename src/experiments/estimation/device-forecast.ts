/**
 * What graphics processors would take for a run, beside the processor that `plan` measures: the operations of its stages
 * over a rate. No such rate has been measured by this program yet, so it is the user's, or an assumption that names its
 * parts; whoever shows a figure of it says which. A stage has one device; those that need nothing of each other go side by side.
 */
import type { ModelName } from '../../methods/experiment-plan.ts';
import type { PlannedStage } from '../../pipeline/plan.ts';
import { fingerprint } from '../../pipeline/stage.ts';
import { longestChain, scheduledSeconds, type Task } from './schedule.ts';
import type { StageWork } from './stage-work.ts';

/** Float32 without tensor cores, as the engines compute, of the card that the paper used (NVIDIA's data sheet of the A100). */
const PEAK_FLOPS_PER_SECOND = 19.5e12;
/**
 * Of its peak a model of 125 million parameters was trained at 41 % on an A100, with a context of 1,024, one of 760 million
 * at 54 %, in bfloat16 (MosaicML, llm-foundry, scripts/train/benchmarking). Whether these engines reach it is not known.
 */
const ASSUMED_SHARE = 0.4;
export const ASSUMED_FLOPS_PER_SECOND = ASSUMED_SHARE * PEAK_FLOPS_PER_SECOND;
export const ASSUMPTION =
  '40 % of the 19.5 TFLOP/s that NVIDIA states for an A100 in float32, the share that LLM Foundry reports for a model of 125 million parameters on that card, in bfloat16';

/** Narrower models leave most of a graphics processor idle: the rate that is assumed for one would be far too high. */
export const LEAST_DEVICE_WIDTH = 256;

/** The numbers of devices that are told of. */
const SIDE_BY_SIDE = 16;

export interface DeviceForecast {
  /** Of one device. */
  readonly flopsPerSecond: number;
  /** `assumed`: `ASSUMPTION`. */
  readonly rate: 'assumed' | 'stated';
  readonly bytes: number;
  /** Models below `LEAST_DEVICE_WIDTH`: of them the rate holds only if it was measured with such models. */
  readonly narrowModels: readonly ModelName[];
  readonly oneSeconds: number;
  readonly devices: number;
  readonly manySeconds: number;
  /** What no number of devices shortens, and the longest stage of it. */
  readonly chainSeconds: number;
  readonly chainLabel: string;
}

interface ForecastSubject extends Pick<DeviceForecast, 'bytes' | 'narrowModels'> {
  readonly statedFlopsPerSecond?: number;
}

/** Of the stages that train or run models; text is prepared and clustered by the processor. Absent where there are none. */
export function forecastDevices(
  stages: readonly Pick<PlannedStage, 'stage' | 'fingerprint' | 'state'>[],
  works: ReadonlyMap<string, StageWork>,
  { statedFlopsPerSecond, bytes, narrowModels }: ForecastSubject,
): DeviceForecast | undefined {
  const flopsPerSecond = statedFlopsPerSecond ?? ASSUMED_FLOPS_PER_SECOND;
  const tasks = deviceTasks(stages, works, flopsPerSecond);
  const chain = longestChain(tasks);
  const longest = chain.toSorted((a, b) => b.seconds - a.seconds).at(0);
  const label = stages.find((one) => one.fingerprint === longest?.id)?.stage.label;
  if (label === undefined) return undefined;
  return {
    flopsPerSecond,
    rate: statedFlopsPerSecond === undefined ? 'assumed' : 'stated',
    bytes,
    narrowModels,
    oneSeconds: scheduledSeconds(tasks, 1),
    devices: SIDE_BY_SIDE,
    manySeconds: scheduledSeconds(tasks, SIDE_BY_SIDE),
    chainSeconds: chain.reduce((sum, { seconds }) => sum + seconds, 0),
    chainLabel: label,
  };
}

export function deviceTasks(
  stages: readonly Pick<PlannedStage, 'stage' | 'fingerprint' | 'state'>[],
  works: ReadonlyMap<string, StageWork>,
  flopsPerSecond: number,
): readonly Task[] {
  return stages
    .filter(({ state }) => state !== 'cached')
    .map(({ stage, fingerprint: id }) => {
      const work = works.get(id);
      const flops = work?.size === undefined ? 0 : work.expected;
      return { id, inputs: Object.values(stage.inputs).map(fingerprint), seconds: flops / flopsPerSecond };
    });
}
