/** Held-out text of a domain inside another corpus: what to leave out of an evaluation. */
import type { DocumentStore } from './document-store.ts';
import { findSimilarTo } from './near-duplicates.ts';

/**
 * Indices of the held-out documents of `domain` that equal or nearly equal a document of `generic`. Whole documents
 * are compared: a held-out paragraph quoted inside a long document is not found.
 */
export async function findContaminated(
  domain: DocumentStore,
  generic: DocumentStore,
  onProgress: (fraction: number) => void = () => {},
): Promise<ReadonlySet<number>> {
  const heldout = await domain.sketches(['heldout']);
  const theirs = await generic.sketches(['train', 'validation', 'heldout']);
  const matches = await findSimilarTo(heldout.set, theirs.set, onProgress);
  return new Set(heldout.indices.filter((_, position) => matches[position] >= 0));
}
