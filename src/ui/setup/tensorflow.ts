/** `Add TensorFlow.js`: fetches it after the user's yes, or takes a folder that has it; a process of its own tries it. */
import { l10n, type QuickPickItem, window } from 'vscode';
import { askCommandLine } from '../command-line.ts';
import type { Services } from '../services.ts';
import { withProgress } from './machine-check.ts';

interface Way extends QuickPickItem {
  readonly way: 'fetch' | 'folder';
}

export async function addTensorFlow({ context: { extensionUri } }: Services): Promise<void> {
  const items: readonly Way[] = [
    {
      label: `$(cloud-download) ${l10n.t('Download with npm…')}`,
      detail: l10n.t('@tensorflow/tfjs-node-gpu and TensorFlow’s library, some hundreds of megabytes.'),
      way: 'fetch',
    },
    {
      label: `$(folder-opened) ${l10n.t('Choose a folder that has it…')}`,
      detail: l10n.t('A folder with TensorFlow.js in its node_modules; nothing is downloaded.'),
      way: 'folder',
    },
  ];
  const placeHolder = l10n.t('Where is TensorFlow.js? It needs an NVIDIA card with CUDA 11.');
  const chosen = await window.showQuickPick(items, { placeHolder });
  const options = chosen === undefined ? undefined : await optionsOf(chosen);
  if (options === undefined) return;
  const lines = await withProgress(l10n.t('Making TensorFlow.js ready'), (signal) =>
    askCommandLine({ extensionUri, args: ['tensorflow', ...options], signal }),
  );
  const { package: name, backend } = lines.at(-1) ?? {};
  await window.showInformationMessage(
    l10n.t(
      '{0} works, with its backend {1}. The setting parlance.engine chooses it.',
      `${name}`,
      `${backend}`,
    ),
  );
}

async function optionsOf({ way }: Way): Promise<readonly string[] | undefined> {
  if (way === 'folder') {
    const picked = await window.showOpenDialog({ canSelectFiles: false, canSelectFolders: true });
    return picked === undefined ? undefined : ['--from', picked[0].fsPath];
  }
  const yes = l10n.t('Download');
  const answer = await window.showWarningMessage(
    l10n.t('Download TensorFlow.js with npm?'),
    {
      modal: true,
      detail: l10n.t('Some hundreds of megabytes come from npm and from TensorFlow’s servers.'),
    },
    yes,
  );
  return answer === yes ? ['--yes'] : undefined;
}
