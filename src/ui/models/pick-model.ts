/** Which model is meant: the row that a command was called on, or one that the user picks. */
import { basename } from 'node:path';
import { l10n, QuickPickItemKind, window } from 'vscode';
import type { AllRuns } from '../runs/all-runs.ts';
import { subjectOf } from '../runs/commands.ts';
import { offerToMake } from '../runs/make-model.ts';
import type { Services } from '../services.ts';
import type { ChosenModel } from './chosen-model.ts';
import { listedModels } from './listed-models.ts';

/** `undefined` when none is picked, or when the weights of the row's model are not here and the run that makes them was offered. */
export async function modelOf(
  services: Services,
  runs: AllRuns,
  argument: unknown,
): Promise<ChosenModel | undefined> {
  const subject = subjectOf(argument);
  if (subject?.kind === 'model') return { folder: subject.folder, title: subject.title };
  if (subject?.kind !== 'absent-model') return pickModel(runs);
  await offerToMake(services, subject);
  return undefined;
}

/** One of the experiments' models, or any folder. */
export async function pickModel(runs: AllRuns): Promise<ChosenModel | undefined> {
  const models = await listedModels(runs);
  const browse = {
    label: l10n.t('Browse…'),
    detail: l10n.t('A folder with config.json, model.safetensors and tokenizer.json'),
  };
  const items = [
    ...models.map((model) => ({ label: model.label, description: model.title, detail: model.detail, model })),
    ...(models.length === 0 ? [] : [{ label: '', kind: QuickPickItemKind.Separator }]),
    browse,
  ];
  const picked = await window.showQuickPick<(typeof items)[number] & { model?: ChosenModel }>(items, {
    placeHolder: l10n.t('Which model?'),
    matchOnDescription: true,
  });
  if (picked === undefined) return undefined;
  if (picked.model !== undefined) return { folder: picked.model.folder, title: picked.model.title };
  return browseForModel();
}

/** Throws InputError or CorruptionError when the folder that is chosen has no model that can be run. */
export async function browseForModel(): Promise<ChosenModel | undefined> {
  const [chosen] =
    (await window.showOpenDialog({
      canSelectFiles: false,
      canSelectFolders: true,
      title: l10n.t('The Folder of a Model'),
      openLabel: l10n.t('Use This Model'),
    })) ?? [];
  if (chosen === undefined) return undefined;
  const folder = chosen.fsPath;
  const { CheckpointFolder } = await import('../../models/checkpoint-folder.ts');
  await (await CheckpointFolder.open(folder)).close();
  return { folder, title: basename(folder) };
}
