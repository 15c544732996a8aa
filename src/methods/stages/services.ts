/** What stages need from the process that runs them; nothing here changes what they compute. */
import type { Engine } from '../../engines/engine.ts';
import { ArtifactLabels } from '../../pipeline/artifact-labels.ts';
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
export function latestArtifact(
  store: ArtifactStore,
  kind: string,
  label: string,
): Promise<string | undefined> {
  return new ArtifactLabels(store).latest(kind, label);
}
