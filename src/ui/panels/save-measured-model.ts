/** *Save Model…* of a panel: the model behind a measurement, handed on to the command of the Models view. */
import { commands, l10n } from 'vscode';
import { InputError } from '../../common/errors.ts';
import { importedModels } from '../../experiments/imported-results.ts';
import { measuredModel } from '../../experiments/models.ts';
import type { Measurement } from '../../experiments/results.ts';
import { ArtifactStore } from '../../pipeline/store.ts';
import type { Subject } from '../sidebar/nodes.ts';

export async function saveMeasuredModel(storage: string, measurement: Measurement): Promise<void> {
  const { method, domain, seed, fingerprint } = measurement;
  const store = new ArtifactStore(storage);
  const model = await measuredModel(store, measurement);
  const title = l10n.t('{0}-{1}-seed-{2}', method, domain, seed);
  if (model === undefined && (await importedModels(store)).has(fingerprint)) {
    const subject: Subject = { kind: 'absent-model', title, storage, method, evaluation: fingerprint };
    await commands.executeCommand('parlance.saveModel', subject);
    return;
  }
  if (model === undefined) {
    throw new InputError(
      l10n.t('The model of {0}, seed {1}, is not in the store.', method, seed),
      l10n.t('Run the experiment: it is made again.'),
    );
  }
  await commands.executeCommand('parlance.saveModel', { kind: 'model', title, folder: model.folder });
}
