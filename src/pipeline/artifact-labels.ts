/**
 * What the artifacts of a store are, by kind and label, without looking at their contents. An artifact never changes, so
 * each description is read once, however often one asks while a run makes more of them.
 */
import { readManifest } from './manifest.ts';
import type { Artifact, ArtifactStore } from './store.ts';

interface Description {
  readonly kind: string;
  readonly label: string;
  readonly created: string;
}

export class ArtifactLabels {
  readonly #store: ArtifactStore;
  #known = new Map<string, Description | undefined>();

  constructor(store: ArtifactStore) {
    this.#store = store;
  }

  /** Whole artifacts of a kind, and of a label if one is given, the newest first; damaged ones are passed over. */
  async *newest(kind: string, label?: string): AsyncGenerator<Artifact> {
    await this.#look();
    const found = [...this.#known].flatMap(([fingerprint, one]) =>
      one?.kind === kind && (label === undefined || one.label === label)
        ? [{ fingerprint, created: one.created }]
        : [],
    );
    found.sort((a, b) => (a.created < b.created ? 1 : -1));
    for (const { fingerprint } of found) {
      const artifact = await this.#store.open(fingerprint).catch(() => undefined);
      if (artifact !== undefined) yield artifact;
    }
  }

  /** The folder of the newest of them. */
  async latest(kind: string, label: string): Promise<string | undefined> {
    for await (const { directory } of this.newest(kind, label)) return directory;
    return undefined;
  }

  async #look(): Promise<void> {
    const known = new Map<string, Description | undefined>();
    for (const fingerprint of await this.#store.list()) {
      known.set(fingerprint, this.#known.get(fingerprint) ?? (await this.#describe(fingerprint)));
    }
    this.#known = known;
  }

  async #describe(fingerprint: string): Promise<Description | undefined> {
    const folder = this.#store.artifactFolder(fingerprint);
    const manifest = await readManifest(folder, fingerprint).catch(() => undefined);
    return manifest && { kind: manifest.kind, label: manifest.label, created: manifest.created };
  }
}
