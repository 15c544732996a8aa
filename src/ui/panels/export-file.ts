/** Saves what a panel made: the user says where, beginning in the folder of the experiment. */
import { isAbsolute } from 'node:path';
import { commands, l10n, Uri, window, workspace } from 'vscode';
import { writeFileAtomic } from '../../common/files.ts';
import type { FromPanel } from '../../panel-protocol/messages.ts';

export async function exportFile(
  folder: Uri,
  { name, format, data }: Extract<FromPanel, { type: 'export' }>,
): Promise<void> {
  const safe = name.replace(/[^\w-]+/g, '-');
  const target = await window.showSaveDialog({
    defaultUri: Uri.joinPath(folder, `${safe}.${format}`),
    filters: { [format.toUpperCase()]: [format] },
  });
  if (target === undefined) return;
  const content = Buffer.from(data, format === 'png' ? 'base64' : 'utf8');
  // A folder on a remote machine is the editor's to write to.
  if (target.scheme === 'file' && isAbsolute(target.fsPath)) await writeFileAtomic(target.fsPath, content);
  else await workspace.fs.writeFile(target, content);
  const show = l10n.t('Open');
  const answer = await window.showInformationMessage(
    l10n.t('Saved {0}.', workspace.asRelativePath(target)),
    show,
  );
  if (answer === show) await commands.executeCommand('vscode.open', target);
}
