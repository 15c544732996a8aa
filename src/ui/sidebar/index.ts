/** The three views of the sidebar. */
import { Disposable } from 'vscode';
import type { AllRuns } from '../runs/all-runs.ts';
import type { Services } from '../services.ts';
import { registerCorpusTree } from './corpus-tree.ts';
import { registerExperimentsTree } from './experiments-tree.ts';
import { registerModelsTree } from './models-tree.ts';

export function registerSidebar(services: Services, runs: AllRuns): Disposable {
  return Disposable.from(
    ...registerCorpusTree(services),
    ...registerExperimentsTree(services, runs),
    ...registerModelsTree(runs),
  );
}
