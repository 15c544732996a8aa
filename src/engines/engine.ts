/**
 * What an engine does: it compiles step programs (graphs) and runs them on state that it keeps where it computes.
 * State is read back or written only when asked, so that the same interface serves a CPU, where state is host
 * memory, and a GPU, where it never leaves the device between steps.
 */
import type { DataType, Shape, Tensor } from '../graph/tensor.ts';

/** Values in host memory. */
export type HostArray = Float32Array | Int32Array;

export interface HostTensor {
  readonly shape: Shape;
  readonly data: Float32Array;
}

/**
 * One compiled unit of work. `updates` are the new values of state tensors by state name, `metrics` the values
 * to hand back. Its inputs are the `input` nodes that these reach: state by name, and the batch fed each step.
 */
export interface Program {
  readonly name: string;
  readonly updates: Readonly<Record<string, Tensor>>;
  readonly metrics: Readonly<Record<string, Tensor>>;
  /**
   * All that reads the state comes before the first of its new values is made, but for what makes that value: the state may
   * be overwritten as a step goes.
   */
  readonly overwrites?: boolean;
  /**
   * What the second and further devices of an engine compute of the same program: the same updates and metrics, from their own
   * part of the batch and what all have summed (`sumOverDevices`).
   */
  readonly others?: readonly Program[];
}

/** An input of a program, found in its graph. */
export interface ProgramInput {
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: DataType;
}

/** Named float32 tensors that live on the engine's device. */
export interface State {
  readonly names: readonly string[];
  /** Copies tensors to host memory. */
  read(names?: readonly string[]): Promise<Record<string, HostTensor>>;
  /** Overwrites tensors; names and shapes must be there already. */
  write(values: Readonly<Record<string, HostTensor>>): Promise<void>;
  dispose(): void;
}

export interface Executable {
  readonly batchInputs: readonly ProgramInput[];
  /** Runs the program once: reads and updates `state`, returns the metrics. */
  step(state: State, batch: Readonly<Record<string, HostArray>>): Promise<Record<string, Float32Array>>;
  /** Ends profiling, if it was on, and tells where the time went; frees the program. */
  dispose(): Promise<OperationTime[]>;
}

/** Time spent in one kind of kernel over all profiled steps. */
export interface OperationTime {
  readonly operation: string;
  /** The part of the engine that computed it, in its own words. */
  readonly provider: string;
  readonly calls: number;
  readonly milliseconds: number;
}

export interface DeviceReport {
  /** For example `onnxruntime:cpu`. */
  readonly engine: string;
  readonly version: string;
  readonly device: string;
  /** True of a graphics processor, or what else is far faster than a processor; absent where that is not known. */
  readonly accelerated?: boolean;
  readonly threads: number;
}

export interface Engine {
  readonly device: DeviceReport;
  /** On how many devices a program may be computed at once; 1 where it is not said. */
  readonly devices?: number;
  /**
   * The values are not copied: they must stay as they are while the state lives. It changes them only where they are its
   * own from now on (`owned`).
   */
  createState(initial: Readonly<Record<string, HostTensor>>, options?: { readonly owned?: boolean }): State;
  compile(program: Program, options?: { readonly profile?: boolean }): Promise<Executable>;
  /** Bytes held by state, and the most that this process and those of the engine have held in host memory. */
  memory(): { readonly stateBytes: number; readonly peakBytes: number };
  dispose(): Promise<void>;
}
