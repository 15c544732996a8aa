/** A model of which only what was measured came along with the workspace: instead of its files, the run that makes them. */
import { commands, l10n, Uri, window, workspace } from 'vscode';
import type { Services } from '../services.ts';
import type { AbsentModel } from '../sidebar/nodes.ts';

export async function offerToMake(
  { experiments }: Services,
  { storage, method, evaluation, title }: AbsentModel,
): Promise<void> {
  const experiment = (await experiments.all()).find((one) => one.storage === storage);
  if (experiment === undefined) return;
  const make = l10n.t('Run {0}', method);
  const answer = await window.showInformationMessage(
    l10n.t(
      'Only what was measured of {0} came with this workspace, not its weights. A run of {1} makes them on this machine.',
      title,
      method,
    ),
    make,
  );
  if (answer !== make) return;
  if (workspace.isTrusted) {
    const { forgetImported } = await import('../../experiments/results/imported-results.ts');
    await forgetImported(storage, evaluation);
  }
  await commands.executeCommand('parlance.run', Uri.file(experiment.file), method);
}
