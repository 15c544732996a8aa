/**
 * The newest report, made again from what the store holds. The bundled command line makes it in a process of its own:
 * that needs all methods and stages, which the extension host need not load.
 */
import { dirname, join } from 'node:path';
import {
  commands,
  env,
  l10n,
  ProgressLocation,
  RelativePattern,
  UIKind,
  Uri,
  window,
  workspace,
} from 'vscode';
import * as z from 'zod';
import { listRuns } from '../../experiments/runs/runs.ts';
import { askCommandLine } from '../command-line.ts';
import type { OpenExperiment } from '../experiments.ts';
import { nothingMeasured, notTrusted } from '../missing.ts';
import type { Services } from '../services.ts';
import { experimentOf } from './commands.ts';

const answerSchema = z.object({ type: z.literal('report'), report: z.string() });

export async function openReport(services: Services, argument: unknown): Promise<void> {
  const experiment = await experimentOf(services, argument);
  if (experiment === undefined) return;
  const report = workspace.isTrusted
    ? await window.withProgress(
        { location: ProgressLocation.Window, title: l10n.t('Making the report') },
        () => rebuild(services, experiment),
      )
    : await newestWritten(experiment);
  if (env.uiKind === UIKind.Desktop && env.remoteName === undefined) {
    await env.openExternal(Uri.file(report));
  } else {
    // A browser elsewhere cannot open files of this machine; the same report in Markdown can be shown here.
    await commands.executeCommand('markdown.showPreview', Uri.file(join(dirname(report), 'report.md')));
  }
}

async function rebuild({ context }: Services, { file, storage }: OpenExperiment): Promise<string> {
  const { extensionUri } = context;
  if ((await listRuns(storage)).runs.length === 0) throw nothingMeasured();
  const lines = await askCommandLine({ extensionUri, args: ['report', file] });
  return answerSchema.parse(lines.at(-1)).report;
}

async function newestWritten({ folder }: OpenExperiment): Promise<string> {
  // `null`: also where the user's settings hide files from searches.
  const found = await workspace.findFiles(
    new RelativePattern(folder, '.parlance/reports/*/report.html'),
    null,
  );
  const newest = found
    .map(({ fsPath }) => fsPath)
    .sort()
    .at(-1);
  if (newest !== undefined) return newest;
  throw notTrusted(
    l10n.t(
      'There is no report in {0} yet, and none is made in a folder that you have not trusted.',
      folder.name,
    ),
  );
}
