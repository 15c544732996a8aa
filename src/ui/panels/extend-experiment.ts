/** What a panel asks to be measured besides: added to the experiment file by an edit that can be undone, saved, and run. */
import { commands, l10n, Uri, WorkspaceEdit, window, workspace } from 'vscode';
import { pointEntry } from '../../budget/planner/planner-words.ts';
import type { GridPlace } from '../../budget/prediction/estimate.ts';
import { InputError } from '../../common/errors.ts';
import type { Experiment } from '../../experiments/config/experiment.ts';
import { insertPoint, insertSeed, type TextInsertion } from '../../experiments/config/experiment-edit.ts';
import type { OpenExperiment } from '../experiments.ts';

interface Addition {
  readonly question: string;
  readonly detail: string;
  /** What to write by hand where the editor cannot. */
  readonly hint: string;
  readonly insert: (text: string) => TextInsertion | undefined;
}

export async function runPoint(open: OpenExperiment, place: GridPlace): Promise<void> {
  const entry = pointEntry(place);
  await addAndRun(open, {
    question: l10n.t('Add {0} to the points of {1} and run it?', entry, nameOf(open)),
    detail: l10n.t('Every method of the experiment is measured there. What is made already is used again.'),
    hint: l10n.t('Add {0} to its "points" and run it.', entry),
    insert: (text) => insertPoint(text, place),
  });
}

/** A seed of the file that was not measured yet, as in the sample; else the next one after the largest. */
export async function runAnotherSeed(
  open: OpenExperiment,
  { plan: { seeds } }: Experiment,
  measured: ReadonlySet<number>,
): Promise<void> {
  if (seeds.some((seed) => !measured.has(seed))) {
    await commands.executeCommand('parlance.run', Uri.file(open.file));
    return;
  }
  const seed = Math.max(...seeds) + 1;
  await addAndRun(open, {
    question: l10n.t('Add seed {0} to {1} and run it?', seed, nameOf(open)),
    detail: l10n.t(
      'Everything is trained once more from other random numbers, which shows how much of a difference is chance. It takes about as long as one of the {0} seeds so far; these are not computed again.',
      seeds.length,
    ),
    hint: l10n.t('Add {0} to its "seeds" and run it.', seed),
    insert: (text) => insertSeed(text, seed, seeds),
  });
}

async function addAndRun(open: OpenExperiment, { question, detail, hint, insert }: Addition): Promise<void> {
  const go = l10n.t('Add and Run');
  const answer = await window.showWarningMessage(question, { modal: true, detail }, go);
  if (answer !== go) return;
  const uri = Uri.file(open.file);
  const document = await workspace.openTextDocument(uri);
  const insertion = insertionInto(document.getText(), nameOf(open), insert);
  if (insertion !== undefined) {
    const edit = new WorkspaceEdit();
    edit.insert(uri, document.positionAt(insertion.offset), insertion.text);
    if (!(await workspace.applyEdit(edit)) || !(await document.save())) {
      throw new InputError(l10n.t('{0} could not be changed.', nameOf(open)), hint);
    }
  }
  await commands.executeCommand('parlance.run', uri);
}

function insertionInto(text: string, name: string, insert: Addition['insert']): TextInsertion | undefined {
  try {
    return insert(text);
  } catch (error) {
    throw new InputError(
      l10n.t('{0} is not an experiment that can be read.', name),
      l10n.t('Correct it, then press the button again.'),
      error,
    );
  }
}

const nameOf = ({ file }: OpenExperiment): string => workspace.asRelativePath(Uri.file(file));
