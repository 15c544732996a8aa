/**
 * What a run would do and take: stages, operations, time and memory, before it starts. Time needs a speed, and a speed
 * is measured: now, on a few steps, or earlier by a run on this machine. Without one the time is said to be unknown.
 */
import type { ModelName } from '../../methods/experiment-plan.ts';
import { type PlannedStage, plan as planStages } from '../../pipeline/plan.ts';
import { type MethodPretrainings, pretrainingsForDomains } from '../execution/domain-pretrainings.ts';
import { type DomainSize, experimentWork } from '../execution/domain-tokens.ts';
import { experimentTargets, sizesLeftOut } from '../execution/grid.ts';
import type { PreparedExperiment } from '../execution/prepared.ts';
import { trainedNetworks, usedModels } from '../execution/trained-networks.ts';
import { CLUSTER_NODES, ownProcessor } from '../runs/computed-on.ts';
import { type Calibration, calibrateAll } from './calibration.ts';
import { type DeviceForecast, forecastDevices, LEAST_DEVICE_WIDTH } from './device-forecast.ts';
import { forecastSeconds, type SecondsForecast } from './forecast.ts';
import { rememberedSpeeds, rememberSpeeds } from './remembered-speeds.ts';
import { recordedSpeeds } from './speeds.ts';
import { textMemory } from './text-memory.ts';
import { predictDeviceBytes, predictTrainingPeakBytes } from './training-memory.ts';

/**
 * `measure`: trains a few steps of each model now. `recorded`: takes what was measured earlier on this machine. `elsewhere`:
 * the same for nodes of a cluster, or of this machine where those are not known; starts no engine.
 */
export type SpeedSource = 'measure' | 'recorded' | 'elsewhere';

export interface Prediction {
  readonly stages: readonly PredictedStage[];
  readonly speeds: readonly Speed[];
  /** Absent where there is only in-domain text. */
  readonly generic?: DomainSize;
  readonly domains: readonly PredictedDomain[];
  /** Methods that need a pretraining of their own for a domain's in-domain sets. */
  readonly domainPretrainings: readonly MethodPretrainings[];
  /** Operations of the stages to compute. */
  readonly flops: { readonly expected: number; readonly maximum: number };
  /** Absent where no speed is known for a model that is to be trained. */
  readonly seconds?: SecondsForecast;
  readonly peakBytes: number;
  /** Of the graphics processor; absent where the processor computes. */
  readonly deviceBytes?: number;
  /** What graphics processors would take; absent where they were not asked for, and this machine needs no more than hours or they would idle. */
  readonly devices?: DeviceForecast;
}

export interface PredictedDomain extends DomainSize {
  readonly name: string;
  /** In-domain sizes that are not below all of its text. */
  readonly leftOut: readonly number[];
}

export interface PredictedStage extends PlannedStage {
  readonly seconds: SecondsForecast | undefined;
  /** Operations that are expected; absent for a stage that has no products, or is there. */
  readonly flops?: number;
}

/** `steps` are those measured now; absent for a speed that was measured earlier. */
export type Speed = Omit<Calibration, 'steps'> & { readonly steps?: number };

export interface PredictionRequest {
  /** What the process holds before any of it. */
  readonly residentBytes: number;
  readonly source: SpeedSource;
  /** Operations a second of a graphics processor, as the user states them: then they are told of in any case. */
  readonly deviceFlopsPerSecond?: number;
}

/** From so much time on this machine on, others are told of. */
const LONG_SECONDS = 4 * 3600;
/** Counted on where no speed is known. */
export const TWO_CORES_FLOPS_PER_SECOND = 100e9;
const LONG_FLOPS = LONG_SECONDS * TWO_CORES_FLOPS_PER_SECOND;

