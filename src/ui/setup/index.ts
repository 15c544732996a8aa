/**
 * Setting up: the wizard, the experiment file's help while it is edited, the planner's answer, the check of the machine
 * and the sample. Registering starts nothing and loads little; the file's help begins with the first parlance.json that is open.
 */
import { commands, Disposable, Uri, window } from 'vscode';
import { ParlanceError } from '../../common/errors.ts';
import { experimentFileName } from '../experiments.ts';
import type { AllRuns, ExperimentRuns } from '../runs/all-runs.ts';
import type { Services } from '../services.ts';
import { AnswerDocuments } from './documents.ts';
import { registerCompletions } from './experiment-file/completions.ts';
import { registerLenses } from './experiment-file/lenses.ts';
import { registerProblems } from './experiment-file/problems.ts';
import { chooseFolder, telling } from './folders.ts';
import { followPythonSetting } from './python.ts';

export function registerSetup(services: Services, runs: AllRuns): Disposable {
  const documents = new AnswerDocuments();
  const table: Readonly<Record<string, (of: unknown) => Promise<void>>> = {
    'parlance.createExperiment': async (of) =>
      (await import('./wizard/create-experiment.ts')).createExperiment(services, of),
    'parlance.quickStart': async (of) => (await import('./quick-start.ts')).quickStart(services, of),
    'parlance.openExperimentFile': (of) => openExperimentFile(services, of),
    'parlance.plan': async (of) => (await import('./plan.ts')).planForBudgets(services, documents, of),
    'parlance.checkMachine': async () =>
      (await import('./machine-check.ts')).checkMachine(services, documents),
    'parlance.addTensorFlow': async () => (await import('./tensorflow.ts')).addTensorFlow(services),
    'parlance.openSample': async () => (await import('./sample.ts')).openSample(services),
  };
  return Disposable.from(
    documents,
    followPythonSetting(),
    registerProblems(),
    registerCompletions(),
    registerLenses(services),
    runs.onDidChange(() => {
      // What came with a workspace was run by somebody else.
      const isOwn = runs.all.some(
        ({ phase, recordedOn }) => phase === 'finished' && recordedOn === undefined,
      );
      if (isOwn) services.milestones.reach('ran');
      if (runs.known.some(isUsable)) services.milestones.reach('created');
    }),
    ...Object.entries(table).map(([name, command]) =>
      commands.registerCommand(name, (of: unknown) => telling(() => command(of))),
    ),
  );
}

const isUsable = ({ experiment: { content } }: ExperimentRuns): boolean =>
  !(content instanceof ParlanceError);

async function openExperimentFile(services: Services, of: unknown): Promise<void> {
  if (of === undefined) {
    const experiment = await services.experiments.choose();
    if (experiment !== undefined) await window.showTextDocument(Uri.file(experiment.file));
    return;
  }
  const folder = await chooseFolder(of);
  if (folder !== undefined) await window.showTextDocument(Uri.joinPath(folder.uri, experimentFileName));
}
