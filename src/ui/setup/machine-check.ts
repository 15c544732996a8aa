/** `Check This Machine`: what a process of its own found, as a document; the speed only after the user asked for it. */
import type { CancellationToken } from 'vscode';
import { l10n, ProgressLocation, window, workspace } from 'vscode';
import { ParlanceError } from '../../common/errors.ts';
import { askCommandLine, type JsonLine } from '../command-line.ts';
import type { Services } from '../services.ts';
import type { AnswerDocuments } from './documents.ts';
import { machineReport } from './machine-report.ts';

export async function checkMachine(services: Services, documents: AnswerDocuments): Promise<void> {
  const title = l10n.t('This Machine');
  const lines = await withProgress(l10n.t('Checking this machine'), (signal) =>
    findings(services, [], signal),
  );
  await documents.show(title, machineReport(lines.found, lines.failure));
  if (lines.failure !== undefined || !workspace.isTrusted) return;
  const measure = l10n.t('Measure Speed');
  const answer = await window.showInformationMessage(
    l10n.t(
      'Measure how fast this machine trains? It takes minutes, in the background: each preset on each engine.',
    ),
    measure,
  );
  if (answer !== measure) return;
  const measured = await withProgress(l10n.t('Measuring the speed of training'), (signal) =>
    findings(services, ['--measure'], signal),
  );
  documents.set(title, machineReport(measured.found, measured.failure));
}

interface Found {
  readonly found: readonly JsonLine[];
  /** Why the process ended early; what it had found before is kept. */
  readonly failure?: ParlanceError;
}

async function findings(services: Services, options: readonly string[], signal: AbortSignal): Promise<Found> {
  const found: JsonLine[] = [];
  const [experiment] = await services.experiments.all();
  const { extensionUri } = services.context;
  const storage = experiment === undefined ? [] : ['--storage', experiment.storage];
  const folder = workspace.workspaceFolders?.at(0)?.uri.fsPath ?? services.context.globalStorageUri.fsPath;
  try {
    const args = ['machine', folder, ...storage, ...options];
    await askCommandLine({ extensionUri, args, signal, onLine: (line) => void found.push(line) });
    return { found };
  } catch (failure) {
    if (!(failure instanceof ParlanceError) || signal.aborted) throw failure;
    return { found, failure };
  }
}

/** Tells how much of the whole is done (0 to 1), and what. */
type TellProgress = (done: number, message: string) => void;

/** Shows that something is under way, and lets it be stopped. */
export async function withProgress<T>(
  title: string,
  work: (signal: AbortSignal, tell: TellProgress) => Promise<T>,
): Promise<T> {
  const options = { location: ProgressLocation.Notification, title, cancellable: true };
  return window.withProgress(options, (progress, token) => {
    let told = 0;
    return work(abortedBy(token), (done, message) => {
      // Each report is a message to the editor's window.
      if (done < told + 0.01 && done < 1) return;
      progress.report({ message, increment: 100 * (done - told) });
      told = done;
    });
  });
}

function abortedBy(token: CancellationToken): AbortSignal {
  const controller = new AbortController();
  token.onCancellationRequested(() => controller.abort());
  return controller.signal;
}
