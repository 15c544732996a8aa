/**
 * What the extension host loads in place of a command line: mocha on one file of tests. The name of the open folder says
 * which one, so that a single server can run several, each in a workspace that fits it. The result is written beside the
 * folder, because what the host prints is mixed with its own lines.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Mocha from 'mocha';
import { workspace } from 'vscode';
import { HANG_MS } from '../support/waiting.ts';

export interface Outcome {
  readonly title: string;
  /** Why it failed; absent when it passed. */
  readonly failure?: string;
}

export async function run(): Promise<void> {
  const folder = workspace.workspaceFolders?.[0];
  if (folder === undefined) throw new Error('no folder is open');
  const mocha = new Mocha({ timeout: 2 * HANG_MS });
  mocha.addFile(join(__dirname, `${folder.name}.cjs`));
  const outcomes: Outcome[] = [];
  const failures = await new Promise<number>((done) => {
    mocha
      .run(done)
      .on('pass', (test) => outcomes.push({ title: test.fullTitle() }))
      .on('fail', (test, error) => {
        outcomes.push({ title: test.fullTitle(), failure: error.stack ?? error.message });
      });
  });
  const result = `${folder.uri.fsPath}.result.json`;
  writeFileSync(`${result}.tmp`, JSON.stringify(outcomes));
  renameSync(`${result}.tmp`, result);
  if (failures > 0) throw new Error(`${failures} of the tests failed`);
}
