/** `parlance clean`: what the storage holds, and making room. Without a choice it only shows sizes. */

import { existsSync } from 'node:fs';
import { InputError } from '../common/errors.ts';
import { formatBytes, formatPlural } from '../common/format.ts';
import { noExperimentFile } from '../experiments/config/configuration.ts';
import {
  experimentFilePath,
  type JsonOption,
  type StorageOption,
  storageOf,
} from '../experiments/config/settings.ts';
import { runReferences } from '../experiments/runs/run-references.ts';
import { type CleanWhat, clean as cleanStore, measureStorage, type Removed } from '../pipeline/clean.ts';
import { ArtifactStore } from '../pipeline/store.ts';
import { isConfirmed } from './confirm.ts';
import { writeJson } from './display/json.ts';

export interface CleanCommandOptions extends StorageOption, JsonOption {
  readonly unreferenced?: boolean;
  readonly work?: boolean;
  readonly quarantine?: boolean;
  readonly all?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

export async function clean(path: string, options: CleanCommandOptions): Promise<void> {
  const storage = storageOf(path, options);
  requireStorage(storage, path, options);
  const store = new ArtifactStore(storage);
  const runs = await runReferences(storage);
  const what = choice(options);
  if (what === undefined) return showSizes(store, runs, options);
  const wouldGo = await cleanStore(store, { what, runs, dryRun: true });
  if (options.dryRun) return tell('would remove', wouldGo, options);
  const amount = `${formatPlural(wouldGo.length, 'folder')}, ${formatBytes(totalOf(wouldGo))}`;
  const question = `Remove ${amount}?`;
  const otherwise = ', or --dry-run to see what would go';
  if (wouldGo.length > 0 && !(await isConfirmed(question, `${amount} would be removed`, options, otherwise)))
    return;
  // While it was asked another run may have begun.
  const now = { what, runs: await runReferences(storage), dryRun: false };
  tell('removed', await cleanStore(store, now), options);
}

/** Where nothing was run yet there is nothing to remove; a place that is none at all is a mistake. */
function requireStorage(storage: string, path: string, options: StorageOption): void {
  if (existsSync(storage)) return;
  if (options.storage !== undefined) {
    throw new InputError(`There is no folder ${storage}.`, 'Name the storage that runs were given.');
  }
  const file = experimentFilePath(path);
  if (!existsSync(file)) throw noExperimentFile(file);
}

function choice(options: CleanCommandOptions): CleanWhat | undefined {
  const kinds = ['unreferenced', 'work', 'quarantine', 'all'] as const;
  const chosen = kinds.filter((kind) => options[kind]);
  if (chosen.length <= 1) return chosen.at(0);
  throw new InputError(
    `--${chosen.join(' and --')} cannot be given together.`,
    'Choose one; --all covers the others.',
  );
}

async function showSizes(
  store: ArtifactStore,
  runs: Awaited<ReturnType<typeof runReferences>>,
  { json }: JsonOption,
): Promise<void> {
  const use = await measureStorage(store, runs);
  if (json) {
    writeJson({ type: 'storage', storage: store.storage, ...use });
    return;
  }
  const unreferenced = [...use.artifacts, ...use.work].filter((one) => one.runs.length === 0);
  const line = (name: string, parts: readonly { readonly bytes: number }[]): string =>
    `  ${name.padEnd(28)}${formatPlural(parts.length, 'folder').padStart(14)}${formatBytes(totalOf(parts)).padStart(10)}`;
  const lines = [
    `${store.storage} holds ${formatBytes(use.totalBytes)}:`,
    line('artifacts', use.artifacts),
    line('unfinished work', use.work),
    line('moved aside as damaged', use.quarantine),
    line('records of runs', use.runs),
    line('of these without a run', unreferenced),
    'To make room: --unreferenced, --work, --quarantine or --all.',
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

function tell(verb: string, removed: readonly Removed[], { json }: JsonOption): void {
  const bytes = totalOf(removed);
  if (json) {
    writeJson({ type: verb, removed, bytes });
    return;
  }
  const lines = removed.map(
    ({ path, label, bytes: size }) => `${formatBytes(size).padStart(9)}  ${path.slice(0, 28)}  ${label}`,
  );
  lines.push(`${verb} ${formatPlural(removed.length, 'folder')}, ${formatBytes(bytes)}`);
  process.stdout.write(`${lines.join('\n')}\n`);
}

function totalOf(parts: readonly { readonly bytes: number }[]): number {
  return parts.reduce((sum, { bytes }) => sum + bytes, 0);
}
