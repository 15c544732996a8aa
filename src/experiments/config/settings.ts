/** What several commands take: where the storage is, how many threads, and where an experiment file lies. */
import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';

export interface StorageOption {
  readonly storage?: string;
}

export interface JsonOption {
  readonly json?: boolean;
}

export interface ThreadsOption {
  readonly threads?: number;
}

export interface EngineOption {
  /** One of ENGINE_REQUESTS. */
  readonly engine?: string;
}

export interface PythonOption {
  /** The Python that has PyTorch: a name on the PATH, or an absolute path. */
  readonly python?: string;
}

/** Small models gain nothing from more: a step is too short to be shared out further. */
const MAXIMUM_DEFAULT_THREADS = 16;

export function threadsOf({ threads }: ThreadsOption): number {
  return threads ?? Math.min(availableParallelism(), MAXIMUM_DEFAULT_THREADS);
}

/** The storage of a folder, or of an experiment file, unless another is given. */
export function storageOf(path: string, { storage }: StorageOption): string {
  if (storage !== undefined) return resolve(storage);
  return join(experimentFolder(path), '.parlance', 'storage');
}

/** The folder that an experiment file lies in, or the folder itself. */
export function experimentFolder(path: string): string {
  return path.endsWith('.json') ? dirname(resolve(path)) : resolve(path);
}

/** The experiment file itself, or the parlance.json of a folder. */
export function experimentFilePath(path: string): string {
  return resolve(path.endsWith('.json') ? path : join(path, 'parlance.json'));
}
