/**
 * Tells of runs that ended, each with what to do next. Which runs are awaited is kept with the workspace, so that a
 * window that opens tells of what ended while none was open.
 */
import { commands, type Disposable, l10n, window } from 'vscode';
import { formatPerplexity } from '../../../webview/charts/format.ts';
import type { RunView } from '../../experiments/run-view.ts';
import { bestMeasurement, methodWords, phaseWords } from '../run-words.ts';
import type { Services } from '../services.ts';
import type { AllRuns } from './all-runs.ts';
import { runSubject } from './commands.ts';
import { endings } from './endings.ts';

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
    for (const group of news.finished) void tellOfEnd(group);
  });
}

async function tellOfEnd(group: readonly RunView[]): Promise<void> {
  const [newest] = group;
  const subject = group.length === 1 ? methodWords(newest, l10n.t) : l10n.t('{0} runs', group.length);
  const best = bestMeasurement(group.flatMap(({ measurements }) => measurements));
  const message = [
    l10n.t('{0}: {1} finished.', newest.title, subject),
    ...(best === undefined
      ? []
      : [
          l10n.t(
            'Best held-out perplexity {0}, by {1} on {2}.',
            formatPerplexity(best.perplexity),
            best.method,
            best.domain,
          ),
        ]),
  ].join(' ');
  const open = l10n.t('Open Trade-Offs');
  if ((await window.showInformationMessage(message, open)) === open) {
    await commands.executeCommand('parlance.openTradeoffs', runSubject(newest));
  }
}

async function tellOfFailure(run: RunView): Promise<void> {
  const log = l10n.t('Show Log');
  const resume = l10n.t('Resume');
  const what = `${run.title}: ${methodWords(run, l10n.t)} ${phaseWords(run.phase, l10n.t)}.`;
  const message = [what, run.message, run.hint].filter((part) => part !== '').join(' ');
  // An error stays until it is closed, which would outlast the run's resumption; the row of a lost run stays anyway.
  const tell = run.phase === 'lost' ? window.showWarningMessage : window.showErrorMessage;
  const answer = await tell(message, resume, log);
  if (answer === log) await commands.executeCommand('parlance.showLog', runSubject(run));
  if (answer === resume) await commands.executeCommand('parlance.resume', runSubject(run));
}
