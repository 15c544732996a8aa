/**
 * Completions while one types. At activation only the switch is registered; where completions are on, or a model for them
 * is chosen, the rest is loaded when the window is at rest.
 */
import { Disposable, workspace } from 'vscode';
import { register } from '../runs/commands.ts';
import type { Services } from '../services.ts';
import type { GhostText } from './ghost-text.ts';
import { areCompletionsUsed } from './switch.ts';

export function registerGhostText(services: Services): Disposable {
  let loading: Promise<GhostText> | undefined;
  const loaded = (): Promise<GhostText> => {
    loading ??= import('./ghost-text.ts').then(({ GhostText }) => new GhostText(services));
    return loading;
  };
  const loadIfUsed = (): void => {
    if (areCompletionsUsed()) void loaded();
  };
  const atRest = setImmediate(loadIfUsed);
  return Disposable.from(
    register('parlance.toggleCompletions', async () => (await loaded()).toggle()),
    workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('parlance.completions')) loadIfUsed();
    }),
    {
      dispose: () => {
        clearImmediate(atRest);
        void loading?.then((ghostText) => ghostText.dispose());
      },
    },
  );
}
