/**
 * Passes over graphs: order, simplification, expansion of composite operations, and common-subexpression
 * elimination. What no output needs is never visited, so dead nodes fall away with every pass.
 */
import { sha256 } from '../common/hash.ts';
import { canonicalJson } from '../common/json.ts';
import { apply } from './build.ts';
import { type Expansion, expansions } from './expansions.ts';
import { simplify } from './simplify.ts';
import type { Attributes, Node, OperationName, Tensor } from './tensor.ts';

/**
 * All tensors that `outputs` need, inputs before users, without those in `known` and what only they need.
 * Iterative, since graphs are deeper than the call stack.
 */
export function topologicalOrder(
  outputs: readonly Tensor[],
  known: ReadonlyMap<Tensor, unknown> = new Map(),
): Tensor[] {
  const order: Tensor[] = [];
  const done = new Set<Tensor>();
  const stack = outputs.map((tensor) => ({ tensor, next: 0 })).reverse();
  while (stack.length > 0) {
    const top = stack[stack.length - 1];
    if (done.has(top.tensor) || known.has(top.tensor)) {
      stack.pop();
    } else if (top.next < top.tensor.inputs.length) {
      stack.push({ tensor: top.tensor.inputs[top.next++], next: 0 });
    } else {
      done.add(top.tensor);
      order.push(top.tensor);
      stack.pop();
    }
  }
  return order;
}

/**
 * Rewrites the graph so that nodes are simple, equal nodes are one node and every composite operation that is not `native` to the
 * engine is expanded. Returns the outputs in their order.
 */
export function optimize(
  outputs: readonly Tensor[],
  native: ReadonlySet<OperationName> = new Set(),
): Tensor[] {
  const rewriter = new Rewriter(native);
  return rewriter.rewrite(outputs);
}

class Rewriter {
  readonly #native: ReadonlySet<OperationName>;
  readonly #replaced = new Map<Tensor, Tensor>();
  readonly #unique = new Map<string, Tensor>();
  readonly #ids = new Map<Tensor, number>();

  constructor(native: ReadonlySet<OperationName>) {
    this.#native = native;
  }

  rewrite(outputs: readonly Tensor[]): Tensor[] {
    for (const tensor of topologicalOrder(outputs, this.#replaced)) {
      if (!this.#replaced.has(tensor)) this.#replaced.set(tensor, this.#replacement(tensor));
    }
    return outputs.map((tensor) => this.#replaced.get(tensor) ?? tensor);
  }

  #replacement(tensor: Tensor): Tensor {
    const inputs = tensor.inputs.map((input) => this.#replaced.get(input) ?? input);
    const merged = this.#merge(tensor.operation, inputs, tensor.attributes);
    const simpler = simplify(merged) ?? (this.#native.has(merged.operation) ? undefined : expandOnce(merged));
    const replacement = simpler === undefined ? merged : this.rewrite([simpler])[0];
    this.#replaced.set(merged, replacement);
    return replacement;
  }

  /** The one node for this operation, inputs and attributes. */
  #merge<Name extends OperationName>(
    operation: Name,
    inputs: readonly Tensor[],
    attributes: Attributes[Name],
  ): Tensor {
    const key = `${operation}|${inputs.map((input) => this.#ids.get(input)).join(',')}|${attributeKey(attributes)}`;
    let tensor = this.#unique.get(key);
    if (tensor === undefined) {
      tensor = apply(operation, inputs, attributes);
      this.#unique.set(key, tensor);
      this.#ids.set(tensor, this.#ids.size);
      this.#replaced.set(tensor, tensor);
    }
    return tensor;
  }
}

function expandOnce<Name extends OperationName>(node: Node<Name> & Tensor): Tensor | undefined {
  const expand: Expansion<Name> | undefined = expansions[node.operation];
  return expand?.(node);
}

/** Values of constants do not change. */
const hashes = new WeakMap<ArrayBufferView, string>();

function hashOf(values: ArrayBufferView): string {
  const known = hashes.get(values);
  if (known !== undefined) return known;
  const hash = sha256(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  hashes.set(values, hash);
  return hash;
}

function attributeKey(attributes: object): string {
  const parts = Object.entries(attributes).map(([name, value]) =>
    ArrayBuffer.isView(value) ? [name, hashOf(value)] : [name, value],
  );
  return parts.length === 0 ? '' : canonicalJson(Object.fromEntries(parts));
}
