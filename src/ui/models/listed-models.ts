/** The models of the workspace's experiments as a list, in the order of the Models view. */
import { l10n } from 'vscode';
import type { AllRuns } from '../runs/all-runs.ts';
import { experimentModels } from '../sidebar/experiment-models.ts';
import { modelRows } from '../sidebar/model-nodes.ts';
import { childrenOf, type TreeNode } from '../sidebar/nodes.ts';
import type { ChosenModel } from './chosen-model.ts';

export interface ListedModel extends ChosenModel {
  /** What was measured of it, in words. */
  readonly label: string;
  readonly detail: string;
}

/** Those with weights here, each once. */
export async function listedModels(runs: AllRuns): Promise<readonly ListedModel[]> {
  const known = await runs.whenKnown();
  const rows = modelRows(await Promise.all(known.map(experimentModels)), l10n.t).flatMap(withRowsBelow);
  const found = new Map<string, ListedModel>();
  for (const { subject, label, description = '' } of rows) {
    if (subject?.kind !== 'model' || found.has(subject.folder)) continue;
    const { folder, title } = subject;
    found.set(folder, { folder, title, label, detail: description });
  }
  return [...found.values()];
}

function withRowsBelow(node: TreeNode): readonly TreeNode[] {
  return [node, ...childrenOf(node).flatMap(withRowsBelow)];
}
