/** *Export…*: a model in the format of another program, by the command line in a process of its own. */
import { basename, join, sep } from 'node:path';
import { l10n, ProgressLocation, window } from 'vscode';
import { type ExportFormat, TYPES_OF_FORMAT, type WeightType } from '../../experiments/export/formats.ts';
import { askCommandLine } from '../command-line.ts';
import type { Services } from '../services.ts';
import { modelOf } from './model-files.ts';
import { chooseNewFolder } from './new-folder.ts';
import { revealFolder } from './reveal.ts';

export async function exportModelAs(services: Services, argument: unknown): Promise<void> {
  const model = await modelOf(services, argument);
  if (model === undefined) return;
  const format = await chooseFormat();
  const type = format && (await chooseType(format));
  if (format === undefined || type === undefined) return;
  const licence = await window.showInputBox({
    title: l10n.t('Licence'),
    prompt: l10n.t('What may be done with the model, as its card is to say it; it may stay empty'),
  });
  if (licence === undefined) return;
  const target = await chooseNewFolder({
    title: l10n.t('Export {0} Into', model.title),
    openLabel: l10n.t('Export Here'),
    nameTitle: l10n.t('Export Model'),
    name: `${model.title}-${format}`,
  });
  if (target === undefined) return;
  const args = ['export', '--format', format, '--type', type, '--to', target];
  if (licence !== '') args.push('--licence', licence);
  args.push(...(await experimentArguments(services, model.folder)), '--', model.folder);
  const lines = await window.withProgress(
    { location: ProgressLocation.Notification, title: l10n.t('Exporting {0}', basename(target)) },
    () => askCommandLine({ extensionUri: services.context.extensionUri, args }),
  );
  services.milestones.reach('usedModel');
  const open = l10n.t('Open Folder');
  const exported = l10n.t('Exported {0}; README.md there says how to run it.', target);
  // What its card lacks, in the command line's own words.
  const notes = lines.flatMap(({ note }) => (typeof note === 'string' ? [note] : []));
  const answer = await window.showInformationMessage([exported, ...notes].join(' '), open);
  if (answer === open) await revealFolder(target);
}

async function chooseFormat(): Promise<ExportFormat | undefined> {
  const items: readonly { readonly label: string; readonly detail: string; readonly format: ExportFormat }[] =
    [
      { label: 'GGUF', detail: l10n.t('One file for llama.cpp and what is built on it'), format: 'gguf' },
      { label: l10n.t('Hugging Face folder'), detail: l10n.t('For transformers, in Python'), format: 'hf' },
      { label: 'ONNX', detail: l10n.t('For transformers.js, in JavaScript'), format: 'onnx' },
    ];
  return (await window.showQuickPick(items, { placeHolder: l10n.t('For which program?') }))?.format;
}

/** Of one there is no question. */
async function chooseType(format: ExportFormat): Promise<WeightType | undefined> {
  const details: Readonly<Record<WeightType, string>> = {
    f32: l10n.t('Float32: the weights as they are'),
    f16: l10n.t('Float16: half the size, next to no loss'),
    q8_0: l10n.t(
      'Eight bits where rows are a multiple of 32 long, else float16: down to a quarter of the size, a small loss',
    ),
  };
  const types: readonly WeightType[] = TYPES_OF_FORMAT[format];
  if (types.length === 1) return types[0];
  const items = types.map((type) => ({ label: type, detail: details[type], type }));
  return (await window.showQuickPick(items, { placeHolder: l10n.t('How are the weights kept?') }))?.type;
}

/** The experiment that the model is an artifact of knows what was measured of it. */
async function experimentArguments({ experiments }: Services, folder: string): Promise<readonly string[]> {
  const own = (await experiments.all()).find(({ storage }) =>
    folder.startsWith(join(storage, 'artifacts') + sep),
  );
  return own === undefined ? [] : ['--experiment', own.file, '--storage', own.storage];
}
