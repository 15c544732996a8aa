/**
 * Which engine computes. One that was asked for by name is taken as it is. `auto` looks for a graphics processor and, where
 * there is one, trains a few steps on each engine that works; the fastest is remembered for this machine, so that
 * later runs start at once and find what earlier ones made. Software renderers are never chosen.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { readTextIfThere, writeFileAtomic } from '../../common/files.ts';
import { hashJson } from '../../common/hash.ts';
import { stateFolder } from '../../common/state-folder.ts';
import {
  ADAPTER_LOG_ENVIRONMENT,
  type Adapter,
  adapterFromLog,
  mayHaveGraphicsProcessor,
} from '../../engines/adapter.ts';
import { cudaMissing, ENGINE_NAMES, type EngineName, type EngineRequest } from '../../engines/names.ts';
import type { ExperimentPlan, ModelName } from '../../methods/experiment-plan.ts';
import type { Calibration } from './calibration.ts';
import type { ProbeReply, ProbeRequest } from './engine-probe.ts';

export interface EngineChoice {
  readonly name: EngineName;
  /** Why this one, as the end of "because …". */
  readonly reason: string;
}

/** One engine as it was found to be, for people. */
export interface EngineFinding {
  readonly engine: EngineName;
  readonly available: boolean;
  /** Version and device, or why it cannot be used. */
  readonly detail: string;
  /** The command, or what else, that mends it. */
  readonly mend?: string;
  readonly adapter?: Adapter;
  /** That what it computes on is no mere processor. */
  readonly accelerated?: boolean;
}

/** What is trained to measure an engine: the experiment's own model. */
export interface ProbeWork {
  readonly plan: ExperimentPlan;
  readonly model: ModelName;
  readonly threads: number;
}

const PROBE_SECONDS = { identify: 30, measure: 120 } as const;
/** Python reads PyTorch from disk, and again in each further process. */
const IMPORT_SECONDS = 90;

export async function chooseEngine(request: EngineRequest, work: ProbeWork): Promise<EngineChoice> {
  if (request !== 'auto') return { name: request, reason: 'it was asked for by name' };
  if (!mayHaveGraphicsProcessor()) return onProcessor('this machine shows no graphics processor');
  const webgpu = await findEngine('onnxruntime:webgpu', work.threads);
  const pytorch = await findEngine('pytorch', work.threads);
  const notWebgpu = unusable(webgpu);
  if (notWebgpu !== undefined && !pytorch.accelerated) return onProcessor(notWebgpu);
  const candidates: readonly EngineName[] = [
    'onnxruntime:cpu',
    ...(notWebgpu === undefined ? ['onnxruntime:webgpu' as const] : []),
    ...(cudaMissing() === undefined ? ['onnxruntime:cuda' as const] : []),
    ...(pytorch.accelerated ? PYTORCH : []),
  ];
  const memory = new RememberedChoice([webgpu, pytorch], work);
  const known = await memory.read();
  if (known !== undefined) return known;
  const choice = fastest(await measureEngines(candidates, work));
  await memory.write(choice);
  return choice;
}

/** Where a device lacks a precision, measuring fails and the others remain. */
const PYTORCH = ['pytorch', 'pytorch:tf32', 'pytorch:bfloat16'] as const;

/** Why WebGPU is no candidate; `undefined` when it is one. */
function unusable({ available, detail, adapter }: EngineFinding): string | undefined {
  if (!available) return lowerFirst(detail);
  return adapter?.software ? `the one graphics device, ${adapter.name}, is a software renderer` : undefined;
}

const onProcessor = (reason: string): EngineChoice => ({ name: 'onnxruntime:cpu', reason });
const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

/** Tries one engine in a process of its own. */
export async function findEngine(engine: EngineName, threads: number): Promise<EngineFinding> {
  const { reply, log } = await runProbe({ engine, threads, task: { kind: 'identify' } });
  if (!reply.works) return { engine, available: false, detail: reply.reason, mend: reply.mend };
  const adapter = engine === 'onnxruntime:webgpu' ? adapterFromLog(log) : undefined;
  return {
    engine,
    available: true,
    detail: `${reply.version} on ${adapter?.name ?? reply.device}${adapter?.software ? ' (a software renderer: for tests)' : ''}`,
    ...(adapter && { adapter }),
    ...(reply.accelerated && !adapter?.software && { accelerated: true }),
  };
}

/** Tries every engine, one after the other. */
export async function* findEngines(threads: number): AsyncGenerator<EngineFinding> {
  for (const engine of ENGINE_NAMES) yield findEngine(engine, threads);
}

export interface MeasuredEngines<Speed = Calibration> {
  readonly speeds: ReadonlyMap<EngineName, Speed>;
  /** Why the others have none. */
  readonly failures: ReadonlyMap<EngineName, string>;
}

/** How fast each engine trains a model. */
export async function measureEngines(
  engines: readonly EngineName[],
  { plan, model, threads }: ProbeWork,
): Promise<MeasuredEngines> {
  const speeds = new Map<EngineName, Calibration>();
  const failures = new Map<EngineName, string>();
  for (const engine of engines) {
    const { reply } = await runProbe({ engine, threads, task: { kind: 'measure', plan, model } });
    if (!reply.works) failures.set(engine, reply.reason);
    else if (reply.measured !== undefined) speeds.set(engine, reply.measured);
  }
  return { speeds, failures };
}

