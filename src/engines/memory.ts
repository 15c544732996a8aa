/**
 * How much memory a training program takes on the CPU, from its graph: its activations, its state, and what ONNX
 * Runtime needs for the graph itself. A value lives from the operation that makes it to the last that reads it; an
 * element-wise operation takes over the memory of an input that dies with it, as ONNX Runtime does; reshapes take
 * none. The highest sum in the order of execution is the peak of activations.
 *
 * The constants are fitted to measured peaks of models from 0.3 to 135 million parameters (test/integration/cli/memory.test.ts,
 * `npm run bench:memory`).
 */
import { optimize, topologicalOrder } from '../graph/passes.ts';
import { type OperationName, type Shape, sizeOf, type Tensor } from '../graph/tensor.ts';
import type { Program } from './engine.ts';
import { NATIVE } from './onnxruntime/lower.ts';

/** Node.js with ONNX Runtime loaded and the buffers of its tensors, before any program. */
const RUNTIME_BYTES = 46e6;
/** What a session holds for each node of the graph. */
const NODE_BYTES = 8e3;
/** What the arena takes for the values that live in it: it grows by doubling, and its blocks do not fit exactly. */
const ARENA_FACTOR = 2.4;
/** Without an arena, what the allocator keeps. */
const HEAP_FACTOR = 1.2;
/** From so many on there is no arena: it keeps much more than it gives, and is no faster (`npm run bench:memory` without this). */
const LARGE_ACTIVATION_BYTES = 1e9;
/** Of what a step changes: one set, which it overwrites, and a part on its way to a checkpoint. */
const CHANGING_SETS = 1.25;
const DEVICE_STATE_SETS = 2;

const ELEMENT_BYTES = 4;

/** Operations whose kernels may write their result over an input of the same size. */
const IN_PLACE: ReadonlySet<OperationName> = new Set([
  'add',
  'subtract',
  'multiply',
  'divide',
  'maximum',
  'minimum',
  'negate',
  'exponential',
  'logarithm',
  'squareRoot',
  'sigmoid',
  'step',
  'softmax',
]);

/** What a program needs of a device that keeps its state: predicted, the driver's own share not counted. */
export interface DeviceNeed {
  readonly bytes: number;
  /** The largest value, which must fit one buffer. */
  readonly largest: { readonly bytes: number; readonly shape: Shape; readonly isState: boolean };
}

/** State twice, as it is before and after a step, and the activations at their peak. */
export function predictDeviceNeed(program: Program): DeviceNeed {
  const roots = optimize([...Object.values(program.updates), ...Object.values(program.metrics)], NATIVE);
  const order = topologicalOrder(roots);
  const largest = order.reduce((a, b) => (sizeOf(b.shape) > sizeOf(a.shape) ? b : a));
  return {
    bytes: DEVICE_STATE_SETS * stateBytesOf(order) + peakActivationBytes(roots),
    largest: {
      bytes: ELEMENT_BYTES * sizeOf(largest.shape),
      shape: largest.shape,
      isState: largest.operation === 'input' && largest.attributes.source === 'state',
    },
  };
}

function stateBytesOf(order: readonly Tensor[]): number {
  return order.reduce(
    (sum, tensor) =>
      tensor.operation === 'input' && tensor.attributes.source === 'state'
        ? sum + ELEMENT_BYTES * sizeOf(tensor.shape)
        : sum,
    0,
  );
}

/** What does not change is there once. */
function changingBytes({ updates }: Program): number {
  return ELEMENT_BYTES * Object.values(updates).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

/**
 * The peak of resident memory that a process reaches by running a training program, in bytes, given what it holds
 * before any engine is loaded.
 */
export function predictPeakBytes(program: Program, residentBytes: number): number {
  const outputs = [...Object.values(program.updates), ...Object.values(program.metrics)];
  const roots = optimize(outputs, NATIVE);
  const order = topologicalOrder(roots);
  const activationBytes = peakActivationBytes(roots);
  return (
    residentBytes +
    RUNTIME_BYTES +
    NODE_BYTES * order.length +
    stateBytesOf(order) +
    (CHANGING_SETS - 1) * changingBytes(program) +
    (keepsArena(activationBytes) ? ARENA_FACTOR : HEAP_FACTOR) * activationBytes
  );
}

/** Whether activations come from memory that ONNX Runtime keeps from step to step. */
export function keepsArena(activationBytes: number): boolean {
  return activationBytes < LARGE_ACTIVATION_BYTES;
}

/** Peak bytes of intermediate values; `roots` are optimized as the engine runs them, and are not counted. */
export function peakActivationBytes(roots: readonly Tensor[]): number {
  const order = topologicalOrder(roots);
  const results = new Set(roots);
  const owners = new Map<Tensor, Tensor>();
  const owner = (tensor: Tensor): Tensor => owners.get(tensor) ?? tensor;
  for (const tensor of order) if (tensor.operation === 'reshape') owners.set(tensor, owner(tensor.inputs[0]));
  const remaining = new Map<Tensor, number>();
  for (const { inputs } of order) {
    for (const input of inputs) remaining.set(owner(input), (remaining.get(owner(input)) ?? 0) + 1);
  }
  const held = new Map<Tensor, number>();
  let live = 0;
  let peak = 0;
  for (const tensor of order) {
    const dying = tensor.inputs.map(owner).filter((input) => {
      const left = (remaining.get(input) ?? 0) - 1;
      remaining.set(input, left);
      return left <= 0;
    });
    if (isAllocated(tensor) && owner(tensor) === tensor && !results.has(tensor)) {
      const bytes = ELEMENT_BYTES * sizeOf(tensor.shape);
      const reused = IN_PLACE.has(tensor.operation)
        ? dying.find((input) => held.get(input) === bytes)
        : undefined;
      if (reused === undefined) live += bytes;
      else held.delete(reused);
      held.set(tensor, bytes);
      peak = Math.max(peak, live);
    }
    for (const input of dying) {
      live -= held.get(input) ?? 0;
      held.delete(input);
    }
  }
  return peak;
}

function isAllocated({ operation }: Tensor): boolean {
  return operation !== 'input' && operation !== 'constant';
}
