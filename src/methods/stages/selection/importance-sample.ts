/**
 * Importance sampling of generic windows (paper section 2.4): draw a cluster from the domain's histogram, then a
 * window uniformly in it, with replacement, so that the stream's cluster histogram becomes the domain's.
 *
 * The cap on repetition is solved for the tokens that one training reads, so each budget has a list of its own.
 */
import * as z from 'zod';
import { formatTokens } from '../../../common/format.ts';
import type { Stage } from '../../../pipeline/stage.ts';
import { windowsByCluster } from '../../../selection/clustering/histogram.ts';
import { drawWindows } from '../../../selection/sampling/importance-sampling.ts';
import { defineStage, noPlaces } from '../define.ts';
import type { MethodInputs } from '../method-inputs.ts';
import { readingText } from '../stage-text.ts';
import { timed } from '../timed.ts';
import { readAssignments, readHistogram } from './clustering-files.ts';
import { writeWindowList } from './window-list.ts';

export const importanceSample = defineStage({
  kind: 'importance-sample',
  version: 2,
  parameters: z.strictObject({
    context: z.number(),
    smoothing: z.number(),
    maximumRepetition: z.number(),
    wantedTokens: z.number(),
    seed: z.number(),
  }),
  places: noPlaces,
  inputs: { tokens: 'one', clustering: 'one', histogram: 'one' },
  run: ({ parameters, input, directory, book }) =>
    readingText((text) =>
      timed({ book }, async () => {
        const { context, ...settings } = parameters;
        const all = await text.training(input('tokens'), context);
        const { clusters, assignments } = await readAssignments(input('clustering').directory);
        const { windows, report } = drawWindows({
          domain: await readHistogram(input('histogram').directory),
          windowsByCluster: windowsByCluster(assignments, clusters),
          tokensOf: (window) => all.length(window),
          ...settings,
        });
        await writeWindowList(directory, windows, report);
        return undefined;
      }),
    ),
});

/** Windows of `wantedTokens` tokens; the clusters are those that the histogram was taken over. */
export function importanceSampleStage(
  { plan, generic, services }: MethodInputs,
  { clustering, histogram }: { readonly clustering: Stage; readonly histogram: Stage },
  { wantedTokens, seed }: { readonly wantedTokens: number; readonly seed: number },
): Stage {
  const { smoothing, maximumRepetition } = plan.selection;
  const subject = `${formatTokens(wantedTokens)} generic tokens drawn by the ${histogram.label}`;
  return importanceSample.stage(
    {
      label: subject,
      subject,
      booking: 'specialization',
      parameters: { context: plan.context, smoothing, maximumRepetition, wantedTokens, seed },
      places: null,
      inputs: { tokens: generic, clustering, histogram },
    },
    services,
  );
}
