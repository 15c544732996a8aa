/** Registering commands: what they throw is shown in the words of the command line, and what they are given is narrowed. */
import { commands, type Disposable, l10n, ThemeIcon, Uri, window } from 'vscode';
import { InterruptedError, ParlanceError } from '../../common/errors.ts';
import { formatLocalTime } from '../../common/format.ts';
import type { RunView } from '../../experiments/runs/run-view.ts';
import { type OpenExperiment, refuseNested } from '../experiments.ts';
import { tellOf } from '../next-step.ts';
import { isLiving, methodWords, runWords } from '../run-words.ts';
import type { Services } from '../services.ts';
import { parseSubject, type Subject } from '../sidebar/nodes.ts';
import { Row } from '../sidebar/row-tree.ts';
import type { AllRuns } from './all-runs.ts';

export type Command = (argument: unknown, selected: unknown) => Promise<unknown>;

/** Registers a command whose errors are shown; where it fails, it returns nothing. */
export function register(name: string, command: Command): Disposable {
  return commands.registerCommand(name, async (argument: unknown, selected: unknown) => {
    try {
      return await command(argument, selected);
    } catch (error) {
      if (error instanceof InterruptedError) return undefined;
      if (!(error instanceof ParlanceError)) throw error;
      void tellOf(error);
      return undefined;
    }
  });
}

/** What a row or a link is about; `undefined` from the palette. */
export function subjectOf(argument: unknown): Subject | undefined {
  return argument instanceof Row ? argument.subject : parseSubject(argument);
}

/** The experiment that a command was called on, by its file, its row or one of its runs; else the user chooses. */
export async function experimentOf(
  { experiments }: Pick<Services, 'experiments'>,
  argument: unknown,
): Promise<OpenExperiment | undefined> {
  const subject = subjectOf(argument);
  const named = (await experiments.all()).find(
    ({ file, storage }) =>
      (subject?.kind === 'experiment' && subject.file === file) ||
      (subject?.kind === 'run' && subject.storage === storage),
  );
  const given = argument instanceof Uri ? await experimentAt(experiments, argument) : named;
  return given ?? experiments.choose();
}

/** A file that was written just now is on disk before the editor tells of it. */
async function experimentAt(
  experiments: Services['experiments'],
  path: Uri,
): Promise<OpenExperiment | undefined> {
  refuseNested(path);
  const known = await experiments.of(path);
  if (known !== undefined) return known;
  await experiments.again();
  return experiments.of(path);
}

/** The run that a command was called on, else the one that the user picks of those that fit; the only one at once. */
export async function runOf(
  runs: AllRuns,
  argument: unknown,
  fits: (run: RunView) => boolean,
  placeHolder: string,
): Promise<RunView | undefined> {
  await runs.start();
  const subject = subjectOf(argument);
  if (subject?.kind === 'run') {
    return runs.all.find(({ id, storage }) => id === subject.run && storage === subject.storage);
  }
  const fitting = runs.all.filter(fits);
  if (fitting.length === 0) {
    void window.showInformationMessage(l10n.t('There is no run for that now.'));
    return undefined;
  }
  if (fitting.length === 1) return fitting[0];
  return (await window.showQuickPick(fitting.map(runItem), { placeHolder, matchOnDescription: true }))?.run;
}

/** What commands take that are called on a run. */
export function runSubject({ storage, id }: RunView): Subject {
  return { kind: 'run', storage, run: id };
}

/** A run in a pick list. */
export function runItem(run: RunView) {
  return {
    label: methodWords(run, l10n.t),
    // Not in the label, where a screen reader would read its name.
    iconPath: new ThemeIcon(isLiving(run) ? 'sync' : 'circle-outline'),
    description: runWords(run, l10n.t),
    detail: l10n.t('{0}, begun {1}', run.title, formatLocalTime(run.created)),
    run,
  };
}
