/**
 * Replay: rows of generic text among those of the domain, against forgetting. A share of the rows, evenly spread; generic
 * windows come in their own order, so that none is seen again before all were. The stream of the domain is what it is without.
 */
import * as z from 'zod';
import { CorruptionError } from '../common/errors.ts';
import type { BatchStream, StreamSource } from './stream.ts';

const stateSchema = z.object({
  rows: z.number().int().nonnegative(),
  own: z.unknown(),
  generic: z.unknown(),
});

/** `share` of the rows, from 0 to below 1, is generic; a row has `context` tokens. Neither stream has inputs besides. */
export function replayStream(
  { own, generic }: { readonly own: StreamSource; readonly generic: StreamSource },
  { share, context }: { readonly share: number; readonly context: number },
): StreamSource {
  const interleaved = (from: BatchStream, replayed: BatchStream, before: number): BatchStream => {
    let drawn = before;
    return {
      next(rows, ids, targets) {
        for (let row = 0; row < rows; row++) {
          const isReplayed = Math.floor((drawn + 1) * share) > Math.floor(drawn * share);
          const place = [row * context, (row + 1) * context] as const;
          (isReplayed ? replayed : from).next(1, ids.subarray(...place), targets.subarray(...place));
          drawn++;
        }
        return {};
      },
      state: () => ({ rows: drawn, own: from.state(), generic: replayed.state() }),
    };
  };
  return {
    start: () => interleaved(own.start(), generic.start(), 0),
    restore: (state) => {
      const parsed = stateSchema.safeParse(state);
      if (!parsed.success) {
        throw new CorruptionError(
          'The position of the training data in the checkpoint is not one.',
          'Remove the checkpoint and start this stage again.',
        );
      }
      const { rows, own: first, generic: second } = parsed.data;
      return interleaved(own.restore(first), generic.restore(second), rows);
    },
  };
}
