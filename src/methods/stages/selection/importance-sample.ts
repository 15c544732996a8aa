/**
 * Importance sampling of generic windows (paper section 2.4): draw a cluster from the domain's histogram, then a
 * window uniformly in it, with replacement, so that the stream's cluster histogram becomes the domain's.
 *
 * The cap on repetition is solved for the tokens that one training reads, so each budget has a list of its own.
 */
import type { Stage } from '../../../pipeline/stage.ts';
import { windowsByCluster } from '../../../selection/clustering/histogram.ts';
import { drawWindows } from '../../../selection/sampling/importance-sampling.ts';
import type { StageMaterial } from '../material.ts';
import { readingText } from '../stage-text.ts';
import { timed } from '../timed.ts';
import { formatTokens } from '../words.ts';
import { readAssignments, readHistogram } from './clustering-files.ts';
import { writeWindowList } from './window-list.ts';

/** Windows of `wantedTokens` tokens; the clusters are those that the histogram was taken over. */
export function importanceSampleStage(
  { plan, generic }: StageMaterial,
  { clustering, histogram }: { readonly clustering: Stage; readonly histogram: Stage },
  { wantedTokens, seed }: { readonly wantedTokens: number; readonly seed: number },
): Stage {
  const { smoothing, maximumRepetition } = plan.selection;
  return {
    kind: 'importance-sample',
    label: `${formatTokens(wantedTokens)} generic tokens drawn by the ${histogram.label}`,
    version: 2,
    parameters: { context: plan.context, smoothing, maximumRepetition, wantedTokens, seed },
    inputs: { tokens: generic, clustering, histogram },
    booking: 'specialization',
    run: readingText((context, text) =>
      timed(context, async () => {
        const all = await text.training('tokens', plan.context);
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
    ),
  };
}
