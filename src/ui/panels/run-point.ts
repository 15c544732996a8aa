/** A point that the planner asks for: added to the experiment file by an edit that can be undone, saved, and run. */
import { commands, l10n, Uri, WorkspaceEdit, window, workspace } from 'vscode';
import type { GridPlace } from '../../budget/estimate.ts';
import { pointEntry } from '../../budget/planner-words.ts';
import { InputError } from '../../common/errors.ts';
import { insertPoint } from '../../experiments/point-edit.ts';
import type { OpenExperiment } from '../experiments.ts';

export async function runPoint({ file }: OpenExperiment, place: GridPlace): Promise<void> {
  const uri = Uri.file(file);
  const name = workspace.asRelativePath(uri);
  const go = l10n.t('Add and Run');
  const answer = await window.showWarningMessage(
    l10n.t('Add {0} to the points of {1} and run it?', pointEntry(place), name),
    {
      modal: true,
      detail: l10n.t('Every method of the experiment is measured there. What is made already is used again.'),
    },
    go,
  );
  if (answer !== go) return;
  await addPoint(uri, name, place);
  await commands.executeCommand('parlance.run', uri);
}

async function addPoint(uri: Uri, name: string, place: GridPlace): Promise<void> {
  const document = await workspace.openTextDocument(uri);
  const insertion = insertionInto(document.getText(), name, place);
  if (insertion === undefined) return;
  const edit = new WorkspaceEdit();
  edit.insert(uri, document.positionAt(insertion.offset), insertion.text);
  if (!(await workspace.applyEdit(edit)) || !(await document.save())) {
    throw new InputError(
      l10n.t('{0} could not be changed.', name),
      l10n.t('Add {0} to its "points" and run it.', pointEntry(place)),
    );
  }
}

function insertionInto(text: string, name: string, place: GridPlace) {
  try {
    return insertPoint(text, place);
  } catch (error) {
    throw new InputError(
      l10n.t('{0} is not an experiment that can be read.', name),
      l10n.t('Correct it, then press the button again.'),
      error,
    );
  }
}
