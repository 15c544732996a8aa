/**
 * What this machine has: processor, memory, disk, engines, and the memory that the presets would take. Engines are
 * tried in processes of their own (engine-choice.ts), which a broken driver may end.
 */
import { stat, statfs } from 'node:fs/promises';
import { arch, availableParallelism, platform, release, totalmem } from 'node:os';
import { dirname } from 'node:path';
import type { EngineName } from '../../engines/names.ts';
import type { ExperimentPlan, WholeNetwork } from '../../methods/experiment-plan.ts';
import { NO_MIXING, PRESET_NAMES, type PresetName, presets } from '../config/presets.ts';
import { ownProcessor } from '../runs/computed-on.ts';
import type { Calibration } from './calibration.ts';
import { measureEngines } from './engine-choice.ts';
import { predictTrainingPeakBytes } from './training-memory.ts';

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

export async function machineFacts(storage: string): Promise<MachineFacts> {
  const freeDiskBytes = await freeDisk(storage);
  return {
    platform: `${platform()} ${release()} ${arch()}`,
    processor: ownProcessor(),
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    freeMemoryBytes: process.availableMemory(),
    storage,
    ...(freeDiskBytes === undefined ? {} : { freeDiskBytes }),
    node: process.version,
    abi: process.versions.modules,
  };
}

/** The peak of memory while each network of a preset is trained, predicted from its graph. */
export type NetworkMemory = Readonly<Record<WholeNetwork, number>>;

export function presetMemory(name: PresetName, residentBytes: number): NetworkMemory {
  const plan = presetPlan(name);
  const peak = (network: WholeNetwork): number => predictTrainingPeakBytes(plan, [network], residentBytes);
  return {
    small: peak('small'),
    large: peak('large'),
    projected: peak('projected'),
    distilled: peak('distilled'),
  };
}

export interface MeasuredSpeed extends Calibration {
  readonly preset: PresetName;
  readonly engine: EngineName;
}

/** An engine that cannot train a model of a preset here, and why. */
export interface UnmeasuredSpeed extends Pick<MeasuredSpeed, 'preset' | 'model' | 'engine'> {
  readonly reason: string;
}

/** Trains a few steps of each preset's models on each of these engines, in processes of their own. */
export async function* measureSpeeds(
  engines: readonly EngineName[],
  threads: number,
): AsyncGenerator<MeasuredSpeed | UnmeasuredSpeed> {
  for (const preset of PRESET_NAMES) {
    for (const model of ['small', 'large'] as const) {
      const { speeds, failures } = await measureEngines(engines, {
        plan: presetPlan(preset),
        model,
        threads,
      });
      for (const [engine, measured] of speeds) yield { preset, engine, ...measured };
      for (const [engine, reason] of failures) yield { preset, model, engine, reason };
    }
  }
}

/** A preset as a plan without text. */
export function presetPlan(name: PresetName): ExperimentPlan {
  const split = { validation: 0, heldout: 0 };
  return {
    ...presets[name],
    generic: { name: 'generic', role: 'generic', sources: [], labelsFile: undefined, split },
    domains: [],
    from: {},
    mixing: NO_MIXING,
    points: [],
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
