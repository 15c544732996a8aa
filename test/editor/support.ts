/** What tests in the extension host share. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { extensions, Uri, workspace } from 'vscode';

export function parlance() {
  const found = extensions.getExtension('parlance.parlance');
  assert.ok(found, 'Parlance is installed');
  return found;
}

/** The address of a file of the open folder. */
export function uriOf(path: string): Uri {
  const folder = workspace.workspaceFolders?.[0];
  assert.ok(folder, 'a folder is open');
  return Uri.joinPath(folder.uri, path);
}

/** The text of a file of the open folder; empty when it does not exist. */
export function fileText(path: string): string {
  try {
    return readFileSync(join(uriOf('.').fsPath, path), 'utf8');
  } catch {
    return '';
  }
}
