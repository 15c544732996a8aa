/** The model that the workspace's settings name, and the names of models for people. */
import { basename } from 'node:path';
import { ConfigurationTarget, type Memento, type TextDocument, type Uri, workspace } from 'vscode';
import { folderOf, settingOf } from './model-path.ts';

export interface ChosenModel {
  readonly folder: string;
  readonly title: string;
}

const TITLES = 'parlance.modelTitles';
/** Of a folder that nobody gave a name, so much is shown: most are fingerprints. */
const LONGEST_NAME = 24;

/** What `parlance.completions.model` means for a text, or for the workspace. */
export function chosenModel(state: Memento, of: TextDocument | undefined): ChosenModel | undefined {
  const setting = workspace.getConfiguration('parlance.completions', of ?? null).get('model', '');
  const folder = folderOf(setting, workspaceFolder(of?.uri));
  return folder === undefined ? undefined : { folder, title: titleOf(state, folder) };
}

/** Writes the settings of the workspace, or of the user where no folder is open, and remembers the model's name. */
export async function chooseModel(state: Memento, { folder, title }: ChosenModel): Promise<void> {
  await rememberTitle(state, { folder, title });
  const folders = workspace.workspaceFolders ?? [];
  const target = folders.length === 0 ? ConfigurationTarget.Global : ConfigurationTarget.Workspace;
  const only = folders.length === 1 ? folders[0].uri.fsPath : undefined;
  await workspace
    .getConfiguration('parlance.completions', null)
    .update('model', settingOf(folder, only), target);
}

export async function rememberTitle(state: Memento, { folder, title }: ChosenModel): Promise<void> {
  await state.update(TITLES, { ...state.get<Record<string, string>>(TITLES), [folder]: title });
}

export function titleOf(state: Memento, folder: string): string {
  const known = state.get<Record<string, string>>(TITLES)?.[folder];
  return known ?? basename(folder).slice(0, LONGEST_NAME);
}

function workspaceFolder(uri: Uri | undefined): string | undefined {
  const own = uri && workspace.getWorkspaceFolder(uri);
  return (own ?? workspace.workspaceFolders?.at(0))?.uri.fsPath;
}
