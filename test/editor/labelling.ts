/** Labels on real documents of a folder with an experiment: what is written, undone, followed and lost. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { beforeEach, describe, it } from 'mocha';
import {
  type CodeAction,
  type CodeLens,
  commands,
  type Hover,
  languages,
  MarkdownString,
  Position,
  Selection,
  type TextEditor,
  type Uri,
  WorkspaceEdit,
  window,
  workspace,
} from 'vscode';
import { until } from '../support/waiting.ts';
import { fileText, uriOf } from './support.ts';

interface Entry {
  readonly path?: string;
  readonly glob?: string;
  readonly label: string;
  readonly domain?: string;
  readonly passage?: { readonly quote?: string };
}

const labelsFile = '.parlance/labels.json';
const paragraph = 'The passage that is labelled stands alone in its paragraph, under a title.';

function entries(): readonly Entry[] {
  const text = fileText(labelsFile);
  return text === '' ? [] : JSON.parse(text).labels;
}

/** A document of its own for each test, with the paragraph in line 4, shown and without a label. */
async function showDocument(name: string): Promise<TextEditor> {
  const uri = uriOf(`docs/${name}.md`);
  await workspace.fs.writeFile(
    uri,
    new TextEncoder().encode(`# ${name}\n\nBefore.\n\n${paragraph}\n\nAfter.\n`),
  );
  return window.showTextDocument(uri);
}

async function labelParagraph(name: string): Promise<TextEditor> {
  const editor = await showDocument(name);
  editor.selection = new Selection(4, 0, 4, paragraph.length);
  await commands.executeCommand('parlance.labelHeldOut');
  await until('the passage is in labels.json', () =>
    entries().some(({ path, passage }) => path === `docs/${name}.md` && passage?.quote === paragraph),
  );
  return editor;
}

async function hoverText(editor: TextEditor, line: number): Promise<string> {
  const uri = editor.document.uri;
  const at = new Position(line, 5);
  const hovers = await commands.executeCommand<Hover[]>('vscode.executeHoverProvider', uri, at);
  const contents = hovers.flatMap(({ contents: parts }) => parts);
  return contents.map((part) => (part instanceof MarkdownString ? part.value : String(part))).join('\n');
}

