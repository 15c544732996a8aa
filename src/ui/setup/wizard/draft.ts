/**
 * Predictions for an experiment that is not written yet: it is put into a folder of the extension, with absolute paths,
 * and a background process plans it there. Only in a trusted workspace.
 */
import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Uri, workspace } from 'vscode';
import { requireWritable, writeFileAtomic } from '../../../common/files.ts';
import type { ExperimentFile } from '../../../experiments/config/experiment-file.ts';
import type { PresetName } from '../../../experiments/config/presets.ts';
import type { BundledGeneric } from '../../../experiments/proposal/bundled-generic.ts';
import { withAbsolutePaths } from '../../../experiments/proposal/proposed-file.ts';
import type { MachineMemory } from '../../../experiments/proposal/questions.ts';
import { askCommandLine, type JsonLine } from '../../command-line.ts';
import type { Services } from '../../services.ts';
import { findingsOf } from '../machine-report.ts';

/** What the presets take and what is free; `undefined` in a workspace that is not trusted. */
export async function machineMemory(services: Services): Promise<MachineMemory | undefined> {
  if (!workspace.isTrusted) return undefined;
  const { extensionUri, globalStorageUri } = services.context;
  const findings = findingsOf(
    await askCommandLine({ extensionUri, args: ['machine', globalStorageUri.fsPath] }),
  );
  const machine = findings.find((one) => one.type === 'machine');
  const memory = findings.filter((one) => one.type === 'memory');
  const of = (name: PresetName) => memory.find(({ preset }) => preset === name)?.bytes;
  const [tiny, small, paper, laptop, base] = [of('tiny'), of('small'), of('paper'), of('laptop'), of('base')];
  if (!machine || !tiny || !small || !paper || !laptop || !base) return undefined;
  return { presets: { tiny, small, paper, laptop, base }, freeBytes: machine.freeMemoryBytes };
}

export interface DraftRequest {
  readonly experiment: ExperimentFile;
  readonly folder: Uri;
  /** Generic text that will be in the folder, and where it is now. */
  readonly bundled: BundledGeneric | undefined;
  readonly measure: boolean;
  readonly signal: AbortSignal;
}

/** The lines of `parlance plan --json` for it. */
export async function planDraft(
  { context, experiments }: Services,
  { experiment, folder, bundled, measure, signal }: DraftRequest,
): Promise<readonly JsonLine[]> {
  const { extensionUri, globalStorageUri } = context;
  const root = folder.fsPath;
  const drafts = join(globalStorageUri.fsPath, 'drafts', createHash('sha256').update(root).digest('hex'));
  const file = join(drafts, 'parlance.json');
  const moved = withAbsolutePaths(experiment, (path) =>
    path === bundled?.place.path ? bundled.from : resolve(root, path),
  );
  await requireWritable(drafts);
  await writeFileAtomic(file, JSON.stringify(moved));
  // What the folder's runs recorded tells the speed; nothing is written into a folder that has no experiment yet.
  const existing = await experiments.of(folder);
  const storage = existing?.storage ?? join(drafts, 'storage');
  const args = ['plan', file, '--storage', storage, ...(measure ? [] : ['--no-measure'])];
  try {
    return await askCommandLine({ extensionUri, args, signal });
  } finally {
    await rm(drafts, { recursive: true, force: true });
  }
}
