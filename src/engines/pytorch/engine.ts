/**
 * PyTorch as an engine: programs are computed by a process of Python on the best device that it has, one process a device
 * where there are several. State stays there between steps.
 */
import { cpus } from 'node:os';
import * as z from 'zod';
import { GraphError } from '../../common/errors.ts';
import { type OperationName, type Shape, sizeOf } from '../../graph/tensor.ts';
import { checkedBatch, requireSize, unknownTensor } from '../checks.ts';
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
import { ownPeakBytes } from '../peak-memory.ts';
import { describeProgram, type ProgramDescription } from './description.ts';
import type { Precision, PythonProcess } from './process.ts';

export class PyTorchEngine implements Engine {
  readonly device: DeviceReport;
  readonly #processes: readonly PythonProcess[];
  readonly #onDispose: (() => Promise<void>) | undefined;
  readonly #states = new Set<PyTorchState>();
  #numbers = 0;

  /** `processes` are those of one step, the first of which is asked for values. */
  constructor(processes: readonly PythonProcess[], { threads, precision, onDispose }: PyTorchOptions) {
    const [{ hello }] = processes;
    this.#processes = processes;
    this.#onDispose = onDispose;
    const count = processes.length === 1 ? '' : `${processes.length} × `;
    this.device = {
      engine: precision === 'float32' ? 'pytorch' : `pytorch:${precision}`,
      version: hello.version,
      device: hello.kind === 'cpu' ? processorName() : `${count}${hello.device} (${hello.kind})`,
      accelerated: hello.kind !== 'cpu',
      threads,
    };
  }

  get devices(): number {
    return this.#processes.length;
  }

  createState(initial: Readonly<Record<string, HostTensor>>): State {
    const state = new PyTorchState(this.#processes, ++this.#numbers, initial, () =>
      this.#states.delete(state),
    );
    this.#states.add(state);
    return state;
  }

