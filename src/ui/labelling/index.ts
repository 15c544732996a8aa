/**
 * Labelling in the editor. At activation only its commands are registered; the rest (labelling.ts) is loaded when the
 * window is at rest, or with the first command. Labels are read when first needed.
 */
import { commands, Disposable } from 'vscode';
import type { Services } from '../services.ts';
import { labelCommandNames } from './command-names.ts';
import type { Labelling } from './labelling.ts';

export function registerLabelling(services: Services): Disposable {
  let loading: Promise<Labelling> | undefined;
  const loaded = (): Promise<Labelling> => {
    loading ??= import('./labelling.ts').then(({ Labelling }) => new Labelling(services));
    return loading;
  };
  const atRest = setImmediate(() => void loaded());
  return Disposable.from(
    ...labelCommandNames.map((name) =>
      commands.registerCommand(name, async (...args: unknown[]) => (await loaded()).runCommand(name, args)),
    ),
    {
      dispose: () => {
        clearImmediate(atRest);
        void loading?.then((labelling) => labelling.dispose());
      },
    },
  );
}
