/**
 * The artifact store: one folder per fingerprint, written whole or not at all. A stage fills a work folder, its
 * manifest is written last, everything is flushed, and one rename makes it an artifact; so an artifact that is there
 * is whole unless something outside damaged it, which sizes and checksums find.
 *
 *     artifacts/<fingerprint>/   finished        quarantine/<name>/   damaged, moved aside
 *     work/<fingerprint>/        begun           locks/<fingerprint>/ who computes it (lock.ts)
 */
import { randomBytes } from 'node:crypto';
import { rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CorruptionError, InputError } from '../common/errors.ts';
import { explainWriteError, makeFolderIn, writeFileAtomic } from '../common/files.ts';
import { seconds } from '../common/units.ts';
import { addCosts, NO_COST } from './cost.ts';
import { entriesIfThere, hashFile, listFolder, syncFile, syncFolder } from './folder.ts';
import { checkFiles, type FileFacts, MANIFEST, type Manifest, readManifest } from './manifest.ts';

/** What a stage left, in the store. */
export interface Artifact {
  readonly fingerprint: string;
  /** Where its files are; they must not be changed. */
  readonly directory: string;
  readonly manifest: Manifest;
}

const FINGERPRINT = /^[0-9a-f]{64}$/;

export class ArtifactStore {
  /** The storage folder; reading needs none yet, stages are computed only where it is. */
  readonly storage: string;

  constructor(storage: string) {
    this.storage = storage;
  }

  /** The folder of all artifacts; it need not exist yet. */
  get artifactsFolder(): string {
    return join(this.storage, 'artifacts');
  }

  artifactFolder(fingerprint: string): string {
    return join(this.artifactsFolder, fingerprint);
  }

  workFolder(fingerprint: string): string {
    return join(this.storage, 'work', fingerprint);
  }

  lockFolder(fingerprint: string): string {
    return join(this.storage, 'locks', fingerprint);
  }

  get quarantineFolder(): string {
    return join(this.storage, 'quarantine');
  }

  /**
   * A finished artifact, or `undefined`. Checks the manifest, all sizes and the contents of small files; throws
   * CorruptionError when one of them is wrong.
   */
  async open(fingerprint: string): Promise<Artifact | undefined> {
    return this.#load(fingerprint, 'small');
  }

  /** Whether `open` finds a whole one: a damaged artifact is none, since whoever needs it computes it anew. */
  async has(fingerprint: string): Promise<boolean> {
    try {
      return (await this.open(fingerprint)) !== undefined;
    } catch (error) {
      if (error instanceof CorruptionError) return false;
      throw error;
    }
  }

  /** As `open`, and checks the contents of all files, however large. */
  async verify(fingerprint: string): Promise<Artifact | undefined> {
    return this.#load(fingerprint, 'all');
  }

  /** Fingerprints of all finished artifacts, damaged ones included. */
  async list(): Promise<string[]> {
    const names = await entriesIfThere(this.artifactsFolder);
    return names.filter((name) => FINGERPRINT.test(name));
  }

  /** Fingerprints of the stages that were begun and not finished. */
  async listWork(): Promise<string[]> {
    const names = await entriesIfThere(join(this.storage, 'work'));
    return names.filter((name) => FINGERPRINT.test(name));
  }

  /** The one artifact whose fingerprint begins so. Throws InputError when there is none or more than one. */
  async resolvePrefix(prefix: string): Promise<string> {
    const matches = (await this.list()).filter((one) => one.startsWith(prefix.toLowerCase()));
    if (matches.length === 1) return matches[0];
    if (matches.length === 0) {
      throw new InputError(
        `No artifact in ${this.storage} has a fingerprint that begins with "${prefix}".`,
        'Take a fingerprint from a report, or choose the storage folder with --storage.',
      );
    }
    const shown = matches.slice(0, 5).map((one) => one.slice(0, 16));
    throw new InputError(
      `"${prefix}" is the beginning of ${matches.length} fingerprints: ${shown.join(', ')}${matches.length > 5 ? ', …' : ''}.`,
      'Give more of its digits.',
    );
  }

  /**
   * Turns a filled folder of the same storage into the artifact; the caller holds the lock. The time that checksums
   * take is booked with the rest.
   */
  async publish(from: string, made: Omit<Manifest, 'format' | 'created' | 'files'>): Promise<Artifact> {
    const directory = this.artifactFolder(made.fingerprint);
    try {
      const startedMs = performance.now();
      const files = await flushAndHash(from);
      const tookSeconds = seconds((performance.now() - startedMs) / 1000);
      const cost = addCosts(made.cost, { ...NO_COST, seconds: tookSeconds });
      const manifest: Manifest = { format: 1, ...made, cost, created: new Date().toISOString(), files };
      await writeFileAtomic(join(from, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
      await syncFolder(from);
      makeFolderIn(this.storage, this.artifactsFolder);
      await rename(from, directory);
      await syncFolder(dirname(directory));
      return { fingerprint: made.fingerprint, directory, manifest };
    } catch (error) {
      throw explainWriteError(error, directory);
    }
  }

  /** Moves a folder of the storage aside, at once, and returns where it is now. */
  async moveAside(folder: string, fingerprint: string): Promise<string> {
    const target = join(this.quarantineFolder, `${fingerprint}.${randomBytes(4).toString('hex')}`);
    try {
      makeFolderIn(this.storage, this.quarantineFolder);
      await rename(folder, target);
      return target;
    } catch (error) {
      throw explainWriteError(error, folder);
    }
  }

  async #load(fingerprint: string, contents: 'all' | 'small'): Promise<Artifact | undefined> {
    const directory = this.artifactFolder(fingerprint);
    const manifest = await readManifest(directory, fingerprint);
    if (manifest === undefined) return undefined;
    await checkFiles(directory, manifest, contents);
    return { fingerprint, directory, manifest };
  }
}

async function flushAndHash(folder: string): Promise<FileFacts[]> {
  const { files, folders } = await listFolder(folder);
  const facts: FileFacts[] = [];
  for (const file of files) {
    const path = join(folder, file);
    await syncFile(path);
    facts.push({ path: file, bytes: (await stat(path)).size, sha256: await hashFile(path) });
  }
  for (const inner of folders) await syncFolder(join(folder, inner));
  return facts;
}