describe('labels', () => {
  beforeEach(() => commands.executeCommand('workbench.action.closeAllEditors'));

  it('of a file are written to labels.json and can be undone', async () => {
    const path = 'docs/npm-ci.md';
    await commands.executeCommand('parlance.labelHeldOut', uriOf(path));
    await until('it is written', () =>
      entries().some((one) => one.path === path && one.label === 'held-out'),
    );
    await commands.executeCommand('parlance.undoLabel');
    await until('it is undone', () => entries().every((one) => one.path !== path));
  });

  it('are for the domain that reads the text, without a question, where one alone does', async () => {
    const before = fileText('parlance.json');
    const { domains, ...rest } = JSON.parse(before);
    const more = [...domains, { name: 'notes', sources: [{ path: 'notes' }] }];
    writeFileSync(uriOf('parlance.json').fsPath, JSON.stringify({ ...rest, domains: more }));
    const path = 'docs/npm-ci.md';
    await until('the entry names its domain', async () => {
      // Until the experiment is read again there is one domain; a question would never be answered.
      await commands.executeCommand('parlance.labelHeldOut', uriOf(path));
      return entries().some((one) => one.path === path && one.domain === domains[0].name);
    });
    writeFileSync(uriOf('parlance.json').fsPath, before);
    await commands.executeCommand('parlance.clearLabel', uriOf(path));
    await until('it is removed', () => entries().every((one) => one.path !== path));
  });

  it('are given to several files and a folder at once, as the explorer passes them', async () => {
    const [one, other, folder] = ['docs/npm-ls.md', 'docs/npm-root.md', 'docs'].map(uriOf);
    await commands.executeCommand('parlance.labelExcluded', one, [one, other, folder]);
    const excluded = await until('three entries', () => {
      const found = entries().filter(({ label }) => label === 'excluded');
      return found.length === 3 && found;
    });
    assert.deepEqual(excluded.flatMap(({ path }) => path ?? []).sort(), [
      'docs/npm-ls.md',
      'docs/npm-root.md',
    ]);
    assert.match(excluded.find(({ glob }) => glob !== undefined)?.glob ?? '', /^\/?docs\//);
    await commands.executeCommand('parlance.undoLabel');
    await until('all are undone', () => entries().every(({ label }) => label !== 'excluded'));
  });

  it('of a passage stay on its text while lines are put in above it, and after saving', async () => {
    const editor = await labelParagraph('moved');
    await until('a hover over it', async () => /held-out/i.test(await hoverText(editor, 4)));
    await editor.edit((edit) => edit.insert(new Position(0, 0), 'One more line.\n'.repeat(20)));
    await until('a hover 20 lines below', async () => /held-out/i.test(await hoverText(editor, 24)));
    assert.doesNotMatch(await hoverText(editor, 4), /held-out passage/i);
    await editor.document.save();
    await until('a hover there after saving', async () => /held-out/i.test(await hoverText(editor, 24)));
  });

  it('of a file and of a folder follow a rename, and come back when it is taken back', async () => {
    const editor = await labelParagraph('renamed');
    const [docs, moved] = [uriOf('docs/deep'), uriOf('docs/renamed folder')];
    await workspace.fs.createDirectory(docs);
    const rename = async (from: Uri, to: Uri) => {
      const edit = new WorkspaceEdit();
      edit.renameFile(from, to);
      assert.ok(await workspace.applyEdit(edit));
    };
    const namesPassage = (path: string) => () =>
      entries().some((one) => one.path === path && one.passage?.quote === paragraph);
    await rename(editor.document.uri, uriOf('docs/deep/other name.md'));
    await until('the passage has the new path', namesPassage('docs/deep/other name.md'));
    await rename(docs, moved);
    await until('the passage has the folder’s new name', namesPassage('docs/renamed folder/other name.md'));
    assert.equal(entries().filter(({ path }) => path?.startsWith('docs/deep/')).length, 0);
    const again = await window.showTextDocument(uriOf('docs/renamed folder/other name.md'));
    await until('a hover over it', async () => /held-out/i.test(await hoverText(again, 4)));
    await rename(moved, docs);
    await until('the passage has its path again', namesPassage('docs/deep/other name.md'));
  });

  it('of a passage that was edited outside of the editor are found again', async () => {
    const editor = await labelParagraph('outside');
    await commands.executeCommand('workbench.action.closeAllEditors');
    const uri = editor.document.uri;
    writeFileSync(uri.fsPath, `${'New at the top.\n'.repeat(7)}${fileText('docs/outside.md')}`);
    const again = await window.showTextDocument(uri);
    await until('the editor has the new text', () => again.document.lineCount > 10);
    await until('a hover 7 lines below', async () => /held-out/i.test(await hoverText(again, 11)));
  });

  it('of a passage are lost when its text changes on disk below the open editor, and not cut down to what is left', async () => {
    const editor = await labelParagraph('pulled');
    const changed = fileText('docs/pulled.md')
      .replace('Before.', 'Before, changed.')
      .replace(paragraph, paragraph.replace('The passage', 'A passage'));
    writeFileSync(editor.document.uri.fsPath, changed);
    await until('the problem', () =>
      languages.getDiagnostics(editor.document.uri).some(({ message }) => /\blost\b/.test(message)),
    );
    assert.ok(
      entries().some(({ path, passage }) => path === 'docs/pulled.md' && passage?.quote === paragraph),
    );
  });

  it('of a passage grow with what is typed inside it, and are saved with the file', async () => {
    const editor = await labelParagraph('grown');
    await until('a hover over it', async () => /held-out/i.test(await hoverText(editor, 4)));
    await editor.edit((edit) => edit.insert(new Position(4, 4), 'longer\n'));
    await editor.document.save();
    const quote = paragraph.replace('The ', 'The longer\n');
    await until('the entry has the new text', () =>
      entries().some(({ path, passage }) => path === 'docs/grown.md' && passage?.quote === quote),
    );
    assert.equal(entries().filter(({ path }) => path === 'docs/grown.md').length, 1);
    await until('a hover over its second line', async () => /held-out/i.test(await hoverText(editor, 5)));
    assert.deepEqual(languages.getDiagnostics(editor.document.uri), []);
  });

  it('of a passage whose text is gone are a problem, and stay in labels.json', async () => {
    const editor = await labelParagraph('lost');
    const { range } = editor.document.lineAt(4);
    await editor.edit((edit) => edit.replace(range, 'Something else altogether.'));
    await editor.document.save();
    await until('the problem', () =>
      languages.getDiagnostics(editor.document.uri).some(({ message }) => /\blost\b/.test(message)),
    );
    assert.ok(entries().some(({ path }) => path === 'docs/lost.md'));
    await commands.executeCommand('undo');
    await until('the problem is gone with the edit', () =>
      languages.getDiagnostics(editor.document.uri).every(({ message }) => !/\blost\b/.test(message)),
    );
  });

  it('of a file that is gone can be taken out at their entry in labels.json', async () => {
    const gone = { path: 'docs/gone.md', label: 'held-out' };
    const file = uriOf(labelsFile);
    const before = entries();
    // A line for each entry, as the editor writes them: a problem stands at its line.
    writeFileSync(file.fsPath, JSON.stringify({ version: 1, labels: [...before, gone] }, undefined, 2));
    const problem = await until('the problem', () =>
      languages.getDiagnostics(file).find(({ message }) => message.includes(gone.path)),
    );
    await window.showTextDocument(file);
    const fix = await until('the quick fix', async () => {
      const actions = await commands.executeCommand<CodeAction[]>(
        'vscode.executeCodeActionProvider',
        file,
        problem.range,
      );
      return actions.find(({ title }) => title === 'Remove this entry')?.command;
    });
    await commands.executeCommand(fix.command, ...(fix.arguments ?? []));
    await until('it is out', () => entries().every(({ path }) => path !== gone.path));
    assert.equal(entries().length, before.length);
  });

  it('are re-read when labels.json changes on disk', async () => {
    const editor = await showDocument('reread');
    const changed = [...entries(), { path: 'docs/reread.md', label: 'generic' }];
    writeFileSync(uriOf(labelsFile).fsPath, JSON.stringify({ version: 1, labels: changed }));
    await until('the lens says so', async () => {
      const lenses = await commands.executeCommand<CodeLens[]>(
        'vscode.executeCodeLensProvider',
        editor.document.uri,
        10,
      );
      return lenses.some(({ command }) => /generic/i.test(command?.title ?? ''));
    });
  });
});
