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
import * as z from 'zod';
import { formatTokens } from '../common/format.ts';
import { SubsetWindows } from '../corpus/windows/window-lists.ts';
import type { WindowSource } from '../corpus/windows/windows.ts';
import type { Stage } from '../pipeline/stage.ts';
import { windowTexts } from '../selection/embedding/window-texts.ts';
import { selectWindows } from '../selection/sampling/dsir.ts';
import { type Point, pretrainedMethod } from './method.ts';
import { defineStage, noPlaces, setFields } from './stages/define.ts';
import { type MethodInputs, readTokenizer } from './stages/method-inputs.ts';
import { selectedTokens } from './stages/pretrain.ts';
import { writeWindowList } from './stages/selection/window-list.ts';
import { readingText, setInWords, setParameters } from './stages/stage-text.ts';
import { timed } from './stages/timed.ts';
import { METHOD_TITLES } from './titles.ts';

/** Windows shorter than this share of a context are left out: their weights are mostly chance. */
const SHORTEST_SHARE = 0.5;

export const slmDsir = pretrainedMethod(
  { id: 'slm-dsir', title: METHOD_TITLES['slm-dsir'], selectsGeneric: 'for each domain' },
  ({ inputs, pretrain }, point) =>
    pretrain({
      model: 'small',
      ...point,
      windows: { kind: 'selected', selection: selectionStage(inputs, point), by: 'n-grams' },
    }),
);

export const ngramSelection = defineStage({
  kind: 'ngram-selection',
  version: 3,
  parameters: z.strictObject({
    context: z.number(),
    ...setFields,
    wantedTokens: z.number(),
    shortestShare: z.number(),
    seed: z.number(),
  }),
  places: noPlaces,
  inputs: { tokenizer: 'one', tokens: 'one', domain: 'one' },
  run: ({ parameters, input, directory, signal, book }) =>
    readingText((text) =>
      timed({ book }, async () => {
        const { context, wantedTokens, shortestShare, seed } = parameters;
        const decoder = await readTokenizer(input('tokenizer'));
        const raw = await text.training(input('tokens'), context);
        const target = await text.domain(input('domain'), context, parameters);
        const texts = (windows: WindowSource) => windowTexts(windows, decoder, signal);
        const { windows, report, flops } = await selectWindows({
          target: () => texts(target),
          raw: () => texts(raw),
          windows: raw.count,
          textsOf: (chosen) => texts(new SubsetWindows(raw, chosen)),
          tokensOf: (window) => raw.length(window),
          wantedTokens,
          minimumTokens: Math.round(context * shortestShare),
          seed,
        });
        await writeWindowList(directory, windows, report);
        return flops;
      }),
    ),
});

function selectionStage(
  { plan, tokenizer, generic, domain, services }: MethodInputs,
  { seed, budget, domainTokens }: Point,
): Stage {
  const set = { tokens: domainTokens, seed };
  const wantedTokens = selectedTokens(plan, budget, 'whole');
  const amount = `${formatTokens(wantedTokens)} generic tokens`;
  const label = `${amount} selected by the n-grams of ${setInWords(set, domain.name)}, seed ${seed}`;
  return ngramSelection.stage(
    {
      label,
      subject: label,
      booking: 'specialization',
      parameters: {
        context: plan.context,
        ...setParameters(set),
        wantedTokens,
        shortestShare: SHORTEST_SHARE,
        seed,
      },
      places: null,
      inputs: { tokenizer, tokens: generic, domain: domain.tokens },
    },
    services,
  );
}
