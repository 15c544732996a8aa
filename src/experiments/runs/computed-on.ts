/** On what the stages of a run are computed, as its record names it: a speed of one is not that of another. */
import { cpus } from 'node:os';

/** Of which there may be several kinds; which one computed a stage is not known. */
export const CLUSTER_NODES = 'nodes of a cluster';

export function ownProcessor(): string {
  return cpus()[0]?.model.trim() ?? 'unknown';
}
