/** Where an artifact comes from: the tree of what made it, with parameters and costs. */
import type { Cost } from '../budget/ledger.ts';
import type { Manifest } from './manifest.ts';
import type { ArtifactStore } from './store.ts';

export type Provenance = MadeFrom | CleanedAway;

export interface MadeFrom
  extends Pick<
    Manifest,
    'fingerprint' | 'kind' | 'label' | 'version' | 'parameters' | 'booking' | 'cost' | 'created'
  > {
  readonly state: 'there';
  /** By role. */
  readonly inputs: Readonly<Record<string, Provenance>>;
}

/** An input that is no longer in the storage; what it cost is still known. */
export interface CleanedAway {
  readonly state: 'gone';
  readonly fingerprint: string;
  readonly cost: Cost | undefined;
}

/**
 * What made the artifact whose fingerprint begins with `prefix`. Throws InputError when there is none or more than
 * one, CorruptionError when a manifest or a small file is damaged.
 */
export async function why(store: ArtifactStore, prefix: string): Promise<Provenance> {
  return explain(store, await store.resolvePrefix(prefix), {});
}

async function explain(store: ArtifactStore, id: string, costs: Manifest['upstream']): Promise<Provenance> {
  const artifact = await store.open(id);
  if (artifact === undefined) return { state: 'gone', fingerprint: id, cost: costs[id] };
  const { kind, label, version, parameters, booking, cost, created, upstream } = artifact.manifest;
  const inputs: Record<string, Provenance> = {};
  for (const [role, input] of Object.entries(artifact.manifest.inputs)) {
    inputs[role] = await explain(store, input, upstream);
  }
  return {
    state: 'there',
    fingerprint: id,
    kind,
    label,
    version,
    parameters,
    booking,
    cost,
    created,
    inputs,
  };
}
