/** Activation: wires, nothing else. All work happens in a command, and long work in a process of its own. */
import type { ExtensionContext } from 'vscode';
import { registerCommands } from './ui/commands.ts';

export function activate(context: ExtensionContext): void {
  registerCommands(context);
}
