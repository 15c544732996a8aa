/**
 * Which runs have come to an end that a person should hear of: since the last look, also that of an earlier window.
 * Failures are told at once; what finished is reported together, when nothing of that storage is left to wait for. Pure.
 */
import { ENDED_BY_SYSTEM, type RunView } from '../../experiments/runs/run-view.ts';
import { isLiving } from '../run-words.ts';

export interface Endings {
  /** Each group is reported at once: all of one storage. */
  readonly finished: readonly (readonly RunView[])[];
  readonly failed: readonly RunView[];
  /** Keys of those to hear of later. */
  readonly awaited: readonly string[];
}

/** `awaited`: those of the last look. What the user stopped is no news. */
export function endings(awaited: readonly string[], runs: readonly RunView[]): Endings {
  const before = new Set(awaited);
  const living = runs.filter(isLiving);
  const busy = new Set(living.map(({ storage }) => storage));
  const ended = runs.filter((run) => before.has(keyOf(run)));
  const finished = ended.filter(({ phase }) => phase === 'finished');
  const ready = finished.filter(({ storage }) => !busy.has(storage));
  const later = finished.filter(({ storage }) => busy.has(storage));
  return {
    finished: [...new Set(ready.map(({ storage }) => storage))].map((storage) =>
      ready.filter((run) => run.storage === storage),
    ),
    failed: ended.filter((run) => run.phase === 'failed' || isEndedFromOutside(run)),
    awaited: [...living, ...later].map(keyOf).sort(),
  };
}

/** Nobody has stopped it, and nothing in it went wrong. */
export function isEndedFromOutside({ phase, message }: RunView): boolean {
  return phase === 'lost' || (phase === 'interrupted' && message === ENDED_BY_SYSTEM);
}

function keyOf({ storage, id }: RunView): string {
  return `${storage}\n${id}`;
}
