/**
 * Where a training's batches come from. A source starts a stream or restores one from the state in a checkpoint; the
 * training loop knows nothing else of its data, so that a method with other batches brings its own stream.
 */
import { TrainingSampler } from '../corpus/windows/sampler.ts';
import type { WindowSource } from '../corpus/windows/windows.ts';
import type { HostArray } from '../engines/engine.ts';

export interface BatchStream {
  /**
   * Fills `rows` rows of inputs and targets, row after row, and returns what else the step takes as batch inputs,
   * by name.
   */
  next(rows: number, ids: Int32Array, targets: Int32Array): Readonly<Record<string, HostArray>>;
  /** Where the stream stands; JSON-able. */
  state(): unknown;
}

export interface StreamSource {
  start(): BatchStream;
  /** A stream that goes on where `state` was taken; throws a CorruptionError when it was taken elsewhere. */
  restore(state: unknown): BatchStream;
}

/** Every window once an epoch in random order, packed into rows. */
export function windowStream(windows: WindowSource, seed: number): StreamSource {
  const streamOf = (sampler: TrainingSampler): BatchStream => ({
    next(rows, ids, targets) {
      sampler.next(rows, ids, targets);
      return {};
    },
    state: () => sampler.state(),
  });
  return {
    start: () => streamOf(new TrainingSampler(windows, seed)),
    restore: (state) => streamOf(TrainingSampler.restore(windows, state)),
  };
}
