/** What lies on disk: the store, checkpoints of a run, and making room. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { l10n, ProgressLocation, window } from 'vscode';
import { InputError } from '../../common/errors.ts';
import { formatBytes, formatPlural } from '../../common/format.ts';
import type { RunView, StageView } from '../../experiments/runs/run-view.ts';
import type { CleanWhat, Removed } from '../../pipeline/clean.ts';
import type { Services } from '../services.ts';
import type { AllRuns } from './all-runs.ts';
import { experimentOf, runOf } from './commands.ts';
import { revealFolder } from './reveal.ts';

export async function revealStore(services: Services, argument: unknown): Promise<void> {
  const experiment = await experimentOf(services, argument);
  if (experiment !== undefined) await revealFolder(experiment.storage);
}

/** The folder of what a run trains or has trained, the newest first; of several the user picks. */
export async function openCheckpoints(runs: AllRuns, argument: unknown): Promise<void> {
  const run = await runOf(runs, argument, () => true, l10n.t('Whose checkpoints?'));
  if (run === undefined) return;
  const folders = [...run.stages].reverse().flatMap((stage) => checkpointFolder(run, stage));
  if (folders.length === 0) {
    throw new InputError(
      l10n.t('This run has not trained anything yet.'),
      l10n.t('Its checkpoints appear when its first training has begun.'),
    );
  }
  const [only, ...more] = folders;
  const chosen =
    more.length === 0
      ? only
      : await window.showQuickPick(folders, { placeHolder: l10n.t('Which training?') });
  if (chosen !== undefined) await revealFolder(chosen.folder);
}

/** Kinds of stages that train: their work folders hold checkpoints, their artifacts the weights. */
const TRAINING = /^(pretrain|fine-tune|project)/;

function checkpointFolder({ storage }: RunView, { fingerprint, kind, label }: StageView) {
  if (!TRAINING.test(kind)) return [];
  const work = join(storage, 'work', fingerprint);
  const artifact = join(storage, 'artifacts', fingerprint);
  // Trainings of several seeds have one label.
  const id = fingerprint.slice(0, 8);
  if (existsSync(work))
    return [{ label, description: l10n.t('unfinished: checkpoints, {0}', id), folder: work }];
  return existsSync(artifact)
    ? [{ label, description: l10n.t('finished: weights, {0}', id), folder: artifact }]
    : [];
}

interface CleanChoice {
  readonly label: string;
  readonly description: string;
  readonly detail: string;
  readonly what: CleanWhat;
  readonly wouldGo: readonly Removed[];
}

/** Shows what could go and its size, asks, removes. */
export async function cleanUp(services: Services, runs: AllRuns, argument: unknown): Promise<void> {
  const experiment = await experimentOf(services, argument);
  if (experiment === undefined) return;
  const { storage } = experiment;
  const location = { location: ProgressLocation.Notification, title: l10n.t('Looking at the store') };
  const choices = await window.withProgress(location, () => cleanChoices(storage));
  if (choices.length === 0) {
    void window.showInformationMessage(
      l10n.t('There is nothing to remove: all that is in the store is in use.'),
    );
    return;
  }
  const chosen = await window.showQuickPick(choices, { placeHolder: l10n.t('What may go?') });
  if (chosen === undefined) return;
  const remove = l10n.t('Remove');
  const question = l10n.t('Remove {0}?', chosen.description);
  const answer = await window.showWarningMessage(
    question,
    { modal: true, detail: listed(chosen.wouldGo) },
    remove,
  );
  if (answer !== remove) return;
  const removed = await window.withProgress({ ...location, title: l10n.t('Removing') }, () =>
    cleaned(storage, chosen.what, { dryRun: false }),
  );
  runs.tellOfCleaning();
  void window.showInformationMessage(l10n.t('Removed {0}.', amount(removed)));
}

async function cleanChoices(storage: string): Promise<readonly CleanChoice[]> {
  const kinds = [
    {
      what: 'unreferenced',
      label: l10n.t('What no run refers to'),
      detail: l10n.t('Left by experiment files as they were earlier.'),
    },
    {
      what: 'work',
      label: l10n.t('Unfinished work'),
      detail: l10n.t('Runs that were stopped begin these stages anew.'),
    },
    {
      what: 'quarantine',
      label: l10n.t('What was moved aside as damaged'),
      detail: l10n.t('Nothing needs it.'),
    },
    {
      what: 'all',
      label: l10n.t('Everything that is not in use'),
      detail: l10n.t('Models too; what was measured stays on record.'),
    },
  ] as const;
  const choices: CleanChoice[] = [];
  for (const kind of kinds) {
    const wouldGo = await cleaned(storage, kind.what, { dryRun: true });
    if (wouldGo.length > 0) choices.push({ ...kind, description: amount(wouldGo), wouldGo });
  }
  return choices;
}

async function cleaned(
  storage: string,
  what: CleanWhat,
  { dryRun }: { readonly dryRun: boolean },
): Promise<readonly Removed[]> {
  const [{ clean }, { runReferences }, { ArtifactStore }] = await Promise.all([
    import('../../pipeline/clean.ts'),
    import('../../experiments/runs/run-references.ts'),
    import('../../pipeline/store.ts'),
  ]);
  return clean(new ArtifactStore(storage), { what, runs: await runReferences(storage), dryRun });
}

function amount(removed: readonly Removed[]): string {
  const bytes = removed.reduce((sum, one) => sum + one.bytes, 0);
  return `${formatPlural(removed.length, 'folder')}, ${formatBytes(bytes)}`;
}

/** The largest few; a dialog has no room for all. */
function listed(removed: readonly Removed[]): string {
  const shown = 12;
  const lines = [...removed]
    .sort((a, b) => b.bytes - a.bytes)
    .slice(0, shown)
    .map(({ path, label, bytes }) => `${formatBytes(bytes)}  ${label === '' ? path : label}`);
  const left = removed.length - lines.length;
  return [...lines, ...(left > 0 ? [l10n.t('and {0} more', left)] : [])].join('\n');
}
