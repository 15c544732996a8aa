/** The Models view: read from the store when the view is seen and a measurement has come. */
import { type Disposable, l10n } from 'vscode';
import type { Measurement } from '../../budget/measurement.ts';
import { ParlanceError } from '../../common/errors.ts';
import { isLiving } from '../run-words.ts';
import type { AllRuns, ExperimentRuns } from '../runs/all-runs.ts';
import type { ExperimentModels } from './model-nodes.ts';
import type { MeasuredModel } from './model-points.ts';
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
  const [{ keptModels, measuredModel }, { ArtifactStore }, { experimentAnswers }, imports] =
    await Promise.all([
      import('../../experiments/results/models.ts'),
      import('../../pipeline/store.ts'),
      import('../../experiments/results/answer-source.ts'),
      import('../../experiments/results/imported-results.ts'),
    ]);
  const store = new ArtifactStore(storage);
  const measurements = new Map<string, Measurement>();
  for (const { measurements: some } of runs ?? []) {
    for (const one of some) measurements.set(one.fingerprint, one);
  }
  const found = isBroken ? undefined : await experimentAnswers(content, storage, runs ?? []);
  const current = new Set(found?.measurements.map(({ fingerprint }) => fingerprint));
  const absent = await imports.importedModels(store).catch(() => undefined);
  const measured: MeasuredModel[] = [];
  for (const measurement of measurements.values()) {
    // A damaged one is mended by the next run; here it is only not offered.
    const { fingerprint } = measurement;
    const elsewhere = absent?.get(fingerprint);
    const model =
      elsewhere === undefined
        ? await measuredModel(store, measurement).catch(() => undefined)
        : { ...elsewhere, storage };
    const isCurrent = current.has(fingerprint);
    if (model !== undefined) measured.push({ measurement, model, isCurrent });
  }
  const kept = runs === undefined ? [] : await keptModels(file).catch(() => []);
  const name = isBroken ? folder.name : content.name;
  const isGoingOn = (runs ?? []).some(isLiving);
  return { file, name, measured, kept, answers: found?.answers ?? [], isGoingOn };
}
