/** Completions on and off, written where the value that holds was written: for a language, or for the workspace. */
import { ConfigurationTarget, type TextDocument, workspace } from 'vscode';

export function areCompletionsOn(document: TextDocument): boolean {
  return workspace.getConfiguration('parlance.completions', document).get('enabled', false);
}

/** Whether any text may get completions, whatever its language or folder. */
export function isAnythingCompleted(): boolean {
  return [undefined, ...(workspace.workspaceFolders ?? [])].some((folder) => {
    const set = workspace
      .getConfiguration('parlance.completions', folder ?? null)
      .inspect<boolean>('enabled');
    // What languages have of their own is only looked at for a text.
    return (
      [set?.globalValue, set?.workspaceValue, set?.workspaceFolderValue].includes(true) ||
      (set?.languageIds ?? []).length > 0
    );
  });
}

/** Whether completions are on for any text, or off for now with a model chosen: then the status bar says so. */
export function areCompletionsUsed(): boolean {
  const model = workspace.getConfiguration('parlance.completions', null).inspect<string>('model');
  const isChosen = [model?.workspaceValue, model?.globalValue].some(
    (one) => typeof one === 'string' && one !== '',
  );
  return isChosen || isAnythingCompleted();
}

/** For a text, or for the workspace; in the settings of the user where no folder is open. */
export async function setCompletions(isOn: boolean, document: TextDocument | undefined): Promise<void> {
  const settings = workspace.getConfiguration('parlance.completions', document ?? null);
  const set = settings.inspect<boolean>('enabled');
  const ofFolder = set?.workspaceFolderLanguageValue ?? set?.workspaceFolderValue;
  const ofLanguage =
    set?.workspaceFolderLanguageValue ?? set?.workspaceLanguageValue ?? set?.globalLanguageValue;
  const hasFolder = (workspace.workspaceFolders ?? []).length > 0;
  const target =
    ofFolder !== undefined
      ? ConfigurationTarget.WorkspaceFolder
      : hasFolder
        ? ConfigurationTarget.Workspace
        : ConfigurationTarget.Global;
  await settings.update('enabled', isOn, target, ofLanguage !== undefined);
}
