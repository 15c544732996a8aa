/** Starting runs: one background process for each method, after the questions that only a person can answer. */
import { commands, l10n, type TextDocument, window, workspace } from 'vscode';
import { InputError, ParlanceError } from '../../common/errors.ts';
import type { OpenExperiment } from '../experiments.ts';
import type { Services } from '../services.ts';
import { experimentOf } from './commands.ts';

const CLOSING_TOLD = 'parlance.toldThatRunsGoOn';

/** Runs all methods of an experiment. */
export async function run(services: Services, argument: unknown): Promise<void> {
  const experiment = await runnable(services, argument);
  if (experiment !== undefined) await start(services, experiment, experiment.methods);
}

/** Runs the methods that the user picks. */
export async function runMethods(services: Services, argument: unknown): Promise<void> {
  const experiment = await runnable(services, argument);
  if (experiment === undefined) return;
  const { methods } = await import('../../methods/registry.ts');
  const items = methods.map(({ id, title }) => ({
    label: id,
    description: title,
    detail: experiment.methods.includes(id) ? undefined : l10n.t('not in parlance.json'),
    picked: experiment.methods.includes(id),
  }));
  const picked = await window.showQuickPick(items, {
    canPickMany: true,
    title: l10n.t('Run Selected Methods'),
    placeHolder: l10n.t('Each gets a background process of its own; equal stages are computed once.'),
  });
  if (picked !== undefined && picked.length > 0) {
    await start(
      services,
      experiment,
      picked.map(({ label }) => label),
    );
  }
}

interface Runnable extends OpenExperiment {
  readonly methods: readonly string[];
}

/** The experiment, if it may be run and the user has not thought better of it. */
async function runnable(services: Services, argument: unknown): Promise<Runnable | undefined> {
  if (!workspace.isTrusted) {
    const manage = l10n.t('Manage Workspace Trust');
    const answer = await window.showWarningMessage(
      l10n.t('Experiments do not run in a folder that you have not trusted.'),
      manage,
    );
    if (answer === manage) await commands.executeCommand('workbench.trust.manage');
    return undefined;
  }
  const chosen = await experimentOf(services, argument);
  if (chosen === undefined || !(await acceptsUnsaved(chosen))) return undefined;
  // It may have been saved just now, which the editor tells of later.
  const [fresh] = (await services.experiments.again()).filter(({ file }) => file === chosen.file);
  if (fresh === undefined) return undefined;
  if (fresh.content instanceof ParlanceError) throw fresh.content;
  return { ...fresh, methods: fresh.content.methods };
}

/** Only saved text counts: the background process reads files. */
async function acceptsUnsaved({ folder }: OpenExperiment): Promise<boolean> {
  const unsaved = workspace.textDocuments.filter((document) => isUnsaved(document, folder.uri.toString()));
  if (unsaved.length === 0) return true;
  const saveAll = l10n.t('Save All and Run');
  const asSaved = l10n.t('Run With What Is Saved');
  const message =
    unsaved.length === 1
      ? l10n.t('{0} has unsaved changes.', workspace.asRelativePath(unsaved[0].uri))
      : l10n.t('{0} files have unsaved changes.', unsaved.length);
  const detail = l10n.t('Only text that is saved counts.');
  const answer = await window.showWarningMessage(message, { modal: true, detail }, saveAll, asSaved);
  if (answer === saveAll) {
    const saved = await Promise.all(unsaved.map((document) => document.save()));
    if (saved.includes(false)) {
      throw new InputError(l10n.t('Not every file could be saved.'), l10n.t('Save them, then run again.'));
    }
  }
  return answer !== undefined;
}

function isUnsaved({ isDirty, uri }: TextDocument, folder: string): boolean {
  return isDirty && uri.scheme === 'file' && workspace.getWorkspaceFolder(uri)?.uri.toString() === folder;
}

async function start(
  { hosts, context }: Services,
  { file, storage }: OpenExperiment,
  methods: readonly string[],
): Promise<void> {
  const engine = workspace.getConfiguration('parlance').get('engine', 'auto');
  await window.withProgress(
    { location: { viewId: 'parlance.experiments' }, title: l10n.t('Starting') },
    async () => {
      for (const method of methods) {
        await hosts.start({ experimentFile: file, storage, methods: [method], engine });
      }
    },
  );
  void commands.executeCommand('parlance.experiments.focus');
  if (!context.globalState.get(CLOSING_TOLD, false)) void tellOfClosing(context.globalState);
}

/** Closing a window cannot be answered by an extension, so it is told beforehand. */
async function tellOfClosing(state: Services['context']['globalState']): Promise<void> {
  const never = l10n.t('Don’t Show Again');
  const show = l10n.t('Show Runs');
  const answer = await window.showInformationMessage(
    l10n.t('Runs go on in the background when you close this window; the next window shows how they did.'),
    show,
    never,
  );
  if (answer === never) await state.update(CLOSING_TOLD, true);
  if (answer === show) await commands.executeCommand('parlance.experiments.focus');
}
