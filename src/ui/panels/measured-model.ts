/** The model behind a measurement of a panel, for what one can do with it. */
import { commands, l10n } from 'vscode';
import type { Measurement } from '../../budget/measurement.ts';
import { InputError } from '../../common/errors.ts';
import { importedModels } from '../../experiments/results/imported-results.ts';
import { measuredModel } from '../../experiments/results/models.ts';
import { ArtifactStore } from '../../pipeline/store.ts';
import type { Subject } from '../sidebar/nodes.ts';

/** *Save Model…*: handed on to the command of the Models view. */
export async function saveMeasuredModel(storage: string, measurement: Measurement): Promise<void> {
  const folder = await measuredFolder(storage, measurement);
  if (folder === undefined) return;
  await commands.executeCommand('parlance.saveModel', { kind: 'model', title: titleOf(measurement), folder });
}

/**
 * The model's folder; `undefined` where only its figures came along with the workspace, and the run that makes it was
 * offered. Throws InputError when it was cleaned away.
 */
export async function measuredFolder(storage: string, measurement: Measurement): Promise<string | undefined> {
  const { method, seed, fingerprint } = measurement;
  const store = new ArtifactStore(storage);
  const model = await measuredModel(store, measurement);
  if (model !== undefined) return model.folder;
  if ((await importedModels(store)).has(fingerprint)) {
    const subject: Subject = {
      kind: 'absent-model',
      title: titleOf(measurement),
      storage,
      method,
      evaluation: fingerprint,
    };
    await commands.executeCommand('parlance.saveModel', subject);
    return undefined;
  }
  throw new InputError(
    l10n.t('The model of {0}, seed {1}, is not in the store.', method, seed),
    l10n.t('Run the experiment: it is made again.'),
  );
}

function titleOf({ method, domain, seed }: Measurement): string {
  return l10n.t('{0}-{1}-seed-{2}', method, domain, seed);
}
