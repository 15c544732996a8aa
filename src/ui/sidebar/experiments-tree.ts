/** The Experiments view: rows of run-nodes.ts, the badge of living runs, and what the welcome texts depend on. */
import { commands, type Disposable, l10n, MarkdownString } from 'vscode';
import { ParlanceError } from '../../common/errors.ts';
import { MissingExperimentError, type OpenExperiment } from '../experiments.ts';
import { isLiving } from '../run-words.ts';
import type { AllRuns, ExperimentRuns } from '../runs/all-runs.ts';
import { register, runSubject } from '../runs/commands.ts';
import type { Services } from '../services.ts';
import type { TreeNode } from './nodes.ts';
import { RowTree } from './row-tree.ts';
import { type ExperimentRows, experimentRows } from './run-nodes.ts';

const LAST_LINES = 10;

export function registerExperimentsTree({ hosts }: Services, runs: AllRuns): Disposable[] {
  const lastLines = async ({ subject, tooltip }: TreeNode): Promise<MarkdownString | string | undefined> => {
    const run = subject?.kind === 'run' ? runs.all.find(({ id }) => id === subject.run) : undefined;
    if (run === undefined || (run.phase !== 'failed' && run.phase !== 'lost')) return tooltip;
    const lines = await hosts.lastLines(run.storage, run.id, LAST_LINES).catch(() => []);
    if (lines.length === 0) return tooltip;
    const text = new MarkdownString().appendText(tooltip ?? '');
    return text.appendMarkdown('\n\n').appendCodeblock(lines.join('\n'), 'text');
  };
  const tree = new RowTree(
    'parlance.experiments',
    { tooltip: lastLines },
    { several: true, legend: l10n.t('held-out perplexity') },
  );
  let known: readonly ExperimentRuns[] = [];
  const show = (): void => tree.show(experimentRows(known.map(rowsOf), l10n.t));
  const update = (): void => {
    const living = runs.all.filter(isLiving).length;
    tree.setBadge(living, l10n.t('{0} runs are active', living));
    if (tree.view.visible) show();
  };
  return [
    tree,
    register('parlance.showRunOf', async (storage, evaluation) => {
      await runs.start();
      const measured = runs.all.find(
        (run) =>
          run.storage === storage && run.measurements.some(({ fingerprint }) => fingerprint === evaluation),
      );
      if (measured === undefined) return;
      show();
      await tree.reveal(runSubject(measured));
    }),
    runs.onDidChange((now) => {
      known = now;
      const isThere = ({ experiment }: ExperimentRuns) =>
        !(experiment.content instanceof MissingExperimentError);
      setContext('hasExperiment', known.some(isThere));
      setContext('hasRuns', runs.all.length > 0);
      update();
    }),
    tree.view.onDidChangeVisibility(async () => {
      await runs.start();
      update();
    }),
  ];
}

function rowsOf({ experiment: { file, folder, content }, runs }: ExperimentRuns): ExperimentRows {
  return { file, folderName: folder.name, content: contentOf(content), runs: runs ?? [] };
}

function contentOf(content: OpenExperiment['content']): ExperimentRows['content'] {
  if (!(content instanceof ParlanceError)) return { name: content.name, methods: content.methods };
  const { message, hint } = content;
  return { message, hint, isMissing: content instanceof MissingExperimentError };
}

const contexts = new Map<string, boolean>();

function setContext(name: string, value: boolean): void {
  if (contexts.get(name) === value) return;
  contexts.set(name, value);
  void commands.executeCommand('setContext', `parlance.${name}`, value);
}
