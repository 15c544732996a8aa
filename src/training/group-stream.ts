/**
 * Batches of groups for a projected network: each step draws a cluster for every group, and fills the group's rows
 * from that cluster's own stream of windows, every one of which is drawn once before any is drawn again.
 */
import * as z from 'zod';
import { CorruptionError, InputError } from '../common/errors.ts';
import { Random } from '../common/random.ts';
import { TrainingSampler } from '../corpus/windows/sampler.ts';
import type { WindowSource } from '../corpus/windows/windows.ts';
import type { BatchStream, StreamSource } from './stream.ts';

export interface GroupStreamSettings {
  /** The windows of each cluster; may be none where the share is zero. */
  readonly windowsByCluster: readonly WindowSource[];
  /** How often each cluster is drawn, relative to the others. */
  readonly shares: readonly number[];
  /** Groups in a batch; they divide its rows. */
  readonly groups: number;
  readonly seed: number;
}

const word = z.number().int().nonnegative();

const stateSchema = z.object({
  draws: z.tuple([word, word, word, word]),
  /** The position in each cluster; `null` where nothing is drawn. */
  samplers: z.array(z.unknown()),
});

type GroupStreamState = z.infer<typeof stateSchema>;

/** Gives the batch input `clusters` int32[groups]. */
export function groupStream(settings: GroupStreamSettings): StreamSource {
  requireTextInDrawn(settings);
  return {
    start: () => new GroupStream(settings, undefined),
    restore: (state) => new GroupStream(settings, parseState(settings, state)),
  };
}

class GroupStream implements BatchStream {
  readonly #settings: GroupStreamSettings;
  readonly #draws: Random;
  readonly #samplers: readonly (TrainingSampler | undefined)[];
  /** The sum of the shares up to each cluster, itself included, over the sum of all. */
  readonly #cumulative: readonly number[];

  constructor(settings: GroupStreamSettings, state: GroupStreamState | undefined) {
    const { windowsByCluster, shares, seed } = settings;
    this.#settings = settings;
    this.#draws = state ? Random.fromState(state.draws) : Random.fromSeed(seed, 'clusters of groups');
    this.#samplers = windowsByCluster.map((windows, cluster) => {
      if (shares[cluster] === 0) return undefined;
      return state
        ? TrainingSampler.restore(windows, state.samplers[cluster])
        : new TrainingSampler(windows, Random.fromSeed(seed, `windows of cluster ${cluster}`).uint32());
    });
    const total = shares.reduce((sum, share) => sum + share, 0);
    let sum = 0;
    this.#cumulative = shares.map((share) => {
      sum += share;
      return sum / total;
    });
  }

  next(rows: number, ids: Int32Array, targets: Int32Array): { clusters: Int32Array } {
    const { groups } = this.#settings;
    if (rows % groups !== 0) throw new RangeError(`${rows} rows do not divide into ${groups} groups.`);
    const clusters = Int32Array.from({ length: groups }, () => this.#drawCluster());
    const length = ids.length / groups;
    clusters.forEach((cluster, group) => {
      const range = [group * length, (group + 1) * length] as const;
      this.#samplers[cluster]?.next(rows / groups, ids.subarray(...range), targets.subarray(...range));
    });
    return { clusters };
  }

  state(): GroupStreamState {
    const [a, b, c, d] = this.#draws.state;
    return { draws: [a, b, c, d], samplers: this.#samplers.map((sampler) => sampler?.state() ?? null) };
  }

  #drawCluster(): number {
    const drawn = this.#draws.uniform();
    return this.#cumulative.findIndex((upTo) => drawn < upTo);
  }
}

function requireTextInDrawn({ windowsByCluster, shares }: GroupStreamSettings): void {
  if (windowsByCluster.length !== shares.length) {
    throw new RangeError(`${windowsByCluster.length} clusters have ${shares.length} shares.`);
  }
  if (!shares.some((share) => share > 0) || !shares.every((share) => share >= 0 && Number.isFinite(share))) {
    throw new RangeError('Shares of clusters must be numbers from zero on, and one of them above it.');
  }
  const empty = shares.findIndex((share, cluster) => share > 0 && windowsByCluster[cluster].count === 0);
  if (empty !== -1) {
    throw new InputError(
      `Cluster ${empty} is to be trained on but has no text.`,
      'Use fewer clusters, or a larger generic corpus.',
    );
  }
}

function parseState({ shares }: GroupStreamSettings, state: unknown): GroupStreamState {
  const parsed = stateSchema.safeParse(state);
  if (parsed.success && parsed.data.samplers.length === shares.length) return parsed.data;
  throw new CorruptionError(
    `The position of the training data in the checkpoint is not one of groups from ${shares.length} clusters.`,
    'Remove the checkpoint and start this stage again.',
    parsed.error,
  );
}
