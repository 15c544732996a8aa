/** Which presets and methods the memory of a machine allows, and what to try where it does not. Pure. */
import { formatBytes } from '../../common/format.ts';
import { wholeNetwork } from '../../methods/experiment-plan.ts';
import { methods as allMethods } from '../../methods/registry.ts';
import type { PresetName } from '../config/presets.ts';
import type { NetworkMemory } from '../estimation/machine.ts';

/** Bytes of memory by preset and network, predicted. */
export type PresetMemory = Readonly<Record<PresetName, NetworkMemory>>;

/** Memory of the machine that is left to others. */
const HEADROOM = 0.9;

export interface Fit {
  readonly fits: boolean;
  readonly needsBytes: number;
  /** One plain sentence. */
  readonly sentence: string;
}

/** Whether training these methods with a preset fits the memory that is free, and else what to try. */
export function memoryFit(
  preset: PresetName,
  methodIds: readonly string[],
  memory: PresetMemory,
  freeBytes: number,
): Fit {
  const needsBytes = peak(memory[preset], methodIds);
  const usable = HEADROOM * freeBytes;
  const free = `${formatBytes(freeBytes)} free`;
  if (needsBytes <= usable) {
    return {
      fits: true,
      needsBytes,
      sentence: `needs about ${formatBytes(needsBytes)}, ${free} (predicted)`,
    };
  }
  const lighter = methodIds.filter((id) => peak(memory[preset], [id]) <= usable);
  const smaller = (Object.keys(memory) as PresetName[]).find((one) => peak(memory[one], methodIds) <= usable);
  const advice = [
    ...(smaller === undefined ? [] : [`the preset “${smaller}”`]),
    ...(lighter.length === 0 ? [] : [`only ${lighter.join(', ')}`]),
    ...(smaller === undefined && lighter.length === 0 ? ['to close other programs'] : []),
  ];
  return {
    fits: false,
    needsBytes,
    sentence: `will not fit: needs ${formatBytes(needsBytes)}, ${free}; try ${advice.join(', or ')}`,
  };
}

function peak(memory: NetworkMemory, methodIds: readonly string[]): number {
  const networks = allMethods.filter(({ id }) => methodIds.includes(id)).flatMap(({ trains }) => trains);
  // Low-rank factors take less than the training of all weights that goes before.
  return Math.max(0, ...networks.map((network) => memory[wholeNetwork(network)]));
}
