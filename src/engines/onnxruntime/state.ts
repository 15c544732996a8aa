/**
 * State as the executables of ONNX Runtime see it, and the state that lies in host memory. A program that may overwrite it
 * does. For any other there are two sets, of which a step reads one and writes the other, after which they change places,
 * so that no tensor is copied and none is overwritten while it is still needed. What was given at the start is not copied,
 * and written to only where it is owned.
 */

import type { Tensor as OrtTensor } from 'onnxruntime-node';
import { sizeOf } from '../../graph/tensor.ts';
import { requireSize, unknownTensor } from '../checks.ts';
import type { HostTensor, State } from '../engine.ts';
import { BYTES_OF_FLOAT, floats, hostTensor } from './tensors.ts';

export interface SessionState extends State {
  readonly bytes: number;
  /** The tensors to feed to a session, where its provider computes. */
  inputs(names: readonly string[]): Promise<Record<string, OrtTensor>>;
  /** The tensor that takes a new value, the old one if it may be overwritten; `null` where the provider makes one. */
  target(name: string, overwrites: boolean): OrtTensor | null;
  /** Takes the new values over, after a run that succeeded. */
  replace(values: ReadonlyMap<string, OrtTensor>): void;
}

export class HostState implements SessionState {
  readonly #current = new Map<string, OrtTensor>();
  readonly #next = new Map<string, OrtTensor>();
  /** Tensors whose values are those that were given: they are read, and never written to. */
  readonly #given = new Set<string>();
  readonly #onDispose: () => void;

  constructor(
    initial: Readonly<Record<string, HostTensor>>,
    { owned, onDispose }: { readonly owned: boolean; onDispose(): void },
  ) {
    this.#onDispose = onDispose;
    for (const [name, { shape, data }] of Object.entries(initial)) {
      this.#current.set(name, hostTensor(data, shape));
      if (!owned) this.#given.add(name);
    }
  }

  get names(): readonly string[] {
    return [...this.#current.keys()];
  }

  get bytes(): number {
    const all = [...this.#current.values(), ...this.#next.values()];
    return all.reduce((sum, tensor) => sum + BYTES_OF_FLOAT * tensor.size, 0);
  }

  async inputs(names: readonly string[]): Promise<Record<string, OrtTensor>> {
    return Object.fromEntries(names.map((name) => [name, this.#tensor(name)]));
  }

  target(name: string, overwrites: boolean): OrtTensor {
    if (overwrites && !this.#given.has(name)) return this.#tensor(name);
    let tensor = this.#next.get(name);
    if (tensor === undefined) {
      const { dims } = this.#tensor(name);
      tensor = hostTensor(new Float32Array(sizeOf(dims)), dims);
      this.#next.set(name, tensor);
    }
    return tensor;
  }

  replace(values: ReadonlyMap<string, OrtTensor>): void {
    for (const name of values.keys()) {
      const [current, next] = [this.#tensor(name), this.#next.get(name)];
      if (next === undefined) continue;
      this.#current.set(name, next);
      if (this.#given.delete(name)) this.#next.delete(name);
      else this.#next.set(name, current);
    }
  }

  async read(names: readonly string[] = this.names): Promise<Record<string, HostTensor>> {
    const entries = names.map((name): [string, HostTensor] => {
      const tensor = this.#tensor(name);
      return [name, { shape: tensor.dims, data: floats(tensor).slice() }];
    });
    return Object.fromEntries(entries);
  }

  async write(values: Readonly<Record<string, HostTensor>>): Promise<void> {
    for (const [name, { data }] of Object.entries(values)) {
      const current = this.#tensor(name);
      requireSize(name, current.size, data);
      if (this.#given.delete(name)) this.#current.set(name, hostTensor(data.slice(), current.dims));
      else floats(current).set(data);
    }
  }

  dispose(): void {
    this.#current.clear();
    this.#next.clear();
    this.#onDispose();
  }

  #tensor(name: string): OrtTensor {
    return this.#current.get(name) ?? unknownTensor(name, this.names);
  }
}
