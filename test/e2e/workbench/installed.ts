/** A folder of extensions with the packaged one in it, installed once for a phase of tests: that takes seconds each time. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sharedFolder } from '../../support/programs.ts';
import { codeServer, node24 } from './setup.mjs';

/** What VS Code keeps of a folder of extensions, with the places of all. */
const LIST = 'extensions.json';

export function installedExtensions(vsix: string, env: NodeJS.ProcessEnv): { copyTo(folder: string): void } {
  const shared = join(sharedFolder(), 'extensions');
  if (!existsSync(shared)) install(vsix, shared, env);
  return {
    copyTo: (folder) => {
      cpSync(shared, folder, { recursive: true });
      const list = readFileSync(join(folder, LIST), 'utf8');
      writeFileSync(join(folder, LIST), list.replaceAll(/\/[^":]*extensions-\w{6}/g, folder));
    },
  };
}

/** Whole or not at all: files of tests run side by side. */
function install(vsix: string, shared: string, env: NodeJS.ProcessEnv): void {
  const made = mkdtempSync(`${shared}-`);
  const args = [codeServer, '--user-data-dir', `${made}-user`, '--extensions-dir', made];
  execFileSync(node24(), [...args, '--install-extension', vsix], { env, stdio: 'pipe' });
  rmSync(`${made}-user`, { recursive: true, force: true });
  try {
    renameSync(made, shared);
  } catch (error) {
    // Another file of tests was quicker.
    if (!existsSync(shared)) throw error;
    rmSync(made, { recursive: true, force: true });
  }
}
