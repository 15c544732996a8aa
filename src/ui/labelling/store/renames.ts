/** Labels follow files and folders that are renamed or moved in the editor, by whatever key, drag or refactoring. */
import { relative, sep } from 'node:path';
import { type Disposable, FileType, l10n, RelativePattern, type Uri, window, workspace } from 'vscode';
import type { Rename } from '../../../corpus/labels/label-renames.ts';
import type { LabelStore } from './label-store.ts';
import type { LabelStores } from './label-stores.ts';

const toldForMs = 8000;

export function followRenames(stores: LabelStores): Disposable {
  return workspace.onDidRenameFiles(({ files }) => {
    const stored = new Set(files.flatMap(({ oldUri }) => stores.of(oldUri) ?? []));
    for (const store of stored) {
      void follow(
        store,
        files.filter(({ oldUri }) => stores.of(oldUri) === store),
      );
    }
  });
}

async function follow(
  store: LabelStore,
  moved: readonly { readonly oldUri: Uri; readonly newUri: Uri }[],
): Promise<void> {
  try {
    const renames: Rename[] = [];
    for (const { oldUri, newUri } of moved) {
      const to = store.pathOf(newUri);
      // What left the folder has no labels there; its entries are lost and told in Problems.
      if (to.startsWith('..')) continue;
      renames.push({ from: store.pathOf(oldUri), to, ...(await filesBelow(newUri)) });
    }
    const count = await store.followRenames(renames);
    if (count === 0) return;
    const words = count === 1 ? l10n.t('1 label follows') : l10n.t('{0} labels follow', count);
    window.setStatusBarMessage(`$(tag) ${words}: ${renames.map(({ to }) => to).join(', ')}`, toldForMs);
  } catch (error) {
    void window.showWarningMessage(
      l10n.t('The labels could not follow: {0}', error instanceof Error ? error.message : String(error)),
    );
  }
}

/** Of a folder, the paths of the files in it. */
export async function filesBelow(uri: Uri): Promise<{ readonly files?: readonly string[] }> {
  const { type } = await workspace.fs.stat(uri);
  if ((type & FileType.Directory) === 0) return {};
  // Nothing is left out: labels speak of files that the explorer does not show, too.
  const found = await workspace.findFiles(new RelativePattern(uri, '**/*'), null);
  return { files: found.map((file) => relative(uri.fsPath, file.fsPath).split(sep).join('/')) };
}
