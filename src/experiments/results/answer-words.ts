/** The answer in words. Held-out perplexity is what is reported, validation perplexity what was chosen by. */

import type { Choice, Rival } from '../../budget/choice/choice.ts';
import {
  basisOfComparison,
  differenceInWords,
  rangeOverSeeds,
} from '../../budget/choice/comparison-words.ts';
import { type Comparison, LEAST_UNITS, NEGLIGIBLE } from '../../budget/choice/verdict.ts';
import { sizeInWords } from '../../budget/in-domain-size.ts';
import {
  formatCompact,
  formatCount,
  formatFlops,
  formatPerplexity,
  formatPlural,
} from '../../common/format.ts';
import { joinWords } from '../../common/words.ts';
import { methodInWords, methodTitle } from '../../methods/titles.ts';
import type { AnswerFacts, Standing } from './answer-facts.ts';

const LEAST_DIFFERENCE = `${100 * NEGLIGIBLE} %`;

type Compared = Rival<Standing> & { readonly comparison: Comparison };

/** `On docs use Pretrained on generic text (slm): held-out perplexity 27.58 with all 336k in-domain tokens; tie with slm-is.` */
export function headlineOf(facts: AnswerFacts): string {
  const { choice, size } = facts;
  if (choice === undefined || size === undefined) return nothingYet(facts);
  const { chosen, leader, ties } = choice;
  const figure = `${where(facts)} use ${nameOf(chosen)}: held-out perplexity ${heldOut(chosen)} with ${setInWords(facts.view, size)}`;
  const tied = [leader, ...ties.map(({ contender }) => contender)].filter((one) => one !== chosen);
  const lower = clearlyLower(choice).map(({ contender }) => contender.method.id);
  const notCompared = uncompared(choice).map(({ method }) => method.id);
  return `${figure}; ${[
    ...(tied.length > 0 ? [`tie with ${joinWords(tied.map(({ method }) => method.id))}`] : []),
    ...(lower.length > 0
      ? [
          `not settled: on held-out text ${joinWords(lower)} ${lower.length === 1 ? 'is' : 'are'} clearly lower`,
        ]
      : []),
    ...(facts.verdict === 'clear' ? ['clear'] : []),
    ...(notCompared.length > 0
      ? [`not compared with ${joinWords(notCompared)}, which ${withOtherSeeds(notCompared.length)}`]
      : []),
    ...(isAlone(choice) ? ['nothing to compare with'] : []),
  ].join('; ')}.`;
}

export function sentenceOf(facts: AnswerFacts): string {
  const { choice, size, cap } = facts;
  if (size === undefined) return nothingYet(facts);
  const limit = cap === undefined ? 'within the inference cap' : `at most ${formatCount(cap)} parameters`;
  const setting = `${where(facts)}, with ${setInWords(facts.view, size)} and ${limit}`;
  if (choice === undefined) {
    return joined([`${setting}, no method has been measured yet.`, ceilingInWords(facts)]);
  }
  return joined([
    `${setting}, use ${chosenInWords(choice)}.`,
    tiesInWords(choice, facts.domains),
    clearInWords(choice),
    contradictionInWords(choice),
    uncomparedInWords(choice, idWithFigure),
    comparisonsInWords(choice, facts),
    unmeasuredInWords(facts),
    ceilingInWords(facts),
  ]);
}

/** `smallest`: the smallest size that a domain has too little text for. */
export function sizesLeftOutInWords(smallest: number): string {
  return `in-domain sizes of ${formatCount(smallest)} tokens and more are the same as all the text there is, and are not measured apart.`;
}

/** `Pretrained on generic text (slm): held-out perplexity 17.32 (17.10 to 17.55 over 3 seeds); chosen by validation: 16.90`. */
function chosenInWords({ chosen }: Choice<Standing>): string {
  const range = rangeOverSeeds(chosen.point.perplexity, formatPerplexity);
  return `${nameOf(chosen)}: held-out perplexity ${heldOut(chosen)} (${range}); chosen by validation: ${validation(chosen)}`;
}

function tiesInWords(choice: Choice<Standing>, domains: number): string {
  const { chosen, leader, ties } = choice;
  const compared = ties.filter(isCompared);
  if (compared.length === 0) return '';
  const tied = [leader, ...compared.map(({ contender }) => contender)].filter((one) => one !== chosen);
  const names = joinWords(tied.map(idWithFigure));
  if (compared.some(({ comparison }) => comparison.units < LEAST_UNITS)) {
    return `Tie with ${names}: too little text is held out to tell them apart, ${basesInWords(compared)}; ${chosen.method.id} is the lowest by validation.`;
  }
  const differences = compared.map(({ contender, comparison }) =>
    differenceInWords(comparison, contender.method.id),
  );
  const lowest = `Lowest by validation is ${leader.method.id} (${validation(leader)}), on held-out text ${differences.join('; ')}; ${basesInWords(compared)}.`;
  return joined([
    `Tie with ${names}${cheapestInWords(choice, domains)}. ${lowest}`,
    negligibleInWords(compared),
  ]);
}

