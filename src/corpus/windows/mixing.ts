/**
 * Windows of a second source among those of a first, by share of the tokens: in-domain text in pretraining. The list is made
 * once and the sampler shuffles it, so nothing else need know.
 */
import { Random } from '../../common/random.ts';
import { Permutation } from './permutation.ts';
import { JoinedWindows, SubsetWindows } from './window-lists.ts';
import type { WindowSource } from './windows.ts';

export interface Mixing {
  readonly share: number;
  readonly maximumRepetition?: number;
}

/**
 * All windows of `main` and as many of `extra` that they make up `share` (below 1) of the tokens, as nearly as whole
 * windows allow and one at least: a random choice where few are needed, repeated in turn where more are needed than
 * there are, each at most `maximumRepetition` times.
 */
export function mixWindows(
  main: WindowSource,
  extra: WindowSource,
  { share, maximumRepetition = Number.POSITIVE_INFINITY }: Mixing,
  seed: number,
): WindowSource {
  if (share === 0 || extra.count === 0) return main;
  const wanted = (main.tokens * share) / (1 - share);
  const order = new Permutation(extra.count, Random.fromSeed(seed, 'mixed windows'));
  const chosen: number[] = [];
  let tokens = 0;
  while (tokens < wanted && chosen.length < extra.count * maximumRepetition) {
    const window = order.at(chosen.length % extra.count);
    chosen.push(window);
    tokens += extra.length(window);
  }
  return new JoinedWindows([main, new SubsetWindows(extra, Uint32Array.from(chosen))]);
}
