/**
 * The extension without an editor: it is bundled as for shipping and loaded with a stand-in for the `vscode` module that
 * allows only what activation may do. What the commands do is tested in a real workbench (test/e2e).
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));

async function registeredCommands(): Promise<string[]> {
  const bundle = await build({
    absWorkingDir: root,
    entryPoints: ['src/extension.ts'],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
    external: ['vscode'],
  });
  const registered: string[] = [];
  const allowed: Record<string, unknown> = {
    commands: {
      registerCommand: (name: string) => {
        registered.push(name);
        return { dispose: () => {} };
      },
    },
    Uri: { joinPath: () => ({}) },
  };
  const vscode = new Proxy(allowed, {
    get: (members, name) => {
      assert.ok(typeof name === 'string' && name in members, `activation uses vscode.${String(name)}`);
      return members[name];
    },
  });
  const module = { exports: {} as { activate: (context: object) => void } };
  const load = new Function('module', 'exports', 'require', bundle.outputFiles[0].text);
  load(module, module.exports, (name: string) => (name === 'vscode' ? vscode : assert.fail(`loads ${name}`)));
  const subscriptions: unknown[] = [];
  module.exports.activate({ subscriptions, extensionUri: {} });
  assert.equal(subscriptions.length, registered.length, 'every registration is disposed with the extension');
  return registered;
}

test('activation only registers commands, exactly those that package.json contributes', async () => {
  const manifest = JSON.parse(await readFile(`${root}/package.json`, 'utf8'));
  const contributed = manifest.contributes.commands.map(({ command }: { command: string }) => command);
  assert.deepEqual((await registeredCommands()).sort(), contributed.sort());
});

test('a workspace that is not trusted cannot run experiments', async () => {
  const manifest = JSON.parse(await readFile(`${root}/package.json`, 'utf8'));
  assert.equal(manifest.capabilities.untrustedWorkspaces.supported, 'limited');
  const run = manifest.contributes.commands.find(
    ({ command }: { command: string }) => command === 'parlance.run',
  );
  assert.match(run.enablement, /\bisWorkspaceTrusted\b/);
});
