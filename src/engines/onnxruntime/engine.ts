/**
 * ONNX Runtime as an engine, on each of its execution providers. It only runs graphs, so the whole training step is one
 * graph. On the CPU and with CUDA the state is host memory (the binding for Node.js keeps tensors on a device with
 * WebGPU only); with WebGPU it stays on the GPU between steps.
 *
 * A provider computes all of a graph: what it has no kernel for is an error when a program is compiled, never a
 * silent detour over the CPU.
 */
import { mkdtemp } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  env,
  type InferenceSession,
  type Tensor as OrtTensor,
  InferenceSession as Session,
} from 'onnxruntime-node';
import { GraphError } from '../../common/errors.ts';
import { checkedBatch } from '../checks.ts';
import type {
  DeviceReport,
  Engine,
  Executable,
  HostArray,
  HostTensor,
  OperationTime,
  Program,
  ProgramInput,
  State,
} from '../engine.ts';
import { keepsArena, peakActivationBytes } from '../memory.ts';
import { ownPeakBytes } from '../peak-memory.ts';
import { deviceFailure, processorFailure } from './device-failure.ts';
import { requireBuffer } from './device-limits.ts';
import { DeviceState, Transfer } from './device-state.ts';
import { CPU_RULES, type Lowered, type LoweringRules, lower } from './lower.ts';
import { encodeModel } from './onnx.ts';
import { takeProfile } from './profile.ts';
import { HostState, type SessionState } from './state.ts';
import { floats, hostTensor } from './tensors.ts';
import { WEBGPU_RULES } from './webgpu-rules.ts';

export type Provider = 'cpu' | 'webgpu' | 'cuda';

export interface OnnxRuntimeOptions {
  readonly threads: number;
  readonly provider?: Provider;
  /** What a GPU is called, for reports. */
  readonly device?: string;
}

const RULES: Readonly<Record<Provider, LoweringRules>> = {
  cpu: CPU_RULES,
  webgpu: WEBGPU_RULES,
  cuda: CPU_RULES,
};

/** What an error of the provider means; `undefined` when that is no failure of what it computes on. */
const FAILURES: Readonly<Record<Provider, typeof deviceFailure>> = {
  cpu: processorFailure,
  webgpu: deviceFailure,
  cuda: deviceFailure,
};

export class OnnxRuntimeEngine implements Engine {
  readonly device: DeviceReport;
  readonly #provider: Provider;
  readonly #transfer = new Transfer();
  readonly #states = new Set<SessionState>();
  readonly #executables = new Set<SessionExecutable>();

  constructor({ threads, provider = 'cpu', device }: OnnxRuntimeOptions) {
    this.#provider = provider;
    this.device = {
      engine: `onnxruntime:${provider}`,
      version: env.versions.node ?? env.versions.common,
      device: device ?? (provider === 'cpu' ? processorName() : 'graphics processor'),
      accelerated: provider !== 'cpu',
      threads,
    };
  }

