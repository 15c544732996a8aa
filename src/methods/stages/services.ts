/** What stages need from the process that runs them; nothing here changes what they compute. */
import type { Engine } from '../../engines/engine.ts';
import type { ArtifactStore } from '../../pipeline/store.ts';

export interface StageServices {
  readonly store: ArtifactStore;
  readonly threads: number;
  /** Where hashes of unchanged files are remembered. */
  readonly cacheFile: string;
  /** The engine, started when first asked for. */
  engine(): Engine;
  /** Its name, known before it is started; models trained on different engines are different artifacts. */
  readonly engineName: string;
}

/** The newest artifact of this kind and label, from which unchanged parts can be taken over. */
export async function latestArtifact(
  store: ArtifactStore,
  kind: string,
  label: string,
): Promise<string | undefined> {
  let newest: { directory: string; created: string } | undefined;
  for (const fingerprint of await store.list()) {
    const artifact = await store.open(fingerprint).catch(() => undefined);
    if (artifact === undefined || artifact.manifest.kind !== kind || artifact.manifest.label !== label)
      continue;
    const { created } = artifact.manifest;
    if (newest === undefined || created > newest.created) newest = { directory: artifact.directory, created };
  }
  return newest?.directory;
}
