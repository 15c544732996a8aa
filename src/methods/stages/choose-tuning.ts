/**
 * Which of several trainings of one model on one domain is kept: that of the lowest validation loss. They differ in learning
 * rates, weight decay and replay (`FineTuningSearch`); one that diverged has lost. The usual one is the very stage that it is
 * without a search, so there it is an error. Held-out text chooses nothing.
 */
import * as z from 'zod';
import { DivergenceError } from '../../common/errors.ts';
import type { Stage } from '../../pipeline/stage.ts';
import type { Recipe } from '../../training/recipe.ts';
import { bestPoint } from '../../training/stopping.ts';
import type { ExperimentPlan } from '../experiment-plan.ts';
import { type Tuning, tuningInWords, tuningSchema } from '../tuning.ts';
import { defineStage, noPlaces } from './define.ts';
import { readTrainingRecord, writeChosenModel } from './models.ts';
import type { StageServices } from './services.ts';
import { timed } from './timed.ts';

export const chooseTuning = defineStage({
  kind: 'choose-tuning',
  version: 1,
  parameters: z.strictObject({ tried: z.array(tuningSchema) }),
  places: noPlaces,
  inputs: { tuned: 'many' },
  run: ({ parameters: { tried }, inputList, directory, book }) =>
    timed({ book }, async () => {
      const folders = inputList('tuned').map((one) => one.directory);
      const records = await Promise.all(folders.map(readTrainingRecord));
      const lost = records.filter(({ diverged }) => diverged).length;
      if (lost === tried.length) throw allDiverged(tried);
      const losses = records.map(({ diverged, validation }) =>
        diverged ? Number.POSITIVE_INFINITY : bestPoint(validation).loss,
      );
      const best = losses.indexOf(Math.min(...losses));
      await writeChosenModel(folders[best], directory, {
        ...tried[best],
        tried: tried.length,
        ...(lost > 0 && { diverged: lost }),
      });
      return 0;
    }),
});

function allDiverged(tried: readonly Tuning[]): DivergenceError {
  return new DivergenceError(
    `Of ${tried.length} ways to train every one diverged: ${tried.map(tuningInWords).join('; ')}.`,
    'Try lower learning rates (specialization.search.rates in parlance.json) and run again.',
  );
}

/** All combinations of what a plan tries; one, of the recipe's own values, where it tries nothing. */
export function tuningsOf({ fineTuning, mixing }: ExperimentPlan, recipe: Recipe): readonly Tuning[] {
  const {
    rates = [1],
    weightDecay = [recipe.weightDecay],
    replay = [mixing.replay],
  } = fineTuning.search ?? {};
  return rates.flatMap((rate) =>
    weightDecay.flatMap((decay) => replay.map((share) => ({ rate, weightDecay: decay, replay: share }))),
  );
}

/** The models were trained as `tried` says, in that order; `subject` is what they have in common. */
export function bestTuningStage(
  models: readonly Stage[],
  tried: readonly Tuning[],
  { subject, services }: { readonly subject: string; readonly services: StageServices },
): Stage {
  return chooseTuning.stage(
    {
      label: `choose by validation from ${models.length} ways to ${subject}`,
      subject,
      booking: 'specialization',
      parameters: { tried: [...tried] },
      places: null,
      inputs: { tuned: models },
    },
    services,
  );
}
