/** The commands on runs and what they leave, the status bar and the notifications. What a single command needs is loaded with it. */
import { Disposable, l10n } from 'vscode';
import type { HostCommand } from '../../host/hosts.ts';
import type { Services } from '../services.ts';
import type { AllRuns } from './all-runs.ts';
import { register, runOf } from './commands.ts';
import { Comparisons } from './compare.ts';
import { LogDocuments } from './log-document.ts';
import { registerNotifications } from './notifications.ts';
import { registerStatusBar } from './status-bar.ts';
import { showRuns, steer } from './steer.ts';

export function registerRuns(services: Services, runs: AllRuns): Disposable {
  const logs = new LogDocuments(services.hosts);
  const comparisons = new Comparisons(services, runs);
  const start = () => import('./start.ts');
  const store = () => import('./store.ts');
  const steering = (name: string, command: HostCommand) =>
    register(name, (argument, selected) => steer(services, runs, command, { argument, selected }));
  return Disposable.from(
    logs,
    comparisons,
    register('parlance.run', async (argument, method) => (await start()).run(services, argument, method)),
    register('parlance.runMethods', async (argument) => (await start()).runMethods(services, argument)),
    register('parlance.runOnCluster', async (argument) => (await start()).runOnCluster(services, argument)),
    steering('parlance.pause', 'pause'),
    steering('parlance.resume', 'resume'),
    steering('parlance.stopAndKeepBest', 'stop-and-keep-best'),
    steering('parlance.cancel', 'cancel'),
    register('parlance.showRuns', () => showRuns(runs)),
    register('parlance.showLog', async (argument) => {
      const chosen = await runOf(runs, argument, () => true, l10n.t('Whose log?'));
      if (chosen !== undefined) await logs.show(chosen);
    }),
    register('parlance.compareRuns', (argument, selected) => comparisons.show(argument, selected)),
    register('parlance.openCheckpoints', async (argument) => (await store()).openCheckpoints(runs, argument)),
    register('parlance.openModel', async (argument) =>
      (await import('./model-files.ts')).openModel(services, argument),
    ),
    register('parlance.saveModel', async (argument) =>
      (await import('./model-files.ts')).saveModelAs(services, argument),
    ),
    register('parlance.exportModel', async (argument) =>
      (await import('./export.ts')).exportModelAs(services, argument),
    ),
    register('parlance.openReport', async (argument) =>
      (await import('./report.ts')).openReport(services, argument),
    ),
    register('parlance.revealStore', async (argument) => (await store()).revealStore(services, argument)),
    register('parlance.cleanUp', async (argument) => (await store()).cleanUp(services, runs, argument)),
    ...registerStatusBar(runs),
    registerNotifications(services, runs),
  );
}
