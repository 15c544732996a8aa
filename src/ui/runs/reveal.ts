/** Shows a folder where the user can work with it: the system's file manager, or the editor's explorer in a browser. */
import { commands, env, l10n, UIKind, Uri, workspace } from 'vscode';
import { InputError } from '../../common/errors.ts';

/** Throws InputError when it is not there. */
export async function revealFolder(folder: string): Promise<void> {
  const uri = Uri.file(folder);
  const isThere = await workspace.fs.stat(uri).then(
    () => true,
    () => false,
  );
  if (!isThere) {
    throw new InputError(
      l10n.t('There is no folder {0}.', folder),
      l10n.t('It may not have been made yet, or it was cleaned away.'),
    );
  }
  if (env.uiKind === UIKind.Desktop && env.remoteName === undefined) {
    await commands.executeCommand('revealFileInOS', uri);
  } else if (workspace.getWorkspaceFolder(uri) !== undefined) {
    await commands.executeCommand('revealInExplorer', uri);
  } else {
    await commands.executeCommand('vscode.openFolder', uri, { forceNewWindow: true });
  }
}