  async compile(program: Program, { profile = false } = {}): Promise<Executable> {
    const native = new Set(this.#processes[0].hello.native.filter(isComposite));
    const parts = [program, ...(program.others ?? [])].map((part) => describeProgram(part, native));
    const number = ++this.#numbers;
    await everyone(this.#processes, (one, rank) => {
      const { constants, ...description } = parts.length === 1 ? parts[0] : parts[rank];
      const header = { do: 'compile', program: number, name: program.name, profile, ...description };
      return one.request(program.name, header, constants);
    });
    return new PyTorchExecutable(this.#processes, number, program.name, parts);
  }

  memory() {
    const stateBytes = [...this.#states].reduce((sum, { bytes }) => sum + bytes, 0);
    const others = this.#processes.reduce((sum, { peakBytes }) => sum + peakBytes, 0);
    return { stateBytes, peakBytes: ownPeakBytes() + others };
  }

  async dispose(): Promise<void> {
    await everyone(this.#processes, (one) => one.end());
    await this.#onDispose?.();
  }
}

interface PyTorchOptions {
  readonly threads: number;
  readonly precision: Precision;
  readonly onDispose?: () => Promise<void>;
}

const processorName = (): string => cpus()[0]?.model.trim() ?? 'unknown processor';

const COMPOSITE: readonly OperationName[] = [
  'silu',
  'sumOverDevices',
  'causalAttention',
  'causalAttentionGradient',
];
const isComposite = (name: string): name is OperationName => COMPOSITE.some((one) => one === name);

/** All at once: with several devices each waits for the others. When one fails the others wait in vain, and are ended. */
async function everyone<T>(
  processes: readonly PythonProcess[],
  call: (one: PythonProcess, rank: number) => Promise<T>,
): Promise<T[]> {
  try {
    return await Promise.all(processes.map(call));
  } catch (error) {
    if (processes.length > 1) await Promise.all(processes.map((one) => one.end()));
    throw error;
  }
}

/** Values of these lengths, which lie one after the other. */
function floatsOf({ buffer }: Uint8Array<ArrayBuffer>, lengths: readonly number[]): Float32Array[] {
  let offset = 0;
  return lengths.map((length) => {
    const values = new Float32Array(buffer, offset, length);
    offset += values.byteLength;
    return values;
  });
}

class PyTorchState implements State {
  readonly number: number;
  readonly #processes: readonly PythonProcess[];
  readonly #shapes: ReadonlyMap<string, Shape>;
  readonly #made: Promise<unknown>;
  readonly #onDispose: () => void;

  constructor(
    processes: readonly PythonProcess[],
    number: number,
    initial: Readonly<Record<string, HostTensor>>,
    onDispose: () => void,
  ) {
    this.#processes = processes;
    this.number = number;
    this.#shapes = new Map(Object.entries(initial).map(([name, { shape }]) => [name, shape]));
    this.#onDispose = onDispose;
    this.#made = this.#send('create', initial);
    // Whoever uses the state first is told.
    this.#made.catch(() => undefined);
  }

  get names(): readonly string[] {
    return [...this.#shapes.keys()];
  }

  get bytes(): number {
    return [...this.#shapes.values()].reduce((sum, shape) => sum + 4 * sizeOf(shape), 0);
  }

  /** Resolves when the values are there. */
  async ready(): Promise<void> {
    await this.#made;
  }

  async read(names: readonly string[] = this.names): Promise<Record<string, HostTensor>> {
    await this.#made;
    const shapes = names.map((name) => this.#shapeOf(name));
    const header = { do: 'read', state: this.number, names };
    const { payload } = await this.#processes[0].request('state', header);
    const values = floatsOf(payload, shapes.map(sizeOf));
    return Object.fromEntries(names.map((name, i) => [name, { shape: shapes[i], data: values[i] }]));
  }

  async write(values: Readonly<Record<string, HostTensor>>): Promise<void> {
    for (const [name, { data }] of Object.entries(values))
      requireSize(name, sizeOf(this.#shapeOf(name)), data);
    await this.#made;
    await this.#send('write', values);
  }

  dispose(): void {
    this.#onDispose();
    const forget = everyone(this.#processes, (one) =>
      one.request('state', { do: 'forget', state: this.number }),
    );
    // A process that has ended keeps nothing.
    forget.catch(() => undefined);
  }

  #shapeOf(name: string): Shape {
    return this.#shapes.get(name) ?? unknownTensor(name, this.names);
  }

  #send(what: 'create' | 'write', values: Readonly<Record<string, HostTensor>>): Promise<unknown> {
    const entries = Object.entries(values);
    const tensors = entries.map(([name, { shape }]) => ({ name, shape }));
    const data = entries.map(([, tensor]) => tensor.data);
    const header = { do: what, state: this.number, tensors };
    return everyone(this.#processes, (one) => one.request('state', header, data));
  }
}

const timesSchema = z.array(z.tuple([z.string(), z.number(), z.number()]));

class PyTorchExecutable implements Executable {
  readonly batchInputs: readonly ProgramInput[];
  /** Of each process: equal programs need not name them in one order. */
  readonly #inputs: readonly (readonly ProgramInput[])[];
  readonly #processes: readonly PythonProcess[];
  readonly #number: number;
  readonly #name: string;
  readonly #metrics: readonly { readonly name: string; readonly size: number }[];

  constructor(
    processes: readonly PythonProcess[],
    number: number,
    name: string,
    parts: readonly ProgramDescription[],
  ) {
    const [{ inputs, metrics, roots, nodes, updates }] = parts;
    this.batchInputs = inputs;
    this.#inputs = processes.map((_, rank) => (parts.length === 1 ? inputs : parts[rank].inputs));
    this.#processes = processes;
    this.#number = number;
    this.#name = name;
    this.#metrics = metrics.map((metric, i) => ({
      name: metric,
      size: sizeOf(nodes[roots[updates.length + i]][2]),
    }));
  }

  async step(
    state: State,
    batch: Readonly<Record<string, HostArray>>,
  ): Promise<Record<string, Float32Array>> {
    if (!(state instanceof PyTorchState)) {
      throw new GraphError('The state belongs to another engine.', 'Create it with this engine.');
    }
    await state.ready();
    const values = this.#inputs.map((inputs) => inputs.map((one) => checkedBatch(one, batch)));
    const header = { do: 'step', program: this.#number, state: state.number };
    const [{ payload }] = await everyone(this.#processes, (one, rank) =>
      one.request(this.#name, header, values[rank]),
    );
    const results = floatsOf(
      payload,
      this.#metrics.map(({ size }) => size),
    );
    return Object.fromEntries(this.#metrics.map(({ name }, i) => [name, results[i]]));
  }

  async dispose(): Promise<OperationTime[]> {
    // What has ended keeps nothing, and its end was told to who asked it last.
    if (this.#processes.some(({ hasEnded }) => hasEnded)) return [];
    const header = { do: 'release', program: this.#number };
    const [answer] = await everyone(this.#processes, (one) => one.request(this.#name, header));
    return timesSchema
      .parse(answer.header.times)
      .map(([operation, calls, milliseconds]) => ({
        operation,
        provider: this.#processes[0].hello.kind,
        calls,
        milliseconds,
      }))
      .sort((a, b) => b.milliseconds - a.milliseconds);
  }
}
