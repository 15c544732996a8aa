/**
 * What a run would do and take: stages, operations, time and memory, before it starts. Time needs a speed, and a speed
 * is measured: now, on a few steps, or earlier by a run on this machine. Without one the time is said to be unknown.
 */
import type { ModelName } from '../../methods/experiment-plan.ts';
import { type PlannedStage, plan as planStages } from '../../pipeline/plan.ts';
import { type MethodPretrainings, pretrainingsForDomains } from '../execution/domain-pretrainings.ts';
import { type DomainSize, experimentWork } from '../execution/domain-tokens.ts';
import { experimentTargets } from '../execution/grid.ts';
import type { PreparedExperiment } from '../execution/prepared.ts';
import { trainedNetworks, usedModels } from '../execution/trained-networks.ts';
import { type Calibration, calibrate, predictDeviceBytes, predictTrainingPeakBytes } from './calibration.ts';
import { forecastSeconds, type SecondsForecast } from './forecast.ts';
import { rememberedSpeeds, rememberSpeeds } from './remembered-speeds.ts';
import { recordedSpeeds } from './speeds.ts';
import { textMemory } from './text-memory.ts';

/** `measure`: trains a few steps of each model now. `recorded`: takes what was measured earlier, and starts no engine. */
export type SpeedSource = 'measure' | 'recorded';

export interface Prediction {
  readonly stages: readonly PredictedStage[];
  readonly speeds: readonly Speed[];
  readonly domains: readonly (DomainSize & { readonly name: string })[];
  /** Methods that need a pretraining of their own for a domain's in-domain sets. */
  readonly domainPretrainings: readonly MethodPretrainings[];
  /** Operations of the stages to compute. */
  readonly flops: { readonly expected: number; readonly maximum: number };
  /** Absent where no speed is known for a model that is to be trained. */
  readonly seconds?: SecondsForecast;
  readonly peakBytes: number;
  /** Of the graphics processor; absent where the processor computes. */
  readonly deviceBytes?: number;
}

export interface PredictedStage extends PlannedStage {
  readonly seconds: SecondsForecast | undefined;
}

/** `steps` are those measured now; absent for a speed that was measured earlier. */
export type Speed = Omit<Calibration, 'steps'> & { readonly steps?: number };

/** `residentBytes`: what the process holds before any of it. */
export async function predictRun(
  prepared: PreparedExperiment,
  residentBytes: number,
  source: SpeedSource,
): Promise<Prediction> {
  const { experiment, stages, services } = prepared;
  const planned = (await planStages(experimentTargets(stages), services.store)).filter(
    ({ state }) => state !== 'not needed',
  );
  const { works, sizes } = await experimentWork(prepared);
  const toCompute = new Set(planned.filter(({ state }) => state !== 'cached').map((one) => one.fingerprint));
  const text = await textMemory(prepared, toCompute);
  const models = usedModels(experiment);
  const speeds = toCompute.size === 0 ? [] : await speedsOf(prepared, models, source);
  const predicted = planned.map((one) => ({
    ...one,
    seconds:
      one.state === 'cached'
        ? undefined
        : forecastSeconds(works.get(one.fingerprint), experiment.plan, speeds),
  }));
  const work = [...works].filter(([id]) => toCompute.has(id)).map(([, one]) => one);
  const known = toCompute.size === 0 || models.every((name) => speeds.some(({ model }) => model === name));
  return {
    stages: predicted,
    speeds,
    domains: sizes.map((size, i) => ({ ...size, name: experiment.plan.domains[i].name })),
    domainPretrainings: pretrainingsForDomains(stages.points),
    flops: {
      expected: work.reduce((sum, one) => sum + one.expected, 0),
      maximum: work.reduce((sum, one) => sum + one.maximum, 0),
    },
    ...(known ? { seconds: totalSeconds(predicted) } : {}),
    ...(services.engineName !== 'onnxruntime:cpu' && {
      deviceBytes: predictDeviceBytes(experiment.plan, trainedNetworks(experiment)),
    }),
    peakBytes: Math.max(
      residentBytes + text.peakBytes,
      predictTrainingPeakBytes(experiment.plan, trainedNetworks(experiment), residentBytes + text.leftBytes),
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
  if (source === 'recorded') {
    const recorded = await recordedSpeeds(experiment.plan, models, services);
    const others = models.filter((name) => recorded.every(({ model }) => model !== name));
    return [...recorded, ...(await rememberedSpeeds(subject, others))];
  }
  const measured: Calibration[] = [];
  for (const model of models) measured.push(await calibrate(experiment.plan, model, services.engine()));
  await rememberSpeeds(subject, measured);
  return measured;
}
