/**
 * The extension without an editor: it is bundled as for shipping and loaded with a stand-in for the `vscode` module that
 * allows only what activation may do. What the commands do is tested in a real workbench (test/e2e).
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';
import { bundleExtension, type Chunk, loadedAtOnce } from '../../scripts/extension-bundle.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const require = createRequire(import.meta.url);

/** What may not be done before something is asked for: reading, watching, starting, asking. */
const forbidden: Readonly<Record<string, readonly string[]>> = {
  commands: ['executeCommand'],
  window: [
    'showQuickPick',
    'showInformationMessage',
    'showWarningMessage',
    'showErrorMessage',
    'withProgress',
  ],
  workspace: ['findFiles', 'fs', 'openTextDocument', 'createFileSystemWatcher'],
};

/**
 * What activation may load. It was 474 kB while every command's code and zod's tables were part of it, of which 75 ms of
 * processor time came; it is 77 kB. The bound leaves room for more commands and views, and none for a library.
 */
const atOnceLimitBytes = 90_000;

const bundle = bundleExtension({ production: true });

/** Takes every member and call, except those that are forbidden, and notes the commands. */
class StandIn {
  readonly commands: string[] = [];
  readonly used: string[] = [];

  module(): unknown {
    return this.#anything('vscode');
  }

  #anything(path: string): unknown {
    const members = new Map<string | symbol, unknown>();
    const disposable = () => this.#anything(`${path}()`);
    const stand = (...values: unknown[]): unknown => {
      if (path === 'vscode.commands.registerCommand') this.commands.push(String(values[0]));
      return disposable();
    };
    return new Proxy(class {}, {
      get: (target, name) => {
        if (name === Symbol.toPrimitive) return () => path;
        if (name === 'prototype') return target.prototype;
        if (typeof name === 'symbol' || name === 'then' || name === 'workspaceFolders') return undefined;
        if (name === 'visibleTextEditors' || name === 'textDocuments') return [];
        const [space] = path.split('.').slice(1);
        if (forbidden[space]?.includes(name)) this.used.push(`${path}.${name}`);
        if (!members.has(name)) members.set(name, this.#anything(`${path}.${name}`));
        return members.get(name);
      },
      set: () => true,
      apply: (_target, _self, values) => stand(...values),
      construct: (_target, values) => stand(...values) as object,
    });
  }
}

async function activate() {
  const chunks = await bundle;
  const standIn = new StandIn();
  const vscode = standIn.module();
  const loaded = new Map<string, { exports: unknown }>();
  const load = (name: string): unknown => {
    if (name === 'vscode') return vscode;
    const chunk = chunks.find((one) => `./${one.name}` === name);
    return chunk === undefined ? require(name) : loadChunk(chunk);
  };
  const loadChunk = ({ name, text }: Chunk): unknown => {
    const known = loaded.get(name);
    if (known !== undefined) return known.exports;
    const module = { exports: {} };
    loaded.set(name, module);
    new Script(`(function (module, exports, require) {${text}\n})`, { filename: name }).runInThisContext()(
      module,
      module.exports,
      load,
    );
    return module.exports;
  };
  const { activate: begin } = load('./extension.cjs') as { activate: (context: object) => void };
  const memento = { get: (_key: string, fallback: unknown) => fallback, update: () => Promise.resolve() };
  const subscriptions: { dispose(): void }[] = [];
  begin({
    subscriptions,
    extensionUri: { fsPath: root },
    extensionPath: root,
    globalStorageUri: { fsPath: root },
    globalState: memento,
    workspaceState: memento,
  });
  for (const one of subscriptions) one.dispose();
  return { standIn, loaded: [...loaded.keys()] };
}

test('activation registers exactly the commands that package.json contributes', async () => {
  const manifest = JSON.parse(await readFile(`${root}/package.json`, 'utf8'));
  const contributed = manifest.contributes.commands.map(({ command }: { command: string }) => command);
  const { standIn } = await activate();
  assert.deepEqual(standIn.commands.sort(), contributed.sort());
});

test('activation reads nothing, asks nothing and starts no process', async () => {
  const { standIn } = await activate();
  assert.deepEqual(standIn.used, []);
});

test('activation loads its own chunks alone: no library but our own code, and little of that', async () => {
  const atOnce = loadedAtOnce(await bundle);
  const { loaded } = await activate();
  assert.deepEqual(loaded.sort(), atOnce.map(({ name }) => name).sort());
  assert.deepEqual(
    atOnce.flatMap(({ inputs }) => inputs).filter((input) => input.includes('node_modules/')),
    [],
  );
  const bytes = atOnce.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
  assert.ok(bytes < atOnceLimitBytes, `${bytes} bytes`);
});

test('what is loaded later holds no engine and none of the readers of large files', async () => {
  const heavy =
    /src\/engines\/(onnxruntime|webgpu|tensorflow)|node_modules\/(onnxruntime|hyparquet|htmlparser2|chokidar)/;
  for (const { text, inputs } of await bundle) {
    assert.deepEqual(
      inputs.filter((input) => heavy.test(input)),
      [],
    );
    assert.doesNotMatch(text, /onnxruntime-node/);
  }
});

test('a workspace that is not trusted cannot run experiments', async () => {
  const manifest = JSON.parse(await readFile(`${root}/package.json`, 'utf8'));
  assert.equal(manifest.capabilities.untrustedWorkspaces.supported, 'limited');
  for (const name of ['run', 'runMethods', 'pause', 'resume', 'stopAndKeepBest', 'cancel', 'cleanUp']) {
    const command = manifest.contributes.commands.find(
      (one: { command: string }) => one.command === `parlance.${name}`,
    );
    assert.match(command.enablement, /\bisWorkspaceTrusted\b/, name);
  }
});

test('menus, welcome texts and keys name only commands and views that are contributed', async () => {
  const { contributes } = JSON.parse(await readFile(`${root}/package.json`, 'utf8'));
  const words: Record<string, string> = JSON.parse(await readFile(`${root}/package.nls.json`, 'utf8'));
  const existing = new Set(contributes.commands.map(({ command }: { command: string }) => command));
  for (const { id } of contributes.views.parlance) existing.add(`${id}.focus`);
  const menus: readonly { command?: string }[] = [
    ...Object.values(contributes.menus),
    contributes.keybindings,
  ].flat();
  const linked = Object.values(words).flatMap((text) => text.match(/(?<=command:)parlance\.[\w.]+/g) ?? []);
  const named = [...menus.flatMap(({ command }) => command ?? []), ...linked];
  assert.deepEqual(
    named.filter((command) => !existing.has(command)),
    [],
  );
  const keys = JSON.stringify(contributes).match(/(?<="%)[\w.]+(?=%")/g) ?? [];
  assert.deepEqual(
    keys.filter((key) => words[key] === undefined),
    [],
  );
});
