/** What running stages would do, and what stages cost, each fingerprint counted once. */
import type { Booking, Cost, LedgerEntry } from '../budget/ledger.ts';
import { CorruptionError, InputError } from '../common/errors.ts';
import { addCosts, NO_COST } from './cost.ts';
import { fingerprint, type Stage } from './stage.ts';
import type { ArtifactStore } from './store.ts';
import { readWorkDescription } from './work.ts';

/** `not needed`: it is not in the store, and all that depend on it are. */
export type PlannedState = 'cached' | 'to resume' | 'to compute' | 'not needed';

export interface PlannedStage {
  readonly fingerprint: string;
  readonly stage: Stage;
  readonly state: PlannedState;
}

/** All stages with their inputs, each fingerprint once, in the order of execution. */
export async function plan(stages: readonly Stage[], store: ArtifactStore): Promise<PlannedStage[]> {
  const ordered = inOrder(stages);
  const looked = [...ordered.keys()].map(async (id) => [id, await stateOf(id, store)] as const);
  const states = new Map(await Promise.all(looked));
  const needed = new Set<string>();
  const need = (stage: Stage): void => {
    const id = fingerprint(stage);
    if (needed.has(id)) return;
    needed.add(id);
    if (states.get(id) !== 'cached') for (const input of Object.values(stage.inputs)) need(input);
  };
  for (const stage of stages) need(stage);
  return [...ordered].map(([id, stage]) => {
    const state = states.get(id) ?? 'to compute';
    return { fingerprint: id, stage, state: state === 'cached' || needed.has(id) ? state : 'not needed' };
  });
}

export interface CollectedCost extends Readonly<Record<Booking, Cost>> {
  /** One line a stage, in the order of execution. */
  readonly entries: readonly Omit<LedgerEntry, 'computedHere'>[];
}

/**
 * What a finished stage and everything it was made from cost, by booking, each fingerprint once. Known from the manifest
 * of the stage, or of one that was made from it (`knownBy`), even when inputs were cleaned away. Throws InputError when
 * that one is not in the store.
 */
export async function collectCost(
  stage: Stage,
  store: ArtifactStore,
  knownBy: Stage = stage,
): Promise<CollectedCost> {
  const artifact = await store.open(fingerprint(knownBy));
  if (artifact === undefined) throw notFinished(knownBy);
  const costs = new Map(Object.entries(artifact.manifest.upstream));
  costs.set(artifact.fingerprint, artifact.manifest.cost);
  const sums = { generic: NO_COST, specialization: NO_COST };
  const entries: Omit<LedgerEntry, 'computedHere'>[] = [];
  for (const [id, { kind, label, booking }] of inOrder([stage])) {
    const cost = costs.get(id);
    if (cost === undefined)
      throw new CorruptionError(`${artifact.directory} lacks the cost of "${label}".`, CLEAN);
    sums[booking] = addCosts(sums[booking], cost);
    entries.push({ fingerprint: id, kind, label, booking, ...cost });
  }
  return { ...sums, entries };
}

const CLEAN = 'Remove the folder and run the same command again.';

function notFinished(stage: Stage): InputError {
  return new InputError(`"${stage.label}" has not been computed, so its cost is not known.`, 'Run it first.');
}

/** Inputs before what needs them; of stages with one fingerprint the first. */
function inOrder(stages: readonly Stage[]): Map<string, Stage> {
  const ordered = new Map<string, Stage>();
  const visit = (stage: Stage): void => {
    const id = fingerprint(stage);
    if (ordered.has(id)) return;
    for (const input of Object.values(stage.inputs)) visit(input);
    ordered.set(id, stage);
  };
  for (const stage of stages) visit(stage);
  return ordered;
}

async function stateOf(id: string, store: ArtifactStore): Promise<PlannedState> {
  try {
    if ((await store.open(id)) !== undefined) return 'cached';
    return (await readWorkDescription(store.workFolder(id))) === undefined ? 'to compute' : 'to resume';
  } catch (error) {
    // Damaged things are moved aside and computed anew when their turn comes.
    if (error instanceof CorruptionError) return 'to compute';
    throw error;
  }
}