  createState(initial: Readonly<Record<string, HostTensor>>, { owned = false } = {}): State {
    const forget = () => this.#states.delete(state);
    const state: SessionState =
      this.#provider === 'webgpu'
        ? new DeviceState(initial, this.#transfer, forget)
        : new HostState(initial, { owned, onDispose: forget });
    this.#states.add(state);
    return state;
  }

  async compile(program: Program, { profile = false } = {}): Promise<Executable> {
    const lowered = lower(program, RULES[this.#provider]);
    if (this.#provider === 'webgpu') await requireBuffer(program);
    const profileFolder = profile ? await mkdtemp(join(tmpdir(), 'parlance-profile-')) : undefined;
    const session = await this.#createSession(lowered, profileFolder);
    const executable = new SessionExecutable(session, lowered, {
      overwrites: program.overwrites ?? false,
      failureOf: FAILURES[this.#provider],
      profileFolder,
      onDispose: () => this.#executables.delete(executable),
    });
    this.#executables.add(executable);
    return executable;
  }

  memory() {
    const stateBytes = [...this.#states].reduce((sum, state) => sum + state.bytes, 0);
    return { stateBytes, peakBytes: ownPeakBytes() };
  }

  async dispose(): Promise<void> {
    for (const state of [...this.#states]) state.dispose();
    for (const executable of [...this.#executables]) await executable.dispose();
    await this.#transfer.dispose();
  }

  async #createSession(lowered: Lowered, profileFolder: string | undefined): Promise<InferenceSession> {
    const profiling = profileFolder && {
      enableProfiling: true,
      profileFilePrefix: join(profileFolder, 'profile'),
    };
    try {
      return await Session.create(encodeModel(lowered.graph), {
        intraOpNumThreads: this.device.threads,
        interOpNumThreads: 1,
        // A pattern of all allocations is laid out beside what the first run took: measured 1,190 instead of 770 MB
        // for 4 layers of width 192, and no faster.
        enableMemPattern: false,
        enableCpuMemArena: keepsArena(peakActivationBytes(lowered.roots)),
        logSeverityLevel: 3,
        executionProviders: [this.#provider],
        ...(this.#provider !== 'cpu' && { extra: { session: { disable_cpu_ep_fallback: '1' } } }),
        ...(this.#provider === 'webgpu' && { preferredOutputLocation: outputLocations(lowered) }),
        ...profiling,
      });
    } catch (error) {
      throw FAILURES[this.#provider](error, lowered.graph.name) ?? error;
    }
  }
}

/** New values of state stay where they are made; metrics come to the host. */
function outputLocations({ updates, metrics }: Lowered): Record<string, 'gpu-buffer' | 'cpu'> {
  return Object.fromEntries([
    ...[...updates.values()].map((output) => [output, 'gpu-buffer']),
    ...[...metrics.values()].map((output) => [output, 'cpu']),
  ]);
}

function processorName(): string {
  return cpus()[0]?.model.trim() ?? 'unknown processor';
}

interface ExecutableOptions {
  readonly overwrites: boolean;
  readonly failureOf: typeof deviceFailure;
  /** Absent without profiling. */
  readonly profileFolder: string | undefined;
  onDispose(): void;
}

class SessionExecutable implements Executable {
  readonly batchInputs: readonly ProgramInput[];
  readonly #session: InferenceSession;
  readonly #lowered: Lowered;
  readonly #stateInputs: readonly string[];
  readonly #overwrites: boolean;
  readonly #failureOf: typeof deviceFailure;
  readonly #profileFolder: string | undefined;
  readonly #onDispose: () => void;

  constructor(
    session: InferenceSession,
    lowered: Lowered,
    { overwrites, failureOf, profileFolder, onDispose }: ExecutableOptions,
  ) {
    this.#session = session;
    this.#lowered = lowered;
    this.#overwrites = overwrites;
    this.#failureOf = failureOf;
    this.#profileFolder = profileFolder;
    this.#onDispose = onDispose;
    const inputs = lowered.inputs.map(({ attributes }) => attributes);
    this.batchInputs = inputs.filter(({ source }) => source === 'batch');
    this.#stateInputs = inputs.filter(({ source }) => source === 'state').map(({ name }) => name);
  }

  async step(
    state: State,
    batch: Readonly<Record<string, HostArray>>,
  ): Promise<Record<string, Float32Array>> {
    if (!(state instanceof HostState || state instanceof DeviceState)) {
      throw new GraphError('The state belongs to another engine.', 'Create it with this engine.');
    }
    const { updates, metrics } = this.#lowered;
    const feeds = await state.inputs(this.#stateInputs);
    for (const input of this.batchInputs)
      feeds[input.name] = hostTensor(checkedBatch(input, batch), input.shape);
    const fetches: Record<string, OrtTensor | null> = {};
    for (const [name, output] of updates) fetches[output] = state.target(name, this.#overwrites);
    for (const output of metrics.values()) fetches[output] = null;
    const results = await this.#run(feeds, fetches);
    state.replace(new Map([...updates].map(([name, output]) => [name, results[output]])));
    return Object.fromEntries([...metrics].map(([name, output]) => [name, floats(results[output])]));
  }

  async dispose(): Promise<OperationTime[]> {
    this.#onDispose();
    if (this.#profileFolder !== undefined) this.#session.endProfiling();
    await this.#session.release();
    return this.#profileFolder === undefined ? [] : takeProfile(this.#profileFolder);
  }

  async #run(feeds: Record<string, OrtTensor>, fetches: Record<string, OrtTensor | null>) {
    try {
      return await this.#session.run(feeds, fetches);
    } catch (error) {
      throw this.#failureOf(error, this.#lowered.graph.name) ?? error;
    }
  }
}
