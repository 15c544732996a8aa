/** Makes what the parts of the editor's side share; nothing is read and no process started before it is asked for. */
import type { ExtensionContext } from 'vscode';
import { Experiments } from './experiments.ts';
import { noHosts, noIndex } from './not-there.ts';
import type { Services } from './services.ts';

export function createServices(context: ExtensionContext): Services {
  const experiments = new Experiments();
  const hosts = noHosts;
  const index = noIndex;
  context.subscriptions.push(experiments, hosts, index);
  return { context, experiments, hosts, index };
}
