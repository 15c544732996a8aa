/** Which folder of the workspace a command is about, and errors in the words of the command line. */
import { Uri, type WorkspaceFolder, window, workspace } from 'vscode';
import { InterruptedError, ParlanceError } from '../../common/errors.ts';
import { tellOf } from '../next-step.ts';

/** The folder of a file, the only folder, or the one that the user picks; `undefined` when none is picked. */
export async function chooseFolder(of: unknown): Promise<WorkspaceFolder | undefined> {
  const uri = of instanceof Uri ? of : addressOf(of);
  const given = uri === undefined ? undefined : workspace.getWorkspaceFolder(uri);
  if (given !== undefined) return given;
  const folders = (workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');
  if (folders.length === 0) throw (await import('../missing.ts')).noFolder();
  return folders.length === 1 ? folders[0] : window.showWorkspaceFolderPick();
}

/** The address of what a row of a tree stands for. */
function addressOf(row: unknown): Uri | undefined {
  if (typeof row !== 'object' || row === null || !('resourceUri' in row)) return undefined;
  return row.resourceUri instanceof Uri ? row.resourceUri : undefined;
}

/** Runs a command; what the user can mend is shown, what was stopped on purpose is not. */
export async function telling(command: () => Promise<void>): Promise<void> {
  try {
    await command();
  } catch (error) {
    if (error instanceof InterruptedError) return;
    if (!(error instanceof ParlanceError)) throw error;
    await tellOf(error);
  }
}
