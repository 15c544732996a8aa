/** A folder that is not trusted: it can be looked at and labelled; nothing of it runs. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, it } from 'mocha';
import { commands, window, workspace } from 'vscode';
import { until } from '../support/waiting.ts';
import { fileText, parlance, uriOf } from './support.ts';

function children(): string[] {
  const pids = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim();
  return pids === '' ? [] : pids.split(' ').map((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
}

describe('a folder that is not trusted', () => {
  it('lets the extension work', async () => {
    assert.equal(workspace.isTrusted, false);
    await parlance().activate();
  });

  it('can be labelled', async () => {
    await commands.executeCommand('parlance.labelHeldOut', uriOf('docs/npm-ci.md'));
    await until('the label', () => fileText('.parlance/labels.json').includes('docs/npm-ci.md'));
  });

  it('starts no process when a run or a model is asked for', async () => {
    const isHost = (command: string) => /host\.mjs|cli\.mjs|model-process\.mjs/.test(command);
    const model = { kind: 'model', title: 'a model', folder: uriOf('.').fsPath };
    await window.showTextDocument(await workspace.openTextDocument(uriOf('docs/npm-ci.md')));
    // Not awaited: they wait for an answer to their message.
    for (const name of ['run', 'runMethods', 'resume', 'quickStart']) {
      void commands.executeCommand(`parlance.${name}`).then(undefined, () => {});
    }
    for (const name of ['useForCompletions', 'evaluateFile', 'openPlayground']) {
      void commands.executeCommand(`parlance.${name}`, model).then(undefined, () => {});
    }
    await commands.executeCommand('editor.action.inlineSuggest.trigger');
    await sleep(2000);
    assert.deepEqual(children().filter(isHost), []);
    assert.equal(await exists('.parlance/storage/runs'), false);
  });
});

async function exists(path: string): Promise<boolean> {
  return workspace.fs.stat(uriOf(path)).then(
    () => true,
    () => false,
  );
}
