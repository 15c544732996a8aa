/** Where a new folder is to be made: its parent by a dialog, its name in a box. */
import { l10n, Uri, window, workspace } from 'vscode';

export interface NewFolderQuestion {
  readonly title: string;
  readonly openLabel: string;
  readonly nameTitle: string;
  /** Proposed, as far as a name may hold it. */
  readonly name: string;
}

/** Its path; `undefined` when the user gave up. */
export async function chooseNewFolder(question: NewFolderQuestion): Promise<string | undefined> {
  const [parent] =
    (await window.showOpenDialog({
      canSelectFiles: false,
      canSelectFolders: true,
      title: question.title,
      defaultUri: workspace.workspaceFolders?.at(0)?.uri,
      openLabel: question.openLabel,
    })) ?? [];
  if (parent === undefined) return undefined;
  const name = await window.showInputBox({
    title: question.nameTitle,
    prompt: l10n.t('The name of the new folder in {0}', parent.fsPath),
    value: question.name.replace(/[^\w.-]+/g, '-'),
    validateInput: (value) =>
      /^[^\\/:*?"<>|]+$/.test(value) && value !== '.' && value !== '..'
        ? undefined
        : l10n.t('Not a name of a folder.'),
  });
  return name === undefined ? undefined : Uri.joinPath(parent, name).fsPath;
}
