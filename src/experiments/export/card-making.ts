/** How a model was made, as its card has it. Pure. */
import * as z from 'zod';
import { sizeInWords, sizeOf } from '../../budget/in-domain-size.ts';
import type { Measurement } from '../../budget/measurement.ts';
import { escapeMarkdown } from '../../charts/escape.ts';
import { formatCount, formatPlural } from '../../common/format.ts';
import { joinWords } from '../../common/words.ts';
import { isFromScratch, methodInWords } from '../../methods/titles.ts';
import { triedInWords, tuningInWords } from '../../methods/tuning.ts';
import type { Ingredients, MixedText } from './ingredients.ts';
import type { DomainFigures, MadeOrigin, MeasuredOrigin } from './origin.ts';

/** Of a model that the experiment as it is now measured. */
export function measuredInWords({ results, figures, ingredients }: MeasuredOrigin): string {
  const [{ measurement }] = figures;
  const { method, fingerprint } = measurement;
  const title = results.methods.find(({ id }) => id === method)?.title ?? '';
  const words = [
    `${placeInWords(figures, title)}, in the experiment “${results.name}”.`,
    ...trainingInWords(measurement, ingredients, results.configuration),
  ];
  const { engine, parlance } = results.versions;
  return `${escapeMarkdown(words.join(' '))} Trained on ${escapeMarkdown(engine)}, exported with Parlance ${escapeMarkdown(parlance)}; \`parlance why ${fingerprint.slice(0, 12)}\` shows all that it was made from.`;
}

/** Of a model that a stage made, and perhaps a run measured. */
export function madeInWords({ label, fingerprint, figures, ingredients }: MadeOrigin): string {
  const stage = `By Parlance, as the stage “${escapeMarkdown(label)}” (artifact ${fingerprint.slice(0, 12)}; \`parlance why\` shows all that it was made from).`;
  const words = figures.length === 0 ? givenInWords(ingredients) : ofRun(figures, ingredients);
  return [stage, ...words.map(escapeMarkdown)].join(' ');
}

function ofRun(figures: readonly DomainFigures[], ingredients: Ingredients): readonly string[] {
  const [{ measurement }] = figures;
  return [`${placeInWords(figures)}.`, ...trainingInWords(measurement, ingredients)];
}

function placeInWords(figures: readonly DomainFigures[], title = ''): string {
  const [{ measurement }] = figures;
  const domains = figures.map(({ measurement: { domain } }) => domain);
  const noun = domains.length === 1 ? 'domain' : 'domains';
  return `${methodInWords(measurement.method, title)}, for the ${noun} ${joinWords(domains)}, seed ${measurement.seed}`;
}

function trainingInWords(
  measurement: Measurement,
  ingredients: Ingredients,
  configuration?: unknown,
): readonly string[] {
  const { mixed } = ingredients;
  const pretraining = isFromScratch(measurement.method)
    ? []
    : [pretrainingInWords(measurement, configuration)];
  return [
    ...givenInWords(ingredients),
    ...pretraining,
    ...(mixed === undefined ? [] : [mixedInWords(mixed)]),
    tunedInWords(measurement),
  ];
}

function tunedInWords(measurement: Measurement): string {
  const { method, phase, stopping, tuning } = measurement;
  if (phase === 'before fine-tuning') return `It was not fine-tuned.${chosenForDomain(measurement)}`;
  const way = isFromScratch(method) ? 'trained from scratch on' : 'fine-tuned for';
  const ending = stopping === undefined ? '' : ENDINGS[stopping.ending];
  const chosen =
    tuning === undefined
      ? ''
      : ` Validation text chose it among ${triedInWords(tuning)}: ${tuningInWords(tuning)}.`;
  return `It was ${way} ${sizeInWords(sizeOf(measurement), measurement.domainTokens)}: ${formatCount(measurement.steps)} steps, of which step ${formatCount(measurement.bestStep)} is kept${ending}.${chosen}`;
}

const ENDINGS = {
  patience: '; validation text did not get likelier any more',
  cap: '; it ended at the cap on its length',
} as const;

/** Before fine-tuning too, what was selected, chosen or fitted for a domain has read its set. */
function chosenForDomain({ requestedDomainTokens: size }: Measurement): string {
  if (size === undefined) return '';
  const set = size === 'all' ? 'all in-domain text' : `${formatCount(size)} in-domain tokens`;
  return ` It was made for the domain by ${set}: text, an expert or a projection chosen or fitted.`;
}

function pretrainingInWords(
  { method, pretrainingTokens: budget }: Measurement,
  configuration: unknown,
): string {
  if (budget === 0) return 'Nothing was pretrained for it.';
  const mixture = method === 'slm-mix' ? mixtureSchema.safeParse(configuration).data : undefined;
  return mixture === undefined
    ? `It was pretrained on ${formatCount(budget)} tokens.`
    : expertInWords(mixture, budget);
}

const mixtureSchema = z.object({
  mixture: z.object({ experts: z.number(), branching: z.boolean() }),
  from: z.object({ small: z.unknown() }).partial().optional(),
});

/** The budget is that of all experts together, so that one has read less. */
function expertInWords({ mixture, from }: z.infer<typeof mixtureSchema>, budget: number): string {
  const { experts, branching } = mixture;
  const whole = `It is one of ${formatPlural(experts, 'expert')} that share a pretraining budget of ${formatCount(budget)} tokens`;
  if (from?.small !== undefined) return `${whole}.`;
  return branching
    ? `${whole}: all branch off one model, which took most of it, and each then read its part of the rest.`
    : `${whole}: each was trained anew on its part of it.`;
}

function givenInWords({ given, givenTeacher, isPartial }: Ingredients): readonly string[] {
  return [
    ...(given === undefined ? [] : [`It began with a model from elsewhere, ${given}.`]),
    ...(givenTeacher === undefined
      ? []
      : [`The model that it was distilled from began with one from elsewhere, ${givenTeacher}.`]),
    ...(isPartial
      ? ['A stage that made it was cleaned away: whether it took in a model from elsewhere is not known.']
      : []),
  ];
}

function mixedInWords({ share, isAtMost, part }: MixedText): string {
  const percent = `${isAtMost ? 'up to ' : ''}${Number((share * 100).toPrecision(3))} %`;
  const where = part === 'last' ? 'of its last part, in which the learning rate falls' : 'of its tokens';
  return `In-domain text was mixed into its pretraining: ${percent} ${where}.`;
}
