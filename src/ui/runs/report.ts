/**
 * The newest report, made again from what the store holds. The bundled command line makes it in a process of its own:
 * that needs all methods and stages, which the extension host need not load.
 */
import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
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
import { z } from 'zod';
import { InputError, ParlanceError } from '../../common/errors.ts';
import type { OpenExperiment } from '../experiments.ts';
import type { Services } from '../services.ts';
import { experimentOf } from './commands.ts';

const answerSchema = z.union([
  z.object({ type: z.literal('report'), report: z.string() }),
  z.object({ type: z.literal('error'), message: z.string(), hint: z.string() }),
]);

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

async function rebuild({ context }: Services, { file }: OpenExperiment): Promise<string> {
  const program = Uri.joinPath(context.extensionUri, 'dist', 'cli.mjs').fsPath;
  const run = promisify(execFile)(process.execPath, [program, 'report', file, '--json'], {
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
  });
  const stdout = await run.then(
    (ended) => ended.stdout,
    (error: { readonly stdout?: string }) => error.stdout ?? '',
  );
  const answer = stdout
    .split('\n')
    .flatMap((line) => parsed(line) ?? [])
    .at(-1);
  if (answer?.type === 'report') return answer.report;
  if (answer?.type === 'error') throw new ParlanceError(answer.message, answer.hint);
  throw new ParlanceError(
    l10n.t('The report of {0} could not be made.', file),
    l10n.t('Run the experiment again.'),
  );
}

function parsed(line: string) {
  try {
    return answerSchema.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
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
  throw new InputError(
    l10n.t('There is no report in {0} yet.', folder.name),
    l10n.t('Trust the folder and run its experiment.'),
  );
}
