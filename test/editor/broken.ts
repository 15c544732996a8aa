/** A folder whose parlance.json and labels.json have mistakes: both are named with their line, neither is overwritten. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, it } from 'mocha';
import { commands, type Diagnostic, languages, window, workspace } from 'vscode';
import { until } from '../support/waiting.ts';
import { fileText, parlance, uriOf } from './support.ts';

function ours(path: string): readonly Diagnostic[] {
  return languages.getDiagnostics(uriOf(path)).filter(({ source }) => source === 'Parlance');
}

async function problemOf(path: string): Promise<Diagnostic> {
  return until(`a problem of ${path}`, () => ours(path)[0]);
}

describe('a broken file', () => {
  it('parlance.json: each mistake is a problem on its line that says what to do', async () => {
    await window.showTextDocument(uriOf('parlance.json'));
    const { message, range } = await problemOf('parlance.json');
    assert.match(message, /tokenizr/);
    assert.match(fileText('parlance.json').split('\n')[range.start.line], /tokenizr/);
  });

  it('parlance.json: the problem goes when the mistake does', async () => {
    const document = await workspace.openTextDocument(uriOf('parlance.json'));
    const editor = await window.showTextDocument(document);
    const at = document.positionAt(document.getText().indexOf('tokenizr'));
    const word = document.getWordRangeAtPosition(at, /tokenizr/);
    assert.ok(word);
    await editor.edit((edit) => edit.replace(word, 'tokenizer'));
    await until('no problem', () => ours('parlance.json').length === 0);
    await commands.executeCommand('workbench.action.files.revert');
  });

  it('labels.json: the problem stands on the line of the mistake', async () => {
    await parlance().activate();
    await window.showTextDocument(uriOf('docs/npm-ci.md'));
    const { range } = await problemOf('.parlance/labels.json');
    assert.match(fileText('.parlance/labels.json').split('\n')[range.start.line], /<<<<<<</);
  });

  it('labels.json: no labelling overwrites it', async () => {
    const before = fileText('.parlance/labels.json');
    // Not awaited: the command waits for an answer to its message.
    void commands.executeCommand('parlance.labelHeldOut', uriOf('docs/npm-ci.md'));
    await sleep(1000);
    assert.equal(fileText('.parlance/labels.json'), before);
  });
});
