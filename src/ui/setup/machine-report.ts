/** The findings of `parlance machine --json` as Markdown; pure, and of no findings too. */
import * as z from 'zod';
import type { ParlanceError } from '../../common/errors.ts';
import { formatBytes, formatCompact, formatPlural, formatSpeed } from '../../common/format.ts';
import { PRESET_NAMES } from '../../experiments/config/presets.ts';

const bytes = z.number();
const machineSchema = z.object({
  type: z.literal('machine'),
  platform: z.string(),
  processor: z.string(),
  cores: z.number(),
  memoryBytes: bytes,
  freeMemoryBytes: bytes,
  storage: z.string(),
  freeDiskBytes: bytes.optional(),
  node: z.string(),
  abi: z.string(),
  engines: z.array(z.string()),
});
const engineSchema = z.object({
  type: z.literal('engine'),
  engine: z.string(),
  available: z.boolean(),
  detail: z.string(),
  mend: z.string().optional(),
});
const networks = z.object({ small: bytes, large: bytes, projected: bytes, distilled: bytes });
const memorySchema = z.object({
  type: z.literal('memory'),
  preset: z.enum(PRESET_NAMES),
  bytes: networks,
});
const speedSchema = z.object({
  type: z.literal('speed'),
  preset: z.string(),
  model: z.string(),
  engine: z.string(),
  trainingTokensPerSecond: z.number(),
  steps: z.number(),
  standIn: z.object({ parameterCount: z.number() }).optional(),
});
const unmeasuredSchema = z.object({
  type: z.literal('unmeasured'),
  preset: z.string(),
  model: z.string(),
  engine: z.string(),
  reason: z.string(),
});
const findingSchema = z.discriminatedUnion('type', [
  machineSchema,
  engineSchema,
  memorySchema,
  speedSchema,
  unmeasuredSchema,
]);
export type Finding = z.infer<typeof findingSchema>;

/** What is understood of the lines; lines of a newer kind are passed over. */
export function findingsOf(lines: readonly object[]): readonly Finding[] {
  return lines.flatMap((line) => {
    const parsed = findingSchema.safeParse(line);
    return parsed.success ? [parsed.data] : [];
  });
}

const LEAST_DISK_BYTES = 1e9;

export function machineReport(lines: readonly object[], failure: ParlanceError | undefined): string {
  const findings = findingsOf(lines);
  const machine = findings.find((one) => one.type === 'machine');
  const engines = findings.filter((one) => one.type === 'engine');
  const memory = findings.filter((one) => one.type === 'memory');
  const speeds = findings.filter((one) => one.type === 'speed');
  const missing = [
    ...engines.flatMap(({ engine, available, detail, mend }) =>
      available ? [] : [`**${engine}** cannot be used (${plain(detail)}). ${mend ?? ''}`],
    ),
    ...findings.flatMap((one) => (one.type === 'unmeasured' ? [unmeasured(one)] : [])),
    ...(failure === undefined ? [] : [crashed(machine?.engines ?? [], engines, failure)]),
    ...(machine?.freeDiskBytes !== undefined && machine.freeDiskBytes < LEAST_DISK_BYTES
      ? [
          `Little disk is free: ${formatBytes(machine.freeDiskBytes)}. “Parlance: Clean Up Store…” makes room.`,
        ]
      : []),
    ...(machine === undefined ? [] : tooLarge(memory, machine)),
  ];
  return [
    '# This machine',
    ...(machine === undefined ? [] : [factsTable(machine)]),
    '## Engines',
    ...(engines.length === 0 ? ['None was found.'] : [enginesTable(engines)]),
    '## Memory that training takes',
    ...(memory.length === 0 ? ['Not known.'] : [memoryTable(memory)]),
    '## Speed',
    speeds.length === 0
      ? 'Not measured. “Measure Speed” of the notification trains for a few seconds.'
      : speedTable(speeds),
    '## What is missing',
    missing.length === 0 ? 'Nothing.' : missing.map((one) => `- ${one}`).join('\n'),
    '',
  ].join('\n\n');
}

function factsTable(machine: z.infer<typeof machineSchema>): string {
  const { freeDiskBytes } = machine;
  return table(
    ['', ''],
    [
      ['System', machine.platform],
      ['Processor', `${machine.processor}, ${machine.cores} cores`],
      ['Memory', `${formatBytes(machine.freeMemoryBytes)} free of ${formatBytes(machine.memoryBytes)}`],
      ['Disk', freeDiskBytes === undefined ? 'not known' : `${formatBytes(freeDiskBytes)} free`],
      ['Store', machine.storage],
      ['Node.js', `${machine.node}, native modules ${machine.abi}`],
    ],
  );
}

function enginesTable(engines: readonly z.infer<typeof engineSchema>[]): string {
  return table(
    ['Engine', 'State', 'Detail'],
    engines.map(({ engine, available, detail }) => [engine, available ? 'works' : 'cannot be used', detail]),
  );
}

function memoryTable(memory: readonly z.infer<typeof memorySchema>[]): string {
  const rows = memory.map(({ preset, bytes: of }) => [
    preset,
    ...[of.small, of.large, of.projected, of.distilled].map(formatBytes),
  ]);
  const titles = ['Preset', 'small model', 'large model', 'projected network', 'distillation'];
  return `${table(titles, rows)}\n\nPredicted from the graphs of the training steps.`;
}

function speedTable(speeds: readonly z.infer<typeof speedSchema>[]): string {
  const rows = speeds.map(({ preset, model, engine, trainingTokensPerSecond, steps, standIn }) => [
    preset,
    model,
    `${formatSpeed(trainingTokensPerSecond)} tokens a second`,
    engine,
    // Where the model itself would take minutes, its speed is calculated from that of a smaller one.
    `${formatPlural(steps, 'step')}${standIn === undefined ? '' : ` of a model of ${formatCompact(standIn.parameterCount)} parameters, and calculated`}`,
  ]);
  return table(['Preset', 'Model', 'Training', 'Engine', 'Measured now on'], rows);
}

function unmeasured({ preset, model, engine, reason }: z.infer<typeof unmeasuredSchema>): string {
  return `**${engine}** could not train the ${model} model of the preset “${preset}”: ${plain(reason)}`;
}

function crashed(
  probed: readonly string[],
  engines: readonly z.infer<typeof engineSchema>[],
  failure: ParlanceError,
): string {
  const next = probed.at(engines.length);
  const where = next === undefined ? '' : ` while **${next}** was tried`;
  return `The check ended early${where}: ${plain(failure.message)} ${plain(failure.hint)}`;
}

function tooLarge(
  memory: readonly z.infer<typeof memorySchema>[],
  { freeMemoryBytes, memoryBytes }: z.infer<typeof machineSchema>,
): readonly string[] {
  return memory.flatMap(({ preset, bytes: of }) => {
    const needs = Math.max(...Object.values(of));
    if (needs <= freeMemoryBytes) return [];
    const mend =
      needs > memoryBytes
        ? `needs ${formatBytes(needs)}, this machine has ${formatBytes(memoryBytes)}; it is for a larger one`
        : `needs ${formatBytes(needs)}, ${formatBytes(freeMemoryBytes)} free; close other programs`;
    return [`The preset “${preset}” with all methods will not fit: ${mend}.`];
  });
}

/** A table of Markdown. */
export function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(plain).join(' | ')} |`;
  return [line(titles), `|${titles.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

/** Text of elsewhere, shown as it is. */
export function plain(text: string): string {
  return text.replace(/[\\`*_{}[\]<>|#]/g, '\\$&').replace(/\r?\n/g, ' ');
}