/** The fastest, and by how much; where the processor alone could be measured, also why nothing else could. */
export function fastest({
  speeds,
  failures,
}: MeasuredEngines<Pick<Calibration, 'trainingTokensPerSecond'>>): EngineChoice {
  const [first, second] = [...speeds]
    .map(([name, { trainingTokensPerSecond }]) => [name, trainingTokensPerSecond] as const)
    .sort(([, a], [, b]) => b - a);
  const failed = [...failures].map(([name, reason]) => `, ${name} failed (${asPart(reason)})`);
  if (first === undefined) return onProcessor(`no engine could be measured${failed.join('')}`);
  const figure = (speed: number): string => Math.round(speed).toLocaleString('en');
  const others = second === undefined ? failed.join('') : `, ${second[0]} ${figure(second[1])}`;
  return {
    name: first[0],
    reason: `it trained ${figure(first[1])} tokens a second here${others}, measured`,
  };
}

/** A sentence as a part of another one. */
const asPart = (sentence: string): string => lowerFirst(sentence).replace(/\.$/, '');

const rememberedSchema = z.record(
  z.string(),
  z.object({ name: z.enum(ENGINE_NAMES), reason: z.string(), measured: z.string() }),
);

/** The choices of this machine, by what they depend on. */
export class RememberedChoice {
  readonly #file = join(stateFolder(), 'engines.json');
  readonly #key: string;

  constructor(found: readonly EngineFinding[], { plan, model, threads }: ProbeWork) {
    this.#key = hashJson({
      engines: found.map(({ detail }) => detail),
      drivers: found.map(({ adapter }) => adapter?.driver ?? ''),
      driverVersion: nvidiaDriver(),
      cuda: cudaMissing() === undefined,
      processor: cpus()[0]?.model ?? '',
      threads,
      model: { ...plan.models[model] },
      context: plan.context,
      vocabulary: plan.vocabulary,
      batchTokens: plan.pretraining.batchTokens,
      // Absent where it is not set, so that choices stay from before it counted.
      ...(plan.microBatchTokens !== undefined && { microBatchTokens: plan.microBatchTokens }),
    });
  }

  async read(): Promise<EngineChoice | undefined> {
    const known = (await this.#all())[this.#key];
    return known && { name: known.name, reason: `${known.reason} on ${known.measured.slice(0, 10)}` };
  }

  async write({ name, reason }: EngineChoice): Promise<void> {
    const entry = { name, reason, measured: new Date().toISOString() };
    const all = { ...(await this.#all()), [this.#key]: entry };
    // A folder that cannot be written only means that the next run measures again.
    const write = async () => {
      await mkdir(dirname(this.#file), { recursive: true });
      await writeFileAtomic(this.#file, `${JSON.stringify(all, undefined, 2)}\n`);
    };
    await write().catch(() => undefined);
  }

  async #all(): Promise<z.infer<typeof rememberedSchema>> {
    try {
      const text = await readTextIfThere(this.#file);
      return text === undefined ? {} : rememberedSchema.parse(JSON.parse(text));
    } catch {
      return {};
    }
  }
}

function nvidiaDriver(): string {
  try {
    return readFileSync('/proc/driver/nvidia/version', 'utf8').split('\n')[0];
  } catch {
    return '';
  }
}

/** Runs engine-probe in a process of its own; a crash or a hang of it is a reply like any other. */
function runProbe(request: ProbeRequest): Promise<{ reply: ProbeReply; log: string }> {
  const logging = request.task.kind === 'identify' ? ADAPTER_LOG_ENVIRONMENT : {};
  return new Promise((resolve) => {
    const child = spawn(process.execPath, probeProgram(), {
      env: { ...process.env, ...logging, ELECTRON_RUN_AS_NODE: '1' },
      timeout: 1000 * probeSeconds(request),
      killSignal: 'SIGKILL',
    });
    const parts = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        parts[name] += text;
      });
    }
    const failed = (reason: string): ProbeReply => ({
      works: false,
      reason,
      mend: 'Update the driver of the graphics card, or choose the engine onnxruntime:cpu.',
    });
    child.on('error', (error) => resolve({ reply: failed(error.message), log: '' }));
    child.on('close', (code, signal) => {
      const line = parts.stdout.trimEnd().split('\n').at(-1) ?? '';
      const reply: ProbeReply = line.startsWith('{')
        ? JSON.parse(line)
        : failed(`The process that tried ${request.engine} ended early (${signal ?? `exit code ${code}`}).`);
      resolve({ reply, log: parts.stderr });
    });
    // A process that is gone already has no use for what it was to do.
    child.stdin.on('error', () => undefined);
    child.stdin.end(JSON.stringify(request));
  });
}

const probeSeconds = ({ engine, task }: ProbeRequest): number =>
  PROBE_SECONDS[task.kind] + (engine.startsWith('pytorch') ? IMPORT_SECONDS : 0);

/** The bundle beside this one, or the source under tsx when this file runs from source. */
function probeProgram(): string[] {
  if (!import.meta.url.endsWith('.ts'))
    return [fileURLToPath(new URL('./engine-probe.mjs', import.meta.url))];
  return [
    '--import',
    import.meta.resolve('tsx'),
    fileURLToPath(new URL('./engine-probe.ts', import.meta.url)),
  ];
}
