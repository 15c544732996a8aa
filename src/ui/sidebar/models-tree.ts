/** The Models view: read from the store when the view is seen and a measurement has come. */
import { type Disposable, l10n } from 'vscode';
import type { AllRuns, ExperimentRuns } from '../runs/all-runs.ts';
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
        const [{ modelRows }, { experimentModels }] = await Promise.all([
          import('./model-nodes.ts'),
          import('./experiment-models.ts'),
        ]);
        tree.show(modelRows(await Promise.all(known.map(experimentModels)), l10n.t));
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