/** Nothing where no other is as good. */
function cheapestInWords({ chosen, leader, asGood }: Choice<Standing>, domains: number): string {
  if (asGood.length === 0) return '';
  const others = [leader, ...asGood.map(({ contender }) => contender)].filter((one) => one !== chosen);
  const costs = costsInWords(chosen, others);
  return `: of what is within ${LEAST_DIFFERENCE} of the lowest by validation, ${chosen.method.id} is ${others.length === 1 ? 'the cheaper' : 'the cheapest'} in total for ${formatPlural(domains, 'domain')} (${costs})`;
}

/** `3.44 TFLOP against 5.1 TFLOP and 6 TFLOP`. */
function costsInWords(chosen: Standing, tied: readonly Standing[]): string {
  const [own, ...others] = [chosen, ...tied].map(({ totalCost }) => formatFlops(totalCost));
  if (others.every((one) => one === own)) return `${own} each, to three digits`;
  return `${own} against ${joinWords(others)}`;
}

/** A difference that is certain and small; nothing where there is none. */
function negligibleInWords(ties: readonly Compared[]): string {
  const small = ties.filter(isNegligible).map(({ contender }) => contender.method.id);
  if (small.length === 0) return '';
  return `From ${joinWords(small)} it differs by less than ${LEAST_DIFFERENCE}, which is called a tie though the interval excludes zero.`;
}

/** What the choice is as good as, and what held-out text does not set it apart from. */
function tiedInWords({ chosen, leader, ties, asGood }: Choice<Standing>): string {
  const others = [leader, ...asGood.map(({ contender }) => contender)].filter((one) => one !== chosen);
  const open = ties.filter((one) => !asGood.includes(one)).map(({ contender }) => nameWithFigure(contender));
  const cheapest =
    others.length === 0
      ? 'It is the lowest on validation text.'
      : `On validation text it is within ${LEAST_DIFFERENCE} of ${joinWords(others.map(nameWithFigure))}, and it needs the least computation.`;
  const untold =
    open.length === 0 ? '' : `Held-out text and seeds do not set it apart from ${joinWords(open)}.`;
  return joined([cheapest, untold]);
}

/** What several comparisons rest on: said once where it is the same, else of each. */
function basesInWords(compared: readonly Compared[]): string {
  const bases = compared.map(({ comparison }) => basisOfComparison(comparison));
  if (new Set(bases).size === 1) return bases[0];
  return compared.map(({ contender }, i) => `${bases[i]} (${contender.method.id})`).join('; ');
}

/** What the leader is set apart from: the next of those by validation. */
function clearInWords(choice: Choice<Standing>): string {
  const { leader, ties, others } = choice;
  if (isAlone(choice)) return 'No other method was measured within the cap with this much in-domain text.';
  const next = others.find(isCompared);
  if (next === undefined || clearlyLower(choice).length > 0) return '';
  const name = idWithFigure(next.contender);
  const isNext = ties.length === 0 && next === others[0];
  const difference = differenceInWords(next.comparison, isNext ? nextByValidation(name) : name);
  return `Clear: on held-out text ${leader.method.id} is ${difference}, ${basisOfComparison(next.comparison)}.`;
}

/** Nothing where all could be compared. */
function uncomparedInWords(choice: Choice<Standing>, name: (one: Standing) => string): string {
  const all = uncompared(choice);
  if (all.length === 0) return '';
  return `Not compared with ${joinWords(all.map(name))}, which ${withOtherSeeds(all.length)}.`;
}

/** They share no seed with the leader. */
function uncompared({ others }: Choice<Standing>): readonly Standing[] {
  return others.filter((one) => !isCompared(one)).map(({ contender }) => contender);
}

const withOtherSeeds = (methods: number): string =>
  `${methods === 1 ? 'was' : 'were'} measured with other seeds`;

function isAlone({ ties, others }: Choice<Standing>): boolean {
  return ties.length + others.length === 0;
}

/** Held-out text may clearly prefer what validation did not; it is reported and not followed. */
function contradictionInWords(choice: Choice<Standing>): string {
  const { leader } = choice;
  const lower = clearlyLower(choice);
  if (lower.length === 0) return '';
  const names = joinWords(
    lower.map(({ contender, comparison }) => {
      return differenceInWords(comparison, idWithFigure(contender));
    }),
  );
  return `Not settled: validation and held-out text disagree. On held-out text ${leader.method.id} is clearly ${names}. More text, in the domain and held out, would tell.`;
}

function clearlyLower({ others }: Choice<Standing>): readonly Compared[] {
  return others.filter(isCompared).filter(({ comparison }) => comparison.ratio < 1);
}