export async function predictRun(
  prepared: PreparedExperiment,
  { residentBytes, source, deviceFlopsPerSecond }: PredictionRequest,
): Promise<Prediction> {
  const { experiment, stages, services } = prepared;
  const planned = (await planStages(experimentTargets(stages), services.store)).filter(
    ({ state }) => state !== 'not needed',
  );
  const { works, sizes, genericSize } = await experimentWork(prepared);
  const toCompute = new Set(planned.filter(({ state }) => state !== 'cached').map((one) => one.fingerprint));
  const text = await textMemory(prepared, toCompute);
  const models = usedModels(experiment);
  const speeds = toCompute.size === 0 ? [] : await speedsOf(prepared, models, source);
  const predicted = planned.map((one): PredictedStage => {
    if (one.state === 'cached') return { ...one, seconds: undefined };
    const stageWork = works.get(one.fingerprint);
    const seconds = forecastSeconds(stageWork, experiment.plan, speeds);
    return { ...one, seconds, ...(stageWork && { flops: stageWork.expected }) };
  });
  const work = [...works].filter(([id]) => toCompute.has(id)).map(([, one]) => one);
  const known = toCompute.size === 0 || models.every((name) => speeds.some(({ model }) => model === name));
  const flops = {
    expected: work.reduce((sum, one) => sum + one.expected, 0),
    maximum: work.reduce((sum, one) => sum + one.maximum, 0),
  };
  const seconds = known ? totalSeconds(predicted) : undefined;
  const networks = trainedNetworks(experiment);
  // The engine is loaded by now and starts nothing before it compiles.
  const computesHere = source === 'elsewhere' || services.engine().device.accelerated !== true;
  const isLong = seconds === undefined ? flops.expected > LONG_FLOPS : seconds.expected > LONG_SECONDS;
  const narrowModels = models.filter((name) => experiment.plan.models[name].width < LEAST_DEVICE_WIDTH);
  const devices =
    deviceFlopsPerSecond !== undefined || (computesHere && isLong && narrowModels.length === 0)
      ? forecastDevices(planned, works, {
          statedFlopsPerSecond: deviceFlopsPerSecond,
          bytes: predictDeviceBytes(experiment.plan, networks),
          narrowModels,
        })
      : undefined;
  return {
    stages: predicted,
    speeds,
    ...(genericSize && { generic: genericSize }),
    domains: sizes.map((size, i) => ({
      ...size,
      name: experiment.plan.domains[i].name,
      leftOut: sizesLeftOut(experiment.plan, size.train),
    })),
    domainPretrainings: pretrainingsForDomains(stages.points),
    flops,
    ...(seconds && { seconds }),
    ...(!computesHere && { deviceBytes: predictDeviceBytes(experiment.plan, networks) }),
    ...(devices && { devices }),
    peakBytes: Math.max(
      residentBytes + text.peakBytes,
      predictTrainingPeakBytes(experiment.plan, networks, residentBytes + text.leftBytes),
    ),
  };
}

/** The sum over stages whose time is predicted. */
export function totalSeconds(stages: readonly Pick<PredictedStage, 'seconds'>[]): SecondsForecast {
  return {
    expected: stages.reduce((sum, { seconds }) => sum + (seconds?.expected ?? 0), 0),
    maximum: stages.reduce((sum, { seconds }) => sum + (seconds?.maximum ?? 0), 0),
  };
}

async function speedsOf(
  { experiment, services }: PreparedExperiment,
  models: readonly ModelName[],
  source: SpeedSource,
): Promise<readonly Speed[]> {
  const subject = { plan: experiment.plan, ...services };
  if (source !== 'measure') {
    const known: Speed[] = [];
    const others = () => models.filter((name) => known.every(({ model }) => model !== name));
    for (const processor of source === 'elsewhere' ? [CLUSTER_NODES, ownProcessor()] : [ownProcessor()]) {
      known.push(...(await recordedSpeeds(experiment.plan, others(), { ...services, processor })));
    }
    return [...known, ...(await rememberedSpeeds(subject, others()))];
  }
  const measured = await calibrateAll(experiment.plan, models, services.engine());
  await rememberSpeeds(subject, measured);
  return measured;
}
