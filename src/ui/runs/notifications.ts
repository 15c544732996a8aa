/**
 * Tells of runs that ended, each with what to do next. Which runs are awaited is kept with the workspace, so that a
 * window that opens tells of what ended while none was open.
 */
import { commands, type Disposable, l10n, window } from 'vscode';
import { ParlanceError } from '../../common/errors.ts';
import type { Answer } from '../../experiments/results/answer.ts';
import type { RunView } from '../../experiments/runs/run-view.ts';
import { finishedWords, methodWords, phaseWords } from '../run-words.ts';
import type { Services } from '../services.ts';
import type { AllRuns, ExperimentRuns } from './all-runs.ts';
import { runSubject } from './commands.ts';
import { endings, isEndedFromOutside } from './endings.ts';

const AWAITED = 'parlance.awaitedRuns';

export function registerNotifications({ context }: Services, runs: AllRuns): Disposable {
  const stored = context.workspaceState;
  let awaited: readonly string[] | undefined;
  return runs.onDidChange((known) => {
    // What is not known yet has not ended.
    if (known.length === 0 || known.some(({ runs: some }) => some === undefined)) return;
    const before = awaited ?? stored.get<readonly string[]>(AWAITED, []);
    const news = endings(before, runs.all);
    awaited = news.awaited;
    if (awaited.join() !== before.join()) void stored.update(AWAITED, awaited);
    for (const run of news.failed) void tellOfFailure(run);
    for (const group of news.finished) void tellOfEnd(group, known);
  });
}

async function tellOfEnd(group: readonly RunView[], known: readonly ExperimentRuns[]): Promise<void> {
  const [newest] = group;
  const answer = await answerOf(known.find(({ experiment }) => experiment.storage === newest.storage));
  const message = finishedWords(group, answer, l10n.t);
  const open = l10n.t('Open Trade-Offs');
  if ((await window.showInformationMessage(message, open)) === open) {
    await commands.executeCommand('parlance.openTradeoffs', runSubject(newest));
  }
}

/** The experiment's, which may rest on earlier runs too; with several domains that of their average. */
async function answerOf(known: ExperimentRuns | undefined): Promise<Answer | undefined> {
  if (known?.runs === undefined || known.experiment.content instanceof ParlanceError) return undefined;
  const { experimentAnswers } = await import('../../experiments/results/answer-source.ts');
  const { content, storage } = known.experiment;
  return (await experimentAnswers(content, storage, known.runs)).answers.at(0);
}

async function tellOfFailure(run: RunView): Promise<void> {
  const log = l10n.t('Show Log');
  const resume = l10n.t('Resume');
  const what = `${run.title}: ${methodWords(run, l10n.t)} ${phaseWords(run.phase, l10n.t)}.`;
  const message = [what, run.message, run.hint].filter((part) => part !== '').join(' ');
  // An error stays until it is closed, which would outlast the run's resumption; the rows of the others stay anyway.
  const tell = isEndedFromOutside(run) ? window.showWarningMessage : window.showErrorMessage;
  const answer = await tell(message, resume, log);
  if (answer === log) await commands.executeCommand('parlance.showLog', runSubject(run));
  if (answer === resume) await commands.executeCommand('parlance.resume', runSubject(run));
}
