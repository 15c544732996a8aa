/**
 * TensorFlow.js as an engine: the graph's nodes are run one after the other, each value freed after its last use.
 * State stays on the device: a step's results take the place of what they came from, and are read when asked for.
 * Any backend of TensorFlow.js serves; on machines with CUDA it is that of `@tensorflow/tfjs-node-gpu`.
 *
 * Weighed: TensorFlow's own graphs (a GraphModel) would fuse more, but the package for Node.js can only load such
 * models from files of its own format, and the state would leave the device with each step.
 */
import type { Tensor as TfTensor } from '@tensorflow/tfjs-core';
import { GraphError } from '../../common/errors.ts';
import { optimize, topologicalOrder } from '../../graph/passes.ts';
import type { Node, Shape, Tensor } from '../../graph/tensor.ts';
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
import type { TensorFlowPackage } from './load.ts';
import { compute, type Tf } from './operations.ts';

export class TensorFlowEngine implements Engine {
  readonly device: DeviceReport;
  readonly #tf: Tf;
  readonly #states = new Set<TensorFlowState>();
  readonly #executables = new Set<TensorFlowExecutable>();

  constructor({ tf, name, backend, accelerated }: TensorFlowPackage) {
    this.#tf = tf;
    this.device = {
      engine: `tensorflow:${backend}`,
      version: tf.version_core,
      device: `${backend} backend of ${name}`,
      accelerated,
      threads: 1,
    };
  }

  createState(initial: Readonly<Record<string, HostTensor>>): State {
    const state = new TensorFlowState(this.#tf, initial, () => this.#states.delete(state));
    this.#states.add(state);
    return state;
  }

  async compile(program: Program, { profile = false } = {}): Promise<Executable> {
    const executable = new TensorFlowExecutable(this.#tf, program, profile, () =>
      this.#executables.delete(executable),
    );
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
  }
}

class TensorFlowState implements State {
  readonly #tf: Tf;
  readonly #tensors = new Map<string, TfTensor>();
  readonly #onDispose: () => void;

  constructor(tf: Tf, initial: Readonly<Record<string, HostTensor>>, onDispose: () => void) {
    this.#tf = tf;
    this.#onDispose = onDispose;
    for (const [name, { shape, data }] of Object.entries(initial))
      this.#tensors.set(name, this.#put(data, shape));
  }

