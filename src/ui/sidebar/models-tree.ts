/** The Models view: read from the store when the view is seen and a measurement has come. */
import { type Disposable, l10n } from 'vscode';
import { ParlanceError } from '../../common/errors.ts';
import { isLiving } from '../run-words.ts';
import type { AllRuns, ExperimentRuns } from '../runs/all-runs.ts';
import type { ExperimentModels } from './model-nodes.ts';
import { RowTree } from './row-tree.ts';

export function registerModelsTree(runs: AllRuns): Disposable[] {
  const tree = new RowTree('parlance.models', {}, { several: false, legend: l10n.t('held-out perplexity') });
  let known: readonly ExperimentRuns[] = [];
  let shown = '';
  let reading = Promise.resolve();
  const update = (): void => {
    if (!tree.view.visible) return;
    const what = contentOf(known);
    if (what === shown) return;
    shown = what;
    // One reading after another, each of what is known by then: the last shows the newest.
    reading = reading
      .then(async () => {
        const { modelRows } = await import('./model-nodes.ts');
        tree.show(modelRows(await Promise.all(known.map(modelsOf)), l10n.t));
      })
      .catch(() => {
        shown = '';
      });
  };
  /** What was cleaned away meanwhile, here or by the command line, is found missing. */
  const again = (): void => {
    shown = '';
    update();
  };
  return [
    tree,
    runs.onDidChange((now) => {
      known = now;
      update();
    }),
    runs.onDidClean(again),
    tree.view.onDidChangeVisibility(async () => {
      await runs.start();
      again();
    }),
  ];
}

/** Changes when there may be other models. */
function contentOf(known: readonly ExperimentRuns[]): string {
  return known
    .flatMap(({ runs }) => runs ?? [])
    .map(({ id, phase, measurements }) => `${id} ${phase} ${measurements.length}`)
    .join('\n');
}

async function modelsOf({ experiment, runs }: ExperimentRuns): Promise<ExperimentModels> {
  const { file, folder, content, storage } = experiment;
  const isBroken = content instanceof ParlanceError;
  const name = isBroken ? folder.name : content.name;
  // A folder that is not trusted is not looked into.
  if (runs === undefined) return { file, name, measured: [], kept: [], answers: [] };
  const { experimentModels } = await import('../../experiments/results/experiment-models.ts');
  const place = { file, storage, experiment: isBroken ? undefined : content };
  return { file, name, ...(await experimentModels(place, runs)), isGoingOn: runs.some(isLiving) };
}
