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
import { build } from 'esbuild';

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

async function bundled(): Promise<{ readonly text: string; readonly inputs: readonly string[] }> {
  const bundle = await build({
    absWorkingDir: root,
    entryPoints: ['src/extension.ts'],
    bundle: true,
    write: false,
    minify: true,
    platform: 'node',
    format: 'cjs',
    external: ['vscode', 'onnxruntime-node', '@huggingface/transformers'],
    metafile: true,
  });
  return { text: bundle.outputFiles[0].text, inputs: Object.keys(bundle.metafile.inputs) };
}

const bundle = bundled();

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
  const { text } = await bundle;
  const standIn = new StandIn();
  const vscode = standIn.module();
  const loaded: string[] = [];
  const module = { exports: {} as { activate: (context: object) => void } };
  const started = performance.now();
  const load = new Script(`(function (module, exports, require) {${text}\n})`).runInThisContext();
  load(module, module.exports, (name: string) => {
    loaded.push(name);
    return name === 'vscode' ? vscode : require(name);
  });
  const loadedMs = performance.now() - started;
  const memento = { get: (_key: string, fallback: unknown) => fallback, update: () => Promise.resolve() };
  const subscriptions: { dispose(): void }[] = [];
  module.exports.activate({
    subscriptions,
    extensionUri: { fsPath: root },
    extensionPath: root,
    globalStorageUri: { fsPath: root },
    globalState: memento,
    workspaceState: memento,
  });
  const tookMs = performance.now() - started;
  for (const one of subscriptions) one.dispose();
  return { standIn, loaded, loadedMs, tookMs, subscriptions };
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

test('loading and activating takes less than 100 ms', async (t) => {
  const times: number[] = [];
  for (let i = 0; i < 5; i++) {
    const { loadedMs, tookMs } = await activate();
    times.push(tookMs);
    t.diagnostic(`loaded in ${loadedMs.toFixed(1)} ms, active after ${tookMs.toFixed(1)} ms`);
  }
  assert.ok(Math.min(...times) < 100, times.join(' '));
});

test('the bundle holds no engine and none of the readers of large files', async () => {
  const { text, inputs } = await bundle;
  const heavy =
    /src\/engines\/(onnxruntime|webgpu|tensorflow)|node_modules\/(onnxruntime|hyparquet|htmlparser2|chokidar)/;
  assert.deepEqual(
    inputs.filter((input) => heavy.test(input)),
    [],
  );
  assert.doesNotMatch(text, /onnxruntime-node/);
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
  const menus: readonly { command?: string }[] = [
    ...Object.values(contributes.menus),
    contributes.keybindings,
  ].flat();
  const linked = Object.values(words).flatMap((text) => text.match(/(?<=command:)parlance\.\w+/g) ?? []);
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
