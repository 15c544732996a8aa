/** Starting runs: one background process for each method, after the questions that only a person can answer. */
import { commands, l10n, type TextDocument, Uri, window, workspace } from 'vscode';
import { InputError, ParlanceError } from '../../common/errors.ts';
import type { HostRequest } from '../../host/hosts.ts';
import type { IndexSummary } from '../../indexer/workspace-index.ts';
import { methodInWords } from '../../methods/titles.ts';
import type { OpenExperiment } from '../experiments.ts';
import type { Services } from '../services.ts';
import { experimentOf } from './commands.ts';

/** Of lost labels that many are listed. */
const SHOWN_LABELS = 5;
/** Longest wait for the index before a run: it is not needed to refuse one. */
const SUMMARY_MS = 3000;
const CLOSING_TOLD = 'parlance.toldThatRunsGoOn';

/** Runs all methods of an experiment, or the one whose id is given; false when the user thought better of it. */
export async function run(services: Services, argument: unknown, method?: unknown): Promise<boolean> {
  const experiment = await runnable(services, argument);
  if (experiment === undefined) return false;
  await start(services, experiment, typeof method === 'string' ? [method] : experiment.methods);
  return true;
}

/** Runs the methods that the user picks. */
export function runMethods(services: Services, argument: unknown): Promise<void> {
  return runPicked(services, argument, {
    title: l10n.t('Run Selected Methods'),
    placeHolder: l10n.t('Each gets a background process of its own; equal stages are computed once.'),
  });
}

/** The same, as jobs of Slurm; what its programs refuse is told by the run. */
export function runOnCluster(services: Services, argument: unknown): Promise<void> {
  return runPicked(services, argument, {
    title: l10n.t('Run on Cluster'),
    placeHolder: l10n.t('Stages become jobs of Slurm (docs/cluster.md).'),
    on: 'slurm',
  });
}

interface Picking extends Pick<HostRequest, 'on'> {
  readonly title: string;
  readonly placeHolder: string;
}

async function runPicked(
  services: Services,
  argument: unknown,
  { title, placeHolder, on }: Picking,
): Promise<void> {
  const experiment = await runnable(services, argument);
  if (experiment === undefined) return;
  const { methods } = await import('../../methods/registry.ts');
  const items = methods.map(({ id }) => ({
    id,
    label: methodInWords(id),
    description: experiment.methods.includes(id) ? undefined : l10n.t('not in parlance.json'),
    picked: experiment.methods.includes(id),
  }));
  const picked = await window.showQuickPick(items, {
    canPickMany: true,
    title,
    placeHolder,
  });
  if (picked !== undefined && picked.length > 0) {
    await start(
      services,
      experiment,
      picked.map(({ id }) => id),
      on,
    );
  }
}

interface Runnable extends OpenExperiment {
  readonly methods: readonly string[];
  readonly ignoreLostLabels: boolean;
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
  const answer = await acceptsLostLabels(services, fresh);
  return answer && { ...fresh, ...answer, methods: fresh.content.methods };
}

/**
 * What the index knows of labels that keep text out of training and name nothing any more is asked about before a run; what
 * it does not know yet, the run itself is refused for. `undefined` when the user would not go on.
 */
async function acceptsLostLabels(
  { index }: Services,
  { file }: OpenExperiment,
): Promise<Pick<Runnable, 'ignoreLostLabels'> | undefined> {
  const { corpora } = await latestSummary(index, file);
  const lost = corpora.flatMap(({ warnings }) => warnings.filter(({ entry }) => entry?.protects));
  if (lost.length === 0) return { ignoreLostLabels: false };
  const open = l10n.t('Open Labels');
  const goOn = lost.length === 1 ? l10n.t('Run Without It') : l10n.t('Run Without Them');
  const message =
    lost.length === 1
      ? l10n.t('A label that keeps text out of training names nothing any more.')
      : l10n.t('{0} labels that keep text out of training name nothing any more.', lost.length);
  const detail = lost
    .slice(0, SHOWN_LABELS)
    .map((warning) => warning.message)
    .join('\n');
  const answer = await window.showWarningMessage(message, { modal: true, detail }, open, goOn);
  if (answer === open) await window.showTextDocument(Uri.file(lost[0].files[0]));
  return answer === goOn ? { ignoreLostLabels: true } : undefined;
}

/** The first summary of all files, which is reported at once when the index follows the experiment already. */
async function latestSummary(index: Services['index'], file: string): Promise<Pick<IndexSummary, 'corpora'>> {
  let tell: (summary: Pick<IndexSummary, 'corpora'>) => void = () => undefined;
  const told = new Promise<Pick<IndexSummary, 'corpora'>>((done) => {
    tell = done;
  });
  const watching = index.watch(file, (summary) => {
    if (summary.state !== 'scanning') tell(summary);
  });
  const timer = setTimeout(() => tell({ corpora: [] }), SUMMARY_MS);
  try {
    return await told;
  } finally {
    clearTimeout(timer);
    watching.dispose();
  }
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
  { file, storage, ignoreLostLabels }: Runnable,
  methods: readonly string[],
  on?: HostRequest['on'],
): Promise<void> {
  const engine = workspace.getConfiguration('parlance').get('engine', 'auto');
  await window.withProgress(
    { location: { viewId: 'parlance.experiments' }, title: l10n.t('Starting') },
    async () => {
      for (const method of methods) {
        const asked = { experimentFile: file, storage, methods: [method], engine, ignoreLostLabels };
        await hosts.start({ ...asked, ...(on && { on }) });
      }
    },
  );
  void commands.executeCommand('parlance.experiments.focus');
  if (!context.globalState.get(CLOSING_TOLD, false)) void tellOfClosing(context.globalState);
}

/** Closing a window cannot be answered by an extension, so it is reported beforehand. */
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
