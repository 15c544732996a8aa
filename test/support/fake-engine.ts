/** An engine that computes nothing: steps change no weights, and losses are what a test says. */
import type { Engine, State } from '../../src/engines/engine.ts';

export interface FakeEngine extends Engine {
  /** Training steps that were computed. */
  readonly steps: () => number;
}

/** `validationLoss`: of the so-many-th batch that is evaluated, from 0. */
export function fakeEngine(validationLoss: (evaluation: number) => number = () => 3): FakeEngine {
  let steps = 0;
  let evaluations = 0;
  return {
    device: { engine: 'fake', version: '', device: '', threads: 1 },
    steps: () => steps,
    createState: heldState,
    compile: async ({ name }) => ({
      batchInputs: [],
      step: async (_state, { ids }): Promise<Record<string, Float32Array>> => {
        if (name === 'evaluation') {
          return { losses: new Float32Array(ids.length).fill(validationLoss(evaluations++)) };
        }
        steps++;
        return { loss: Float32Array.of(3), gradientNorm: Float32Array.of(1) };
      },
      dispose: async () => [],
    }),
    memory: () => ({ stateBytes: 0, peakBytes: 0 }),
    dispose: async () => undefined,
  };
}

const heldState: Engine['createState'] = (initial) => {
  const held = new Map(Object.entries(initial));
  const names = [...held.keys()];
  const read: State['read'] = async (wanted = names) =>
    Object.fromEntries([...held].filter(([name]) => wanted.includes(name)));
  const write: State['write'] = async (values) => {
    for (const [name, tensor] of Object.entries(values)) held.set(name, tensor);
  };
  return { names, read, write, dispose: () => undefined };
};