/**
 * What the chosen method gained by fine-tuning and by pretraining, as far as that was measured. Fine-tuning as a rule lowers
 * perplexity; where it did not, the reader must not take the figure for a gain.
 */
function comparisonsInWords({ chosen }: Choice<Standing>, facts: AnswerFacts): string {
  const { pretrainedOnly, fromScratch, isMadeWorse } = facts;
  const parts = [
    ...(pretrainedOnly === undefined
      ? []
      : [
          `before fine-tuning, ${pretrainedOnly.method.id} gave ${heldOut(pretrainedOnly)}${isMadeWorse ? ': with the same seeds, fine-tuning made it worse' : ''}`,
        ]),
    ...(fromScratch === undefined || fromScratch.method.id === chosen.method.id
      ? []
      : [`from scratch, ${fromScratch.method.id} gave ${heldOut(fromScratch)}`]),
  ];
  return parts.length === 0 ? '' : `For comparison, held-out: ${parts.join('; ')}.`;
}

function unmeasuredInWords({ unmeasured }: AnswerFacts): string {
  return unmeasured.length === 0 ? '' : `Not measured at this size and budget: ${joinWords(unmeasured)}.`;
}

function ceilingInWords({ ceiling, ceilingParameters }: AnswerFacts): string {
  if (ceiling === undefined) return '';
  const size = ceilingParameters === undefined ? '' : `, ${formatCompact(ceilingParameters)} parameters`;
  return `The large model (${ceiling.method.id}${size}) reached ${heldOut(ceiling)} on held-out text; it is over the inference cap: a ceiling, not a candidate.`;
}

function nothingYet(facts: AnswerFacts): string {
  return facts.size === undefined
    ? `${where(facts)}, no method has been measured after fine-tuning yet.`
    : `${where(facts)}, no method within the inference cap has been measured with ${setInWords(facts.view, facts.size)} yet.`;
}

/** How sure the choice is, in a sentence, and with what it could not be compared, in another. */
export function certaintyInWords(choice: Choice<Standing>): string {
  return joined([sureInWords(choice), uncomparedInWords(choice, nameWithFigure)]);
}

function sureInWords(choice: Choice<Standing>): string {
  const { chosen, leader, ties, others } = choice;
  const tied = [leader, ...ties.map(({ contender }) => contender)].filter((one) => one !== chosen);
  const lower = clearlyLower(choice).map(({ contender }) => nameWithFigure(contender));
  if (lower.length > 0) {
    return `Chosen on validation text, but on held-out text ${joinWords(lower)} ${lower.length === 1 ? 'is' : 'are'} clearly lower: more text would tell.`;
  }
  if (tied.length > 0) {
    const names = joinWords(tied.map(nameWithFigure));
    const units = Math.min(...ties.map(({ comparison }) => comparison?.units ?? 0));
    if (units < LEAST_UNITS) {
      return `Too little text is held out to tell it from ${names}; it is the lowest on validation text.`;
    }
    return tiedInWords(choice);
  }
  if (isAlone(choice))
    return 'No other method was measured within the cap on the model size with this much in-domain text.';
  const next = others.find(isCompared);
  if (next === undefined) return '';
  const name = nameWithFigure(next.contender);
  return `On held-out text it is ${differenceInWords(next.comparison, next === others[0] ? nextByValidation(name) : name)}.`;
}

/** Of the order by validation, not by the held-out text that the figures are of. */
const nextByValidation = (name: string): string => `${name}, the next by validation`;

const nameOf = ({ method }: Standing): string => methodInWords(method.id, method.title);
/** `slm (17.32)`. */
const idWithFigure = (one: Standing): string => `${one.method.id} (${heldOut(one)})`;

/** `Pretrained on generic text (slm, 17.32)`. */
function nameWithFigure(standing: Standing): string {
  const { id, title } = standing.method;
  return `${methodTitle(id, title)} (${id}, ${heldOut(standing)})`;
}

const heldOut = ({ point }: Standing): string => formatPerplexity(point.perplexity.mean);
const validation = ({ point }: Standing): string => formatPerplexity(point.validation.mean);

/** Held-out text sets it apart, but by less than anyone would notice. */
function isNegligible({ comparison }: Rival<Standing>): boolean {
  if (comparison === undefined || comparison.units < LEAST_UNITS) return false;
  const { verdict, low, high } = comparison;
  return verdict === 'tie' && (low > 1 || high < 1);
}

function isCompared(rival: Rival<Standing>): rival is Compared {
  return rival.comparison !== undefined;
}

function setInWords({ kind }: AnswerFacts['view'], size: NonNullable<AnswerFacts['size']>): string {
  return sizeInWords(size.asked, size.tokens, kind);
}

function where({ view }: AnswerFacts): string {
  return view.kind === 'domain' ? `On ${view.title}` : `In the ${view.title}`;
}

function joined(sentences: readonly string[]): string {
  return sentences.filter((sentence) => sentence !== '').join(' ');
}
