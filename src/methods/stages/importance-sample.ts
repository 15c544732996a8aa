/**
 * Importance sampling of generic windows (paper section 2.4): draw a cluster from the domain's histogram, then a
 * window uniformly in it, with replacement, so that the stream's cluster histogram becomes the domain's.
 */
import type { Stage } from '../../pipeline/stage.ts';
import { windowsByCluster } from '../../selection/histogram.ts';
import { drawWindows } from '../../selection/importance-sampling.ts';
import { readAssignments, readHistogram } from './clustering.ts';
import { type StageMaterial, trainingWindows } from './material.ts';
import { timed } from './timed.ts';
import { writeWindowList } from './window-list.ts';

export function importanceSampleStage(
  { plan, generic, domain }: StageMaterial,
  clustering: Stage,
  histogram: Stage,
  seed: number,
): Stage {
  const { smoothing, maximumRepetition } = plan.selection;
  const wantedTokens = Math.max(...plan.pretraining.budgets);
  return {
    kind: 'importance-sample',
    label: `generic windows drawn for ${domain.name} from ${clustering.label}, seed ${seed}`,
    version: 1,
    parameters: { context: plan.context, smoothing, maximumRepetition, wantedTokens, seed },
    inputs: { tokens: generic, clustering, histogram },
    booking: 'specialization',
    run: (context) =>
      timed(context, async () => {
        const all = await trainingWindows(context.input('tokens'), plan.context);
        const { clusters, assignments } = await readAssignments(context.input('clustering'));
        const { windows, report } = drawWindows({
          domain: await readHistogram(context.input('histogram')),
          windowsByCluster: windowsByCluster(assignments, clusters),
          tokensOf: (window) => all.length(window),
          wantedTokens,
          smoothing,
          maximumRepetition,
          seed,
        });
        await writeWindowList(context.directory, windows, report);
        return undefined;
      }),
  };
}
