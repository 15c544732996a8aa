/**
 * What this machine has: processor, memory, disk, engines, and the memory that the presets would take. Engines are
 * probed by loading them, which a broken driver may not survive, so the editor asks a process of its own for this
 * (`parlance machine --json`), one line a finding: what was found before a crash is kept.
 */
import { stat, statfs } from 'node:fs/promises';
import { arch, availableParallelism, cpus, platform, release, totalmem } from 'node:os';
import { dirname } from 'node:path';
import type { Engine } from '../engines/engine.ts';
import type { ExperimentPlan, TrainedNetwork } from '../methods/experiment-plan.ts';
import { type Calibration, calibrate, predictTrainingPeakBytes } from './calibration.ts';
import { type PresetName, presets } from './presets.ts';

export interface MachineFacts {
  readonly platform: string;
  readonly processor: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly freeMemoryBytes: number;
  readonly storage: string;
  /** Absent where it cannot be asked for. */
  readonly freeDiskBytes?: number;
  readonly node: string;
  /** The version of the interface that native modules are built for. */
  readonly abi: string;
}

export interface EngineFinding {
  /** As the setting `parlance.engine` names it. */
  readonly engine: string;
  readonly available: boolean;
  /** Version and device, or why it cannot be used. */
  readonly detail: string;
  /** The command, or what else, that mends it. */
  readonly mend?: string;
}

interface EngineProbe {
  readonly engine: string;
  readonly mend: string;
  /** Loads it; throws when it cannot be used. */
  load(threads: number): Promise<Engine>;
}

/** Another engine is another entry. */
const PROBES: readonly EngineProbe[] = [
  {
    engine: 'onnxruntime:cpu',
    mend: 'Install the extension made for this platform, or run npm ci beside the command line.',
    load: async (threads) => {
      const { OnnxRuntimeEngine } = await import('../engines/onnxruntime/engine.ts');
      return new OnnxRuntimeEngine({ threads });
    },
  },
];

export async function machineFacts(storage: string): Promise<MachineFacts> {
  const freeDiskBytes = await freeDisk(storage);
  return {
    platform: `${platform()} ${release()} ${arch()}`,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    freeMemoryBytes: process.availableMemory(),
    storage,
    ...(freeDiskBytes === undefined ? {} : { freeDiskBytes }),
    node: process.version,
    abi: process.versions.modules,
  };
}

export const probedEngines: readonly string[] = PROBES.map(({ engine }) => engine);

/** Tries one engine after the other. */
export async function* probeEngines(threads: number): AsyncGenerator<EngineFinding> {
  for (const { engine, mend, load } of PROBES) {
    try {
      const loaded = await load(threads);
      const { version, device } = loaded.device;
      yield { engine, available: true, detail: `${version} on ${device}` };
      await loaded.dispose();
    } catch (error) {
      const detail = error instanceof Error ? error.message.split('\n')[0] : String(error);
      yield { engine, available: false, detail, mend };
    }
  }
}

/** The peak of memory while each network of a preset is trained, predicted from its graph. */
export type NetworkMemory = Readonly<Record<TrainedNetwork, number>>;

export function presetMemory(name: PresetName, residentBytes: number): NetworkMemory {
  const plan = presetPlan(name);
  const peak = (network: TrainedNetwork): number => predictTrainingPeakBytes(plan, [network], residentBytes);
  return {
    small: peak('small'),
    large: peak('large'),
    projected: peak('projected'),
    distilled: peak('distilled'),
  };
}

export interface MeasuredSpeed extends Calibration {
  readonly preset: PresetName;
  readonly engine: string;
}

/** Trains a few steps of each preset's models on the first engine that works. */
export async function* measureSpeeds(threads: number): AsyncGenerator<MeasuredSpeed> {
  const [probe] = PROBES;
  const engine = await probe.load(threads);
  for (const preset of presetNames) {
    for (const model of ['small', 'large'] as const) {
      yield { preset, engine: probe.engine, ...(await calibrate(presetPlan(preset), model, engine)) };
    }
  }
  await engine.dispose();
}

export const presetNames: readonly PresetName[] = ['tiny', 'small'];

/** A preset as a plan without text. */
function presetPlan(name: PresetName): ExperimentPlan {
  const split = { validation: 0, heldout: 0 };
  return {
    ...presets[name],
    generic: { name: 'generic', role: 'generic', sources: [], labelsFile: undefined, split },
    domains: [],
    mixing: { domainShare: 0, replay: 0 },
    rate: 1,
  };
}

/** Of the file system that a folder is or will be on. */
async function freeDisk(folder: string): Promise<number | undefined> {
  let existing = folder;
  while (dirname(existing) !== existing && !(await isThere(existing))) existing = dirname(existing);
  try {
    const { bavail, bsize } = await statfs(existing);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
