/** The generic text that comes with Parlance, for a folder that has none: offered by the wizard, copied when chosen. */
import { Uri, workspace } from 'vscode';
import { type TextPlace, workspaceFacts } from '../../experiments/proposal/workspace-facts.ts';
import { packagedSample } from './sample.ts';

const NAMES = ['generic', 'parlance-generic'];

export interface BundledGeneric {
  /** Where it will be in the folder. */
  readonly place: TextPlace;
  /** Where it is now. */
  readonly from: Uri;
  /** Puts it there, with its licences beside the labels; what is there already stays. */
  copy(): Promise<void>;
}

/** `undefined` when this installation has none, or the folder has files of its names. */
export async function bundledGeneric(extensionUri: Uri, folder: Uri): Promise<BundledGeneric | undefined> {
  const sample = await packagedSample(extensionUri).catch(() => undefined);
  const target = await freePlace(folder);
  if (sample === undefined || target === undefined) return undefined;
  const from = Uri.joinPath(sample, 'generic');
  const { files, bytes } = await workspaceFacts(from.fsPath);
  return {
    place: { path: target, files, bytes },
    from,
    copy: async () => {
      await workspace.fs.copy(from, Uri.joinPath(folder, target));
      const licences = Uri.joinPath(folder, '.parlance', 'LICENSES-generic.md');
      await workspace.fs.copy(Uri.joinPath(sample, 'LICENSES.md'), licences, { overwrite: true });
    },
  };
}

async function freePlace(folder: Uri): Promise<string | undefined> {
  for (const name of NAMES) {
    const isTaken = await workspace.fs.stat(Uri.joinPath(folder, name)).then(
      () => true,
      () => false,
    );
    if (!isTaken) return name;
  }
  return undefined;
}
