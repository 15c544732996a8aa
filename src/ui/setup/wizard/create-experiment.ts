/** `Create Experiment…`: looks at the folder, asks (wizard.ts), and writes parlance.json so that undo takes it back. */
import { commands, l10n, Range, Uri, WorkspaceEdit, type WorkspaceFolder, window, workspace } from 'vscode';
import { InputError, ParlanceError } from '../../../common/errors.ts';
import type { ExperimentFile } from '../../../experiments/config/experiment-file.ts';
import {
  bundledGeneric,
  chosenBundle,
  sampleWorkspace,
} from '../../../experiments/proposal/bundled-generic.ts';
import { walk } from '../../../experiments/proposal/dialogue.ts';
import { choicesOf } from '../../../experiments/proposal/given-choices.ts';
import { findModels } from '../../../experiments/proposal/model-folders.ts';
import type { ModelSources } from '../../../experiments/proposal/model-question.ts';
import { choiceWarnings } from '../../../experiments/proposal/propose.ts';
import {
  changedExperiment,
  experimentFileOf,
  experimentIn,
  experimentText,
} from '../../../experiments/proposal/proposed-file.ts';
import { Wizard } from '../../../experiments/proposal/questions.ts';
import { workspaceFacts } from '../../../experiments/proposal/workspace-facts.ts';
import { experimentFileName } from '../../experiments.ts';
import { noText } from '../../missing.ts';
import type { Services } from '../../services.ts';
import { chooseFolder } from '../folders.ts';
import { withProgress } from '../machine-check.ts';
import { machineMemory, planDraft } from './draft.ts';
import { lastStep } from './last-step.ts';
import { quickInput } from './steps.ts';

export async function createExperiment(services: Services, of: unknown): Promise<void> {
  const folder = await chooseFolder(of);
  if (folder === undefined) return;
  const file = Uri.joinPath(folder.uri, experimentFileName);
  const before = await existing(file);
  if (before !== undefined && (await askAboutExisting(file, before)) !== 'change') return;
  const wizard = await begin(services, folder, before?.given);
  if (wizard === undefined) return;
  const { machine, facts, questions, bundled } = wizard;
  if (facts.files === 0) throw noText(folder.uri.fsPath);
  const experiment = (): ExperimentFile =>
    before?.given === undefined
      ? experimentFileOf(questions.choices)
      : changedExperiment(before.given, questions.choices);
  let runs = false;
  const finished = await walk(l10n.t('Create Experiment'), () => [
    ...questions.steps,
    (place) =>
      lastStep(place, {
        plan: (measure, signal) =>
          planDraft(services, {
            experiment: experiment(),
            folder: folder.uri,
            bundled: chosenBundle(questions.choices, bundled),
            measure,
            signal,
          }),
        freeBytes: machine?.freeBytes,
        warnings: choiceWarnings(questions.choices),
        exists: before !== undefined,
        onWrite: (run) => {
          runs = run;
        },
      }),
  ]);
  if (!finished) return;
  if (before !== undefined) await requireUnchanged(file, before.text);
  await chosenBundle(questions.choices, bundled)?.copy();
  await (before === undefined ? writeNewExperiment : replaceExperiment)(file, experiment());
  if (runs) await commands.executeCommand('parlance.run', file);
}

interface Existing {
  readonly text: string;
  /** Absent when it has mistakes. */
  readonly given?: ExperimentFile;
}

/** Throws `InputError` when the editor has changes of it that are not saved. */
async function existing(file: Uri): Promise<Existing | undefined> {
  const isThere = await workspace.fs.stat(file).then(
    () => true,
    () => false,
  );
  if (!isThere) return undefined;
  const document = await workspace.openTextDocument(file);
  if (document.isDirty) {
    await window.showTextDocument(document);
    throw new InputError(
      l10n.t('parlance.json has changes that are not saved.'),
      l10n.t('Save or undo them, then do it again.'),
    );
  }
  const text = document.getText();
  const given = experimentIn(text);
  return { text, ...(given && { given }) };
}

async function askAboutExisting(file: Uri, { given }: Existing): Promise<'change' | undefined> {
  const open = l10n.t('Open It');
  const change = l10n.t('Change It…');
  if (given === undefined) {
    await window.showTextDocument(file);
    throw new InputError(
      l10n.t('This folder has a parlance.json with mistakes.'),
      l10n.t('Correct what Problems lists, or delete the file and create it again.'),
    );
  }
  const answer = await window.showInformationMessage(
    l10n.t('This folder has a parlance.json.'),
    open,
    change,
  );
  if (answer === open) await window.showTextDocument(file);
  return answer === change ? 'change' : undefined;
}

async function begin(services: Services, folder: WorkspaceFolder, before: ExperimentFile | undefined) {
  return withProgress(l10n.t('Looking at {0}', folder.name), async (signal) => {
    const [facts, found, bundled, machine] = await Promise.all([
      workspaceFacts(folder.uri.fsPath, signal),
      findModels(folder.uri.fsPath, signal),
      bundledGeneric(sampleWorkspace(services.context.extensionUri.fsPath), folder.uri.fsPath),
      machineMemory(services).catch((error: unknown) => {
        // Without it the memory is not predicted; the experiment can be made all the same.
        if (error instanceof ParlanceError) return undefined;
        throw error;
      }),
    ]);
    const models: ModelSources = {
      found,
      fetch: async (id) => (await import('./fetch-model.ts')).fetchModel(id),
    };
    const looksOutside = workspace.isTrusted;
    const answers = before === undefined ? {} : await choicesOf(before, facts, { looksOutside, signal });
    if (signal.aborted) return undefined;
    const questions = new Wizard(
      {
        name: folder.name,
        facts,
        models,
        ...(machine && { machine }),
        ...(bundled && { bundled: bundled.place }),
      },
      answers,
      quickInput,
      l10n.t,
    );
    return { facts, machine, questions, bundled };
  });
}

/** Makes an experiment file, saves and shows it. Throws `InputError`, also when there is one by now. */
export async function writeNewExperiment(file: Uri, experiment: ExperimentFile): Promise<void> {
  const edit = new WorkspaceEdit();
  edit.createFile(file, { overwrite: false, contents: new TextEncoder().encode(experimentText(experiment)) });
  await applyAndShow(file, edit);
}

/** Throws `InputError` when the file says something else by now. */
async function requireUnchanged(file: Uri, before: string): Promise<void> {
  const document = await workspace.openTextDocument(file);
  if (document.getText() === before) return;
  throw new InputError(
    l10n.t('{0} was changed meanwhile, and it is not touched.', file.fsPath),
    l10n.t('Do it again to begin with what it says now.'),
  );
}

/** Replaces what an experiment file says; through the editor, so that it can be had back by undo. */
async function replaceExperiment(file: Uri, experiment: ExperimentFile): Promise<void> {
  const edit = new WorkspaceEdit();
  const document = await workspace.openTextDocument(file);
  edit.replace(file, new Range(0, 0, document.lineCount, 0), experimentText(experiment));
  await applyAndShow(file, edit);
}

async function applyAndShow(file: Uri, edit: WorkspaceEdit): Promise<void> {
  if (!(await workspace.applyEdit(edit))) {
    throw new InputError(
      l10n.t('{0} could not be written.', file.fsPath),
      l10n.t('Check that you may write in this folder, and that no such file appeared meanwhile.'),
    );
  }
  const document = await workspace.openTextDocument(file);
  await document.save();
  await window.showTextDocument(document);
}
