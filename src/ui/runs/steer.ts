/** Pause, resume, stop and keep best, cancel: on a row, on several rows, or on the run that the user picks. */
import { commands, l10n, window } from 'vscode';
import type { RunView } from '../../experiments/runs/run-view.ts';
import type { HostCommand } from '../../host/hosts.ts';
import { actionsOf, methodWords, phaseWords, type RunAction } from '../run-words.ts';
import type { Services } from '../services.ts';
import type { AllRuns } from './all-runs.ts';
import { runOf, runSubject, subjectOf } from './commands.ts';

const NEEDS: Readonly<Record<HostCommand, RunAction>> = {
  pause: 'pausable',
  resume: 'resumable',
  'stop-and-keep-best': 'stoppable',
  cancel: 'cancellable',
};

/** What the editor passes to the command of a row: the row, and all rows that are selected. */
interface Rows {
  readonly argument: unknown;
  readonly selected: unknown;
}

export async function steer(
  { hosts }: Services,
  runs: AllRuns,
  command: HostCommand,
  { argument, selected }: Rows,
): Promise<void> {
  const fits = (run: RunView) => actionsOf(run).includes(NEEDS[command]);
  const several = Array.isArray(selected) && selected.length > 1 ? selected : [argument];
  for (const one of several) {
    if (several.length > 1 && subjectOf(one)?.kind !== 'run') continue;
    const run = await runOf(runs, one, fits, l10n.t('Which run?'));
    if (run === undefined) continue;
    if (!fits(run)) {
      if (several.length === 1) tellThatNothingWasDone(run);
      continue;
    }
    if (!(await isMeant(run, command))) continue;
    await hosts.command(run.storage, run.id, command);
  }
}

/** A notification or a row may be older than what became of the run. */
function tellThatNothingWasDone(run: RunView): void {
  void window.showInformationMessage(
    l10n.t('Nothing was done. {0}: {1}.', methodWords(run, l10n.t), phaseWords(run.phase, l10n.t)),
  );
}

/** Cancelling is for good, so it is asked; everything else can be taken back or loses nothing. */
async function isMeant(run: RunView, command: HostCommand): Promise<boolean> {
  if (command !== 'cancel') return true;
  // Not "Cancel": beside it the editor puts a button of that name that changes nothing.
  const cancel = l10n.t('End Run');
  const answer = await window.showWarningMessage(
    l10n.t('Cancel the run of {0}?', methodWords(run, l10n.t)),
    {
      modal: true,
      detail: l10n.t(
        'It ends for good. Stages that are finished stay in the store; what it is training now is not kept.',
      ),
    },
    cancel,
  );
  return answer === cancel;
}

interface ActionItem {
  readonly label: string;
  readonly command: string;
}

/** What the status bar opens: the runs, then what can be done with one. */
export async function showRuns(runs: AllRuns): Promise<void> {
  const run = await runOf(runs, undefined, () => true, l10n.t('Runs, the newest first'));
  if (run === undefined) return;
  const actions = actionsOf(run);
  const items: ActionItem[] = [
    ...(actions.includes('pausable')
      ? [{ label: `$(debug-pause) ${l10n.t('Pause')}`, command: 'pause' }]
      : []),
    ...(actions.includes('resumable')
      ? [{ label: `$(debug-continue) ${l10n.t('Resume')}`, command: 'resume' }]
      : []),
    ...(actions.includes('stoppable')
      ? [{ label: `$(debug-stop) ${l10n.t('Stop and keep best')}`, command: 'stopAndKeepBest' }]
      : []),
    ...(actions.includes('cancellable')
      ? [{ label: `$(close) ${l10n.t('Cancel')}`, command: 'cancel' }]
      : []),
    { label: `$(output) ${l10n.t('Show log')}`, command: 'showLog' },
    { label: `$(graph-line) ${l10n.t('Open perplexity')}`, command: 'openPerplexity' },
    { label: `$(graph-scatter) ${l10n.t('Open trade-offs')}`, command: 'openTradeoffs' },
  ];
  const placeHolder = `${methodWords(run, l10n.t)}: ${run.message}`;
  const picked = await window.showQuickPick(items, { placeHolder });
  if (picked !== undefined) await commands.executeCommand(`parlance.${picked.command}`, runSubject(run));
}