  get names(): readonly string[] {
    return [...this.#tensors.keys()];
  }

  get bytes(): number {
    return [...this.#tensors.values()].reduce((sum, { size }) => sum + 4 * size, 0);
  }

  current(name: string): TfTensor {
    return this.#tensors.get(name) ?? unknownTensor(name, this.names);
  }

  /** Takes over the tensor and frees the one before. */
  replace(name: string, tensor: TfTensor): void {
    this.current(name).dispose();
    this.#tensors.set(name, tensor);
  }

  async read(names: readonly string[] = this.names): Promise<Record<string, HostTensor>> {
    const entries = names.map(async (name): Promise<[string, HostTensor]> => {
      const tensor = this.current(name);
      return [name, { shape: tensor.shape, data: await floats(tensor) }];
    });
    return Object.fromEntries(await Promise.all(entries));
  }

  async write(values: Readonly<Record<string, HostTensor>>): Promise<void> {
    for (const [name, { data }] of Object.entries(values)) {
      const { size, shape } = this.current(name);
      requireSize(name, size, data);
      this.replace(name, this.#put(data, shape));
    }
  }

  dispose(): void {
    for (const tensor of this.#tensors.values()) tensor.dispose();
    this.#tensors.clear();
    this.#onDispose();
  }

  #put(data: Float32Array, shape: Shape): TfTensor {
    // A copy: the plain backend keeps the array that it is given.
    return this.#tf.tensor(data.slice(), [...shape], 'float32');
  }
}

/** A node with the places of its inputs in the order of execution, and the values that are not used after it. */
interface Step {
  readonly node: Tensor;
  readonly inputs: readonly number[];
  readonly freed: readonly number[];
}

class TensorFlowExecutable implements Executable {
  readonly batchInputs: readonly ProgramInput[];
  readonly #tf: Tf;
  readonly #steps: readonly Step[];
  readonly #constants = new Map<number, TfTensor>();
  /** Places of the results. */
  readonly #updates: readonly (readonly [name: string, place: number])[];
  readonly #metrics: readonly (readonly [name: string, place: number])[];
  readonly #times: Map<string, { calls: number; milliseconds: number }> | undefined;
  readonly #onDispose: () => void;

  constructor(tf: Tf, program: Program, profile: boolean, onDispose: () => void) {
    this.#tf = tf;
    this.#onDispose = onDispose;
    this.#times = profile ? new Map() : undefined;
    const names = [Object.keys(program.updates), Object.keys(program.metrics)];
    const roots = optimize([...Object.values(program.updates), ...Object.values(program.metrics)]);
    const order = topologicalOrder(roots);
    const places = new Map(order.map((tensor, place) => [tensor, place]));
    const placeOf = (tensor: Tensor): number => places.get(tensor) ?? -1;
    const results = roots.map(placeOf);
    this.#updates = names[0].map((name, i) => [name, results[i]]);
    this.#metrics = names[1].map((name, i) => [name, results[names[0].length + i]]);
    this.#steps = stepsOf(order, placeOf, new Set(results));
    for (const [place, { operation, attributes }] of order.entries()) {
      if (operation !== 'constant') continue;
      this.#constants.set(place, hostTensor(tf, attributes.data, attributes.shape));
    }
    this.batchInputs = order
      .filter((node): node is Node<'input'> & Tensor => node.operation === 'input')
      .map(({ attributes }) => attributes)
      .filter(({ source }) => source === 'batch');
  }

  async step(
    state: State,
    batch: Readonly<Record<string, HostArray>>,
  ): Promise<Record<string, Float32Array>> {
    if (!(state instanceof TensorFlowState)) {
      throw new GraphError('The state belongs to another engine.', 'Create it with this engine.');
    }
    const fed = new Map(
      this.batchInputs.map((one) => [one.name, hostTensor(this.#tf, checkedBatch(one, batch), one.shape)]),
    );
    const values = this.#run(state, fed);
    const metrics: Record<string, Float32Array> = {};
    for (const [name, place] of this.#metrics) metrics[name] = await floats(values[place]);
    // Copies share the data; they are what stays when the values of this step are freed.
    const updates = this.#updates.map(([name, place]) => [name, this.#tf.clone(values[place])] as const);
    for (const place of new Set([...this.#updates, ...this.#metrics].map(([, own]) => own))) {
      if (this.#isOwn(place)) values[place].dispose();
    }
    for (const tensor of fed.values()) tensor.dispose();
    for (const [name, tensor] of updates) state.replace(name, tensor);
    return metrics;
  }

  async dispose(): Promise<OperationTime[]> {
    for (const tensor of this.#constants.values()) tensor.dispose();
    this.#constants.clear();
    this.#onDispose();
    return [...(this.#times ?? [])].map(([operation, time]) => ({
      operation,
      provider: this.#tf.getBackend(),
      ...time,
    }));
  }

  #run(state: TensorFlowState, fed: ReadonlyMap<string, TfTensor>): TfTensor[] {
    const values: TfTensor[] = [];
    for (const [place, { node, inputs, freed }] of this.#steps.entries()) {
      const began = performance.now();
      values[place] = this.#value(
        node,
        place,
        inputs.map((own) => values[own]),
        { state, fed },
      );
      for (const own of freed) values[own].dispose();
      this.#time(node.operation, began);
    }
    return values;
  }

  #value(node: Tensor, place: number, inputs: readonly TfTensor[], { state, fed }: StepInputs): TfTensor {
    if (node.operation === 'input') {
      const { name, source } = node.attributes;
      return (source === 'batch' ? fed.get(name) : undefined) ?? state.current(name);
    }
    return this.#constants.get(place) ?? compute(node, inputs, this.#tf);
  }

  /** Whether the value at a place was made by the step, and is not an input or a constant. */
  #isOwn(place: number): boolean {
    const { operation } = this.#steps[place].node;
    return operation !== 'input' && operation !== 'constant';
  }

  #time(operation: string, began: number): void {
    if (this.#times === undefined) return;
    const time = this.#times.get(operation) ?? { calls: 0, milliseconds: 0 };
    time.calls++;
    time.milliseconds += performance.now() - began;
    this.#times.set(operation, time);
  }
}

/** What a step is given. */
interface StepInputs {
  readonly state: TensorFlowState;
  /** The batch, by the names of its inputs. */
  readonly fed: ReadonlyMap<string, TfTensor>;
}

function stepsOf(
  order: readonly Tensor[],
  placeOf: (tensor: Tensor) => number,
  kept: ReadonlySet<number>,
): Step[] {
  const lastUse = new Map<number, number>();
  for (const [place, { inputs }] of order.entries()) {
    for (const input of inputs) lastUse.set(placeOf(input), place);
  }
  return order.map((node, place) => {
    const inputs = node.inputs.map(placeOf);
    const freed = [...new Set(inputs)].filter(
      (own) =>
        lastUse.get(own) === place &&
        !kept.has(own) &&
        order[own].operation !== 'input' &&
        order[own].operation !== 'constant',
    );
    return { node, inputs, freed };
  });
}

function hostTensor(tf: Tf, data: HostArray, shape: Shape): TfTensor {
  return tf.tensor(data.slice(), [...shape], data instanceof Float32Array ? 'float32' : 'int32');
}

async function floats(tensor: TfTensor): Promise<Float32Array> {
  return Float32Array.from(await tensor.data());
}
