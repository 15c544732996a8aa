/** The wizard's last step: what the run would take, as predictions come in, and whether to write the file. */
import { l10n, type QuickPickItem, workspace } from 'vscode';
import { InterruptedError, ParlanceError } from '../../../common/errors.ts';
import { isAnswer, type Outcome, type Place } from '../../../experiments/proposal/dialogue.ts';
import type { JsonLine } from '../../command-line.ts';
import { predictionRows } from './prediction-rows.ts';
import { answered, open } from './steps.ts';

interface Row extends QuickPickItem {
  readonly does?: 'write' | 'run' | 'measure';
}

export interface LastStep {
  /** Plans the draft in the background; with `measure` it trains a few steps to know the speed. */
  plan(measure: boolean, signal: AbortSignal): Promise<readonly JsonLine[]>;
  /** Absent where nobody could ask the machine. */
  readonly freeBytes: number | undefined;
  /** Warnings about what was chosen. */
  readonly warnings: readonly string[];
  readonly exists: boolean;
  /** Told when the file is to be written, and whether its experiment is to be run at once. */
  onWrite(run: boolean): void;
}

export async function lastStep(
  place: Place,
  { plan, freeBytes, warnings, exists, onWrite }: LastStep,
): Promise<Outcome> {
  const write: Row = {
    label: `$(check) ${exists ? l10n.t('Change parlance.json') : l10n.t('Write parlance.json')}`,
    alwaysShow: true,
    does: 'write',
  };
  // Here and not in a notification behind it, which would still offer it when the run was started elsewhere.
  const run: Row = {
    label: `$(run-all) ${exists ? l10n.t('Change It and Run') : l10n.t('Write It and Run')}`,
    alwaysShow: true,
    does: 'run',
  };
  const ends = workspace.isTrusted ? [write, run] : [write];
  const notes = warnings.map((warning): Row => ({ label: `$(warning) ${warning}` }));
  const input = open<Row>(
    place,
    l10n.t('This is what a run would take. Nothing is written before you say so.'),
    [...ends, ...notes],
  );
  const controller = new AbortController();
  const predict = async (speed: 'remembered' | 'measured'): Promise<void> => {
    const measure = speed === 'measured';
    input.busy = true;
    input.items = [
      ...ends,
      { label: `$(loading~spin) ${measure ? l10n.t('Training a few steps…') : l10n.t('Predicting…')}` },
      ...notes,
    ];
    const rows = await predictedRows(() => plan(measure, controller.signal), freeBytes);
    if (controller.signal.aborted) return;
    input.items = [...ends, ...rows, ...notes];
    input.busy = false;
  };
  if (workspace.isTrusted) void predict('remembered');
  else {
    const untrusted = l10n.t(
      'Work, time and memory are predicted, and it can run, once you trust this folder.',
    );
    input.items = [...ends, { label: `$(shield) ${untrusted}` }, ...notes];
  }
  const answer = await answered<{ readonly run: boolean }>(input, (accept) => {
    const does = input.selectedItems.at(0)?.does;
    if (does === 'write' || does === 'run') accept({ run: does === 'run' });
    if (does === 'measure') void predict('measured');
  });
  controller.abort();
  if (!isAnswer(answer)) return answer;
  onWrite(answer.run);
  return 'next';
}

async function predictedRows(
  plan: () => Promise<readonly JsonLine[]>,
  freeBytes: number | undefined,
): Promise<readonly Row[]> {
  try {
    const rows = predictionRows(await plan(), freeBytes);
    if (rows === undefined) return [{ label: `$(warning) ${l10n.t('Nothing could be predicted.')}` }];
    const { stages, work, time, basis, memory, fits } = rows;
    return [
      { label: `$(list-ordered) ${l10n.t('Stages')}`, description: stages },
      { label: `$(circuit-board) ${l10n.t('Work')}`, description: work },
      time === undefined
        ? {
            label: `$(watch) ${l10n.t('Time: not known on this machine. Measure it now')}`,
            description: l10n.t('trains a few steps in the background'),
            does: 'measure',
          }
        : { label: `$(watch) ${l10n.t('Time')}`, description: time, detail: basis },
      { label: `$(${fits ? 'server' : 'warning'}) ${l10n.t('Memory')}`, description: memory },
    ];
  } catch (error) {
    if (error instanceof InterruptedError || !(error instanceof ParlanceError)) return [];
    return [{ label: `$(warning) ${error.message}`, detail: error.hint }];
  }
}
