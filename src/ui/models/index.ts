/** *Use for Completions*: which of the models completes text in this workspace, and is meant where none is named. */
import { type Disposable, l10n, window } from 'vscode';
import type { AllRuns } from '../runs/all-runs.ts';
import { register } from '../runs/commands.ts';
import type { Services } from '../services.ts';

export function registerModels(services: Services, runs: AllRuns): Disposable {
  return register('parlance.useForCompletions', async (argument) => {
    const [{ modelOf }, { chooseModel }, { setCompletions }] = await Promise.all([
      import('./pick-model.ts'),
      import('./chosen-model.ts'),
      import('../ghost-text/switch.ts'),
    ]);
    const model = await modelOf(services, runs, argument);
    if (model === undefined) return;
    await chooseModel(services.context.workspaceState, model);
    await setCompletions(true, undefined);
    services.milestones.reach('usedModel');
    window.setStatusBarMessage(l10n.t('{0} completes text in this workspace now.', model.title), 5000);
  });
}
