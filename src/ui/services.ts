/** What the parts of the editor's side share. Each part is registered with these and knows nothing of the others. */
import type { ExtensionContext } from 'vscode';
import type { Hosts } from '../host/hosts.ts';
import type { WorkspaceIndex } from '../indexer/workspace-index.ts';
import type { Experiments } from './experiments.ts';
import type { LateModels } from './lazy-services.ts';
import type { Milestones } from './milestones.ts';

export interface Services {
  readonly context: ExtensionContext;
  readonly experiments: Experiments;
  readonly hosts: Hosts;
  readonly index: WorkspaceIndex;
  readonly models: Pick<LateModels, 'model'>;
  readonly milestones: Milestones;
}
