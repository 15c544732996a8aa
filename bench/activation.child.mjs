/**
 * Loads and activates one extension in this process, without an editor, and prints how long the process computed for it:
 * `node activation.child.mjs <file>`. The stand-in for `vscode` takes every member and call.
 */
import { createRequire, Module } from 'node:module';

const [file] = process.argv.slice(2);

/** @returns {object} */
function anything() {
  const members = new Map();
  return new Proxy(class {}, {
    get: (target, name) => {
      if (name === Symbol.toPrimitive) return () => 'vscode';
      if (name === 'prototype') return target.prototype;
      if (typeof name === 'symbol' || name === 'then' || name === 'workspaceFolders') return undefined;
      if (name === 'visibleTextEditors' || name === 'textDocuments') return [];
      if (!members.has(name)) members.set(name, anything());
      return members.get(name);
    },
    set: () => true,
    apply: anything,
    construct: anything,
  });
}

const vscode = anything();
const load = Reflect.get(Module, '_load');
Reflect.set(Module, '_load', (/** @type {string} */ name, /** @type {unknown[]} */ ...rest) =>
  name === 'vscode' ? vscode : load(name, ...rest),
);

const context = {
  subscriptions: [],
  extensionUri: { fsPath: '/' },
  extensionPath: '/',
  globalStorageUri: { fsPath: '/' },
  globalState: { get: () => undefined, update: () => Promise.resolve() },
  workspaceState: { get: () => undefined, update: () => Promise.resolve() },
};
const before = process.cpuUsage();
createRequire(import.meta.url)(file).activate(context);
const { user, system } = process.cpuUsage(before);
console.log((user + system) / 1000);
process.exit(0);
