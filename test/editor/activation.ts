/** A folder without an experiment: nothing of the extension runs before it is asked for. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'mocha';
import { commands } from 'vscode';
import { parlance } from './support.ts';

/** The command lines of this process's children. */
function children(): string[] {
  const pids = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim();
  return pids === '' ? [] : pids.split(' ').map((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
}

describe('activation', () => {
  it('waits until it is needed and starts no process', async () => {
    const extension = parlance();
    assert.equal(extension.isActive, false, 'active although the folder has no experiment');
    await extension.activate();
    // The editor looks for open ports now and then, by a child of the same process.
    assert.deepEqual(
      children().filter((command) => command.includes(extension.extensionPath)),
      [],
    );
  });

  it('registers every command that package.json contributes', async () => {
    const known = new Set(await commands.getCommands(true));
    const contributed: { command: string }[] = parlance().packageJSON.contributes.commands;
    const names = contributed.map(({ command }) => command);
    assert.deepEqual(
      names.filter((name) => !known.has(name)),
      [],
    );
  });

  it('has a text for every key of package.nls.json that package.json names', () => {
    const unresolved = JSON.stringify(parlance().packageJSON).match(/"%[\w.]+%"/g);
    assert.equal(unresolved, null);
  });

  it('contributes menus, keys and palette entries only for commands that exist', () => {
    const { contributes } = parlance().packageJSON;
    const existing = new Set(contributes.commands.map(({ command }: { command: string }) => command));
    const lists: { command?: string }[][] = Object.values(contributes.menus ?? {});
    const named = [...lists.flat(), ...(contributes.keybindings ?? [])].flatMap(
      ({ command }) => command ?? [],
    );
    assert.deepEqual(
      named.filter((command) => !existing.has(command)),
      [],
    );
  });

  it('brings the programs of its background processes and the binaries of this platform alone', () => {
    const files = readdirSync(parlance().extensionPath, { recursive: true, encoding: 'utf8' });
    for (const needed of ['dist/cli.mjs', 'dist/encode-worker.mjs', 'media/icon.png']) {
      assert.ok(files.includes(needed), needed);
    }
    const binaries = files.filter((file) => file.endsWith('.node'));
    assert.deepEqual(binaries, [
      `node_modules/onnxruntime-node/bin/napi-v6/${process.platform}/${process.arch}/onnxruntime_binding.node`,
    ]);
  });
});
