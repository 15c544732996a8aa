/** Makes what the parts of the editor's side share; nothing is loaded, read or started before it is asked for. */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type ExtensionContext, Uri, workspace } from 'vscode';
import { Experiments } from './experiments.ts';
import { LateHosts, LateIndex, LateModels } from './lazy-services.ts';
import { Milestones } from './milestones.ts';
import type { Services } from './services.ts';

export function createServices(context: ExtensionContext): Services {
  const program = (name: string): string => Uri.joinPath(context.extensionUri, 'dist', name).fsPath;
  const experiments = new Experiments();
  const hosts = new LateHosts({
    program: program('host.mjs'),
    queueFolder: join(context.globalStorageUri.fsPath, 'queue'),
    parallel: () => workspace.getConfiguration('parlance').get('hosts.parallel', 1),
  });
  const trusted = () => workspace.isTrusted;
  const index = new LateIndex({ program: program('indexer.mjs'), trusted });
  const models = new LateModels({
    program: program('model-process.mjs'),
    threads: availableParallelism(),
    trusted,
  });
  const milestones = new Milestones(context);
  context.subscriptions.push(experiments, hosts, index, models, milestones);
  return { context, experiments, hosts, index, models, milestones };
}
