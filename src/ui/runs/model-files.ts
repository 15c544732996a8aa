/** What one can do with the files of a model. Loaded when it is done. */
import { basename } from 'node:path';
import { l10n, ProgressLocation, window } from 'vscode';
import type { Services } from '../services.ts';
import { subjectOf } from './commands.ts';
import { chooseNewFolder } from './new-folder.ts';
import { revealFolder } from './reveal.ts';

export async function openModel(services: Services, argument: unknown): Promise<void> {
  const model = await modelOf(services, argument);
  if (model === undefined) return;
  await revealFolder(model.folder);
  services.milestones.reach('usedModel');
}

/** Copies a model into a folder that transformers and llama.cpp read. */
export async function saveModelAs(services: Services, argument: unknown): Promise<void> {
  const model = await modelOf(services, argument);
  if (model === undefined) return;
  const { title, folder } = model;
  const target = await chooseNewFolder({
    title: l10n.t('Save {0} Into', title),
    openLabel: l10n.t('Save Here'),
    nameTitle: l10n.t('Save Model to Folder'),
    name: title,
  });
  if (target === undefined) return;
  const { saveModel } = await import('../../experiments/results/models.ts');
  await window.withProgress(
    { location: ProgressLocation.Notification, title: l10n.t('Saving {0}', basename(target)) },
    () => saveModel(folder, target),
  );
  services.milestones.reach('usedModel');
  const open = l10n.t('Open Folder');
  const answer = await window.showInformationMessage(l10n.t('Saved {0}.', target), open);
  if (answer === open) await revealFolder(target);
}

/** `undefined` where its weights are not here: then the run that makes them was offered. */
export async function modelOf(services: Services, argument: unknown) {
  const subject = subjectOf(argument);
  if (subject?.kind === 'model') return subject;
  if (subject?.kind !== 'absent-model') throw (await import('../missing.ts')).noModelChosen();
  await (await import('./make-model.ts')).offerToMake(services, subject);
  return undefined;
}
