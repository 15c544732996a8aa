/** The perplexity lens and its commands; loaded with the first of them. */
import { Disposable } from 'vscode';
import type { AllRuns } from '../runs/all-runs.ts';
import { register } from '../runs/commands.ts';
import type { Services } from '../services.ts';
import type { Lens } from './lens.ts';

export function registerLens(services: Services, runs: AllRuns): Disposable {
  let loading: Promise<Lens> | undefined;
  const loaded = (): Promise<Lens> => {
    loading ??= import('./lens.ts').then(({ Lens }) => new Lens(services, runs));
    return loading;
  };
  return Disposable.from(
    register('parlance.toggleLens', async () => (await loaded()).toggle()),
    register('parlance.nextSurprisingPassage', async () => (await loaded()).next()),
    register('parlance.evaluateFile', async (argument) => (await loaded()).evaluateFile(argument)),
    { dispose: () => void loading?.then((lens) => lens.dispose()) },
  );
}
