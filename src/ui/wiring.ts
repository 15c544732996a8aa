/** Makes what the parts of the editor's side share; nothing is read and no process started before it is asked for. */
import { join } from 'node:path';
import { type ExtensionContext, Uri, workspace } from 'vscode';
import { IndexerClient } from '../host/indexer/client.ts';
import { Supervisor } from '../host/supervisor.ts';
import { Experiments } from './experiments.ts';
import type { Services } from './services.ts';

export function createServices(context: ExtensionContext): Services {
  const program = (name: string): string => Uri.joinPath(context.extensionUri, 'dist', name).fsPath;
  const experiments = new Experiments();
  const hosts = new Supervisor({
    program: program('host.mjs'),
    queueFolder: join(context.globalStorageUri.fsPath, 'queue'),
    parallel: () => workspace.getConfiguration('parlance').get('hosts.parallel', 1),
  });
  const index = new IndexerClient({ program: program('indexer.mjs'), trusted: () => workspace.isTrusted });
  context.subscriptions.push(experiments, hosts, index);
  return { context, experiments, hosts, index };
}
