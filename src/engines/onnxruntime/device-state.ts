/**
 * State that never leaves the GPU between steps. What is created or written waits in host memory until a program first
 * needs it; the new values of a step are the tensors that the run has made, and the old ones are let go.
 *
 * ONNX Runtime 1.30 aborts the process when a tensor on the GPU is asked for its data, so that reading goes through a
 * graph of one Identity whose output lies in host memory; writing goes through the same graph with its output on the GPU.
 */
import {
  type InferenceSession,
  type Tensor as OrtTensor,
  InferenceSession as Session,
} from 'onnxruntime-node';
import { sizeOf } from '../../graph/tensor.ts';
import { requireSize, unknownTensor } from '../checks.ts';
import type { HostTensor } from '../engine.ts';
import { encodeModel } from './onnx.ts';
import type { SessionState } from './state.ts';
import { BYTES_OF_FLOAT, floats, hostTensor } from './tensors.ts';

export class DeviceState implements SessionState {
  /** Newer than what the device holds under the same name. */
  readonly #waiting = new Map<string, HostTensor>();
  readonly #resident = new Map<string, OrtTensor>();
  readonly #transfer: Transfer;
  readonly #onDispose: () => void;

  constructor(initial: Readonly<Record<string, HostTensor>>, transfer: Transfer, onDispose: () => void) {
    this.#transfer = transfer;
    this.#onDispose = onDispose;
    for (const [name, { shape, data }] of Object.entries(initial)) {
      this.#waiting.set(name, { shape, data: data.slice() });
    }
  }

  get names(): readonly string[] {
    return [...new Set([...this.#waiting.keys(), ...this.#resident.keys()])];
  }

  get bytes(): number {
    const waiting = [...this.#waiting.values()].map(({ data }) => data.length);
    const resident = [...this.#resident.values()].map(({ size }) => size);
    return BYTES_OF_FLOAT * [...waiting, ...resident].reduce((sum, size) => sum + size, 0);
  }

  async inputs(names: readonly string[]): Promise<Record<string, OrtTensor>> {
    const tensors: Record<string, OrtTensor> = {};
    for (const name of names) tensors[name] = await this.#onDevice(name);
    return tensors;
  }

  target(): null {
    return null;
  }

  replace(values: ReadonlyMap<string, OrtTensor>): void {
    for (const [name, tensor] of values) {
      this.#resident.get(name)?.dispose();
      this.#resident.set(name, tensor);
      this.#waiting.delete(name);
    }
  }

  async read(names: readonly string[] = this.names): Promise<Record<string, HostTensor>> {
    const values: Record<string, HostTensor> = {};
    for (const name of names) {
      const waiting = this.#waiting.get(name);
      if (waiting !== undefined) {
        values[name] = { shape: waiting.shape, data: waiting.data.slice() };
      } else {
        const tensor = this.#resident.get(name) ?? unknownTensor(name, this.names);
        values[name] = { shape: tensor.dims, data: await this.#transfer.toHost(tensor) };
      }
    }
    return values;
  }

  async write(values: Readonly<Record<string, HostTensor>>): Promise<void> {
    for (const [name, { data }] of Object.entries(values)) {
      const { dims } = this.#resident.get(name) ?? {};
      const shape = dims ?? this.#waiting.get(name)?.shape ?? unknownTensor(name, this.names);
      requireSize(name, sizeOf(shape), data);
      this.#waiting.set(name, { shape, data: data.slice() });
    }
  }

  dispose(): void {
    for (const tensor of this.#resident.values()) tensor.dispose();
    this.#resident.clear();
    this.#waiting.clear();
    this.#onDispose();
  }

  async #onDevice(name: string): Promise<OrtTensor> {
    const waiting = this.#waiting.get(name);
    if (waiting !== undefined) {
      const tensor = await this.#transfer.toDevice(waiting);
      this.replace(new Map([[name, tensor]]));
    }
    return this.#resident.get(name) ?? unknownTensor(name, this.names);
  }
}

/** Copies tensors of any shape between host memory and the GPU. */
export class Transfer {
  readonly #sessions = new Map<'cpu' | 'gpu-buffer', Promise<InferenceSession>>();

  async toDevice({ shape, data }: HostTensor): Promise<OrtTensor> {
    return this.#copy(hostTensor(data, shape), 'gpu-buffer');
  }

  async toHost(tensor: OrtTensor): Promise<Float32Array> {
    return floats(await this.#copy(tensor, 'cpu'));
  }

  async dispose(): Promise<void> {
    for (const session of this.#sessions.values()) await (await session).release();
    this.#sessions.clear();
  }

  async #copy(value: OrtTensor, location: 'cpu' | 'gpu-buffer'): Promise<OrtTensor> {
    let session = this.#sessions.get(location);
    if (session === undefined) {
      session = Session.create(identity, {
        executionProviders: ['webgpu'],
        preferredOutputLocation: location,
        logSeverityLevel: 4,
      });
      this.#sessions.set(location, session);
    }
    const { copy } = await (await session).run({ value });
    return copy;
  }
}

const identity = encodeModel({
  name: 'transfer',
  nodes: [{ type: 'Identity', inputs: ['value'], outputs: ['copy'] }],
  constants: [],
  inputs: [{ name: 'value', dtype: 'float32' }],
  outputs: [{ name: 'copy', dtype: 'float32' }],
});
