/** `parlance machine`: what this machine has, which engines work, and with `--measure` how fast it trains. */
import { formatBytes, formatCompact, formatSpeed } from '../common/format.ts';
import { ENGINE_NAMES, type EngineName } from '../engines/names.ts';
import { PRESET_NAMES } from '../experiments/config/presets.ts';
import {
  type JsonOption,
  type StorageOption,
  storageOf,
  type ThreadsOption,
  threadsOf,
} from '../experiments/config/settings.ts';
import { type EngineFinding, findEngines } from '../experiments/estimation/engine-choice.ts';
import {
  type MachineFacts,
  type MeasuredSpeed,
  machineFacts,
  measureSpeeds,
  type NetworkMemory,
  presetMemory,
  type UnmeasuredSpeed,
} from '../experiments/estimation/machine.ts';
import { writeJson } from './display/json.ts';

interface MachineOptions extends StorageOption, ThreadsOption, JsonOption {
  readonly measure?: boolean;
}

/** Each finding is reported as soon as it is there: an engine's driver may end the process. */
export async function machine(path: string, options: MachineOptions): Promise<void> {
  const threads = threadsOf(options);
  const residentBytes = process.memoryUsage.rss();
  const tell = options.json
    ? (type: string, value: object) => writeJson({ type, ...value })
    : (_type: string, _value: object, text: string) => void process.stdout.write(`${text}\n`);
  const facts = await machineFacts(storageOf(path, options));
  tell('machine', { ...facts, engines: ENGINE_NAMES }, factsText(facts));
  const working: EngineName[] = [];
  for await (const finding of findEngines(threads)) {
    tell('engine', finding, engineText(finding));
    if (finding.available && isFast(finding)) working.push(finding.engine);
  }
  for (const preset of PRESET_NAMES) {
    const bytes = presetMemory(preset, residentBytes);
    tell('memory', { preset, bytes }, memoryText(preset, bytes));
  }
  if (!options.measure) return;
  for await (const one of measureSpeeds(working, threads)) {
    tell('reason' in one ? 'unmeasured' : 'speed', one, speedText(one));
  }
}

/** What is for tests only, or far slower than the same in float32, is not worth measuring. */
function isFast({ engine, adapter, accelerated }: EngineFinding): boolean {
  return adapter?.software !== true && (engine !== 'pytorch:bfloat16' || accelerated === true);
}

function factsText(facts: MachineFacts): string {
  const { freeDiskBytes } = facts;
  return [
    `System: ${facts.platform}`,
    `Processor: ${facts.processor}, ${facts.cores} cores`,
    `Memory: ${formatBytes(facts.freeMemoryBytes)} free of ${formatBytes(facts.memoryBytes)}`,
    `Disk: ${freeDiskBytes === undefined ? 'unknown' : `${formatBytes(freeDiskBytes)} free`} at ${facts.storage}`,
    `Node.js: ${facts.node} (native modules: ${facts.abi})`,
  ].join('\n');
}

function engineText({ engine, available, detail, mend }: EngineFinding): string {
  return available
    ? `Engine ${engine}: works, ${detail}`
    : `Engine ${engine}: cannot be used (${detail}). ${mend}`;
}

function memoryText(preset: string, bytes: NetworkMemory): string {
  return `Preset ${preset}: up to ${formatBytes(Math.max(...Object.values(bytes)))} of memory for a training step, predicted, without preparing text`;
}

export function speedText(one: MeasuredSpeed | UnmeasuredSpeed): string {
  const { preset, model, engine } = one;
  const training = `Training the ${model} model of the preset ${preset}`;
  if ('reason' in one) return `${training}: could not be measured with ${engine} (${one.reason})`;
  const { trainingTokensPerSecond, standIn } = one;
  const how =
    standIn === undefined
      ? 'measured now'
      : `calculated from what a model of ${formatCompact(standIn.parameterCount)} parameters reaches, measured now`;
  return `${training}: ${formatSpeed(trainingTokensPerSecond)} tokens a second, ${how} with ${engine}`;
}
