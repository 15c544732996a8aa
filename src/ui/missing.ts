/** What may be missing, with the next step to it. Loaded when it is. */
import { l10n } from 'vscode';
import { type NextStep, NextStepError } from './next-step.ts';

const openFolder = (): NextStep => ({ title: l10n.t('Open Folder'), command: 'vscode.openFolder' });
const openSample = (): NextStep => ({
  title: l10n.t('Open Sample Workspace'),
  command: 'parlance.openSample',
});
const createExperiment = (): NextStep => ({
  title: l10n.t('Create Experiment'),
  command: 'parlance.createExperiment',
});

export function noFolder(): NextStepError {
  return new NextStepError(
    l10n.t('No folder is open.'),
    l10n.t('Open the folder that holds your text, or begin with the sample.'),
    [openFolder(), openSample()],
  );
}

export function noExperiment(): NextStepError {
  return new NextStepError(
    l10n.t('There is no experiment in this workspace yet.'),
    l10n.t('Quick Start makes a small one without a question.'),
    [{ title: l10n.t('Quick Start'), command: 'parlance.quickStart' }, createExperiment()],
  );
}

export function noText(folder: string): NextStepError {
  return new NextStepError(
    l10n.t('{0} has no text files.', folder),
    l10n.t(
      'Put your text into it (Markdown, text, HTML, code, JSONL or Parquet files), or open another folder.',
    ),
    [openFolder(), openSample()],
  );
}

export function tooFewDocuments(fewest: number): NextStepError {
  return new NextStepError(
    l10n.t('There are fewer than {0} documents besides generic text.', fewest),
    l10n.t('Put more files of your text into the folder, or say where they are.'),
    [createExperiment(), openSample()],
  );
}

export function notTrusted(what: string): NextStepError {
  return new NextStepError(what, l10n.t('Trust it first.'), [
    { title: l10n.t('Manage Workspace Trust'), command: 'workbench.trust.manage' },
  ]);
}

export function noModelUntrusted(): NextStepError {
  return notTrusted(l10n.t('No model is run in a folder that you have not trusted.'));
}

export function noTextOpen(): NextStepError {
  return new NextStepError(
    l10n.t('No text is open.'),
    l10n.t('Open the file that the model is to read, then do this again.'),
    [{ title: l10n.t('Open a File'), command: 'workbench.action.quickOpen' }],
  );
}

export function textNotOnDisk(): NextStepError {
  return new NextStepError(
    l10n.t('What is open is neither a file of this machine nor a new text.'),
    l10n.t('Open the file that the model is to read, then do this again.'),
    [{ title: l10n.t('Open a File'), command: 'workbench.action.quickOpen' }],
  );
}

export function nothingMeasured(): NextStepError {
  return new NextStepError(l10n.t('Nothing has been measured yet.'), l10n.t('Run the experiment first.'), [
    { title: l10n.t('Run Experiment'), command: 'parlance.run' },
  ]);
}

export function noFileToLabel(): NextStepError {
  return new NextStepError(
    l10n.t('Nothing is selected.'),
    l10n.t('Open a file, or select files or folders in the explorer.'),
    [{ title: l10n.t('Open a File'), command: 'workbench.action.quickOpen' }],
  );
}

export function noModelChosen(): NextStepError {
  return new NextStepError(
    l10n.t('No model was chosen.'),
    l10n.t('Each row of the Models view has this action.'),
    [{ title: l10n.t('Show Models'), command: 'parlance.models.focus' }],
  );
}
