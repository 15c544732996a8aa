/** `Open Sample Workspace`: copies the packaged sample into a folder of the user's, or a temporary one, and opens it. */
import { commands, FileType, l10n, type QuickPickItem, Uri, window, workspace } from 'vscode';
import { ResourceError } from '../../common/errors.ts';
import { sampleWorkspace } from '../../experiments/proposal/bundled-generic.ts';
import type { Services } from '../services.ts';

const FOLDER = 'parlance-sample';

interface Where extends QuickPickItem {
  readonly where: 'pick' | 'temporary';
}

export async function openSample({ context }: Services): Promise<void> {
  const from = packagedSample(context.extensionUri);
  const items: readonly Where[] = [
    {
      label: `$(folder-opened) ${l10n.t('Choose a folder…')}`,
      detail: l10n.t('The sample is copied into a new folder in it.'),
      where: 'pick',
    },
    {
      label: `$(beaker) ${l10n.t('Just try it')}`,
      detail: l10n.t('The sample is copied into the storage of this extension.'),
      where: 'temporary',
    },
  ];
  const placeHolder = l10n.t(
    'Where should the sample workspace go? It holds 8 MB of text, an experiment, and what its first run found.',
  );
  const chosen = await window.showQuickPick(items, { placeHolder });
  if (chosen === undefined) return;
  const parent =
    chosen.where === 'temporary' ? Uri.joinPath(context.globalStorageUri, 'samples') : await pickFolder();
  if (parent === undefined) return;
  const target = await freeName(parent);
  await workspace.fs.createDirectory(parent);
  await workspace.fs.copy(from, target);
  await commands.executeCommand('vscode.openFolder', target, {
    forceNewWindow: workspace.workspaceFolders !== undefined,
  });
}

function packagedSample(extensionUri: Uri): Uri {
  const place = sampleWorkspace(extensionUri.fsPath);
  if (place !== undefined) return Uri.file(place);
  throw new ResourceError(
    l10n.t('This installation has no sample workspace.'),
    l10n.t('Install the packaged extension, or run node samples/assemble.mjs in its sources.'),
  );
}

async function pickFolder(): Promise<Uri | undefined> {
  const picked = await window.showOpenDialog({
    canSelectFiles: false,
    canSelectFolders: true,
    openLabel: l10n.t('Copy Sample Here'),
  });
  return picked?.at(0);
}

async function freeName(parent: Uri): Promise<Uri> {
  for (let i = 1; ; i++) {
    const target = Uri.joinPath(parent, i === 1 ? FOLDER : `${FOLDER}-${i}`);
    if (!(await isFolder(target))) return target;
  }
}

async function isFolder(uri: Uri): Promise<boolean> {
  return workspace.fs.stat(uri).then(
    ({ type }) => (type & FileType.Directory) !== 0,
    () => false,
  );
}
