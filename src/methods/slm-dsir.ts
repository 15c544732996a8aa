/**
 * SLM-dsir: pretraining on generic windows selected by their n-grams (DSIR, arXiv 2302.03169) instead of by clusters; not
 * in the paper, a second selector beside SLM-is that needs no clustering. With p the frequencies of hashed unigrams and
 * bigrams,
 *
 *     log w(x) = sum_(n-grams b of x) log p_spec(b) - log p_gen(b),
 *
 * and the windows with the highest log w(x) + Gumbel noise are taken: a draw without replacement in proportion to w.
 * Where the selection is shorter than the budget, training reads it again.
 */
import type { Stage } from '../pipeline/stage.ts';
import { selectWindows } from '../selection/dsir.ts';
import { windowReader, windowTexts } from '../selection/window-texts.ts';
import { histogramTokens } from './experiment-plan.ts';
import { pretrainedMethod } from './method.ts';
import { readTokenizer, type StageMaterial, trainingWindows } from './stages/material.ts';
import { timed } from './stages/timed.ts';
import { writeWindowList } from './stages/window-list.ts';

/** Windows shorter than this share of a context are left out: their weights are mostly chance. */
const SHORTEST_SHARE = 0.5;

export const slmDsir = pretrainedMethod(
  { id: 'slm-dsir', title: 'small, pretrained on generic text selected by n-grams' },
  ({ material, pretrain }, { seed, budget }) =>
    pretrain({
      model: 'small',
      seed,
      budget,
      windows: { kind: 'selected', selection: selectionStage(material, seed), by: 'n-grams' },
    }),
);

function selectionStage({ plan, tokenizer, generic, domain }: StageMaterial, seed: number): Stage {
  const { context: length } = plan;
  const limit = histogramTokens(plan);
  const wantedTokens = Math.max(...plan.pretraining.budgets);
  return {
    kind: 'ngram-selection',
    label: `generic windows selected for ${domain.name} by n-grams, seed ${seed}`,
    version: 1,
    parameters: { context: length, limit, wantedTokens, shortestShare: SHORTEST_SHARE, seed },
    inputs: { tokenizer, tokens: generic, domain: domain.tokens },
    booking: 'specialization',
    run: (context) =>
      timed(context, async () => {
        const decoder = await readTokenizer(context);
        const raw = await trainingWindows(context.input('tokens'), length);
        const target = await trainingWindows(context.input('domain'), length, limit);
        const read = windowReader(raw, decoder);
        const { windows, report } = await selectWindows({
          target: () => windowTexts(target, decoder),
          raw: () => windowTexts(raw, decoder),
          windows: raw.count,
          textsOf: (chosen) => [Array.from(chosen, read)],
          tokensOf: (window) => raw.length(window),
          wantedTokens,
          minimumTokens: Math.round(length * SHORTEST_SHARE),
          seed,
        });
        await writeWindowList(context.directory, windows, report);
        return undefined;
      }),
  };
}
