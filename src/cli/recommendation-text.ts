/** The planner's answers in words and as a table for the terminal (recommend.ts). */

import { standingOf } from '../budget/choice/verdict.ts';
import { costIn, formatAmount, formatInferenceLimit } from '../budget/planner/amounts.ts';
import type { Budgets, Candidate, NextStep, PlannerAnswer } from '../budget/planner/planner-types.ts';
import { pointEntry, predictionInWords, rangeInWords } from '../budget/planner/planner-words.ts';
import { pretrainingFigure } from '../budget/pretraining-words.ts';
import type { Table } from '../charts/table.ts';
import { formatCompact, formatCount, formatPerplexity, formatPlural } from '../common/format.ts';
import { joinWords } from '../common/words.ts';
import { type Distances, isAlike } from '../experiments/results/likeness.ts';
import type { DomainCheck, UnmeasuredPlan, ViewPlan } from '../experiments/results/planned-methods.ts';
import { methodInWords } from '../methods/titles.ts';
import { textWidth } from './display/width.ts';
import { formatTable, wrap } from './text-table.ts';

export interface Recommended {
  /** Of the experiment, as its file. */
  readonly name: string;
  readonly file: string;
  readonly budgets: Budgets;
  readonly plans: readonly ViewPlan[];
  readonly unmeasured: readonly (UnmeasuredAdvice | WithoutAdvice)[];
  readonly checked: string | undefined;
}

interface UnmeasuredAdvice extends UnmeasuredPlan {
  readonly sources: string;
}

/** A domain for which the measured ones recommend nothing. */
interface WithoutAdvice {
  readonly view: string;
  readonly sources: string;
}

export function recommendationText({ name, file, budgets, plans, unmeasured, checked }: Recommended): string {
  const [first, ...others] = plans;
  const width = textWidth();
  const paragraph = (text: string): string => wrap(text, width).join('\n');
  const { answer } = first;
  const sections = [
    paragraph(`${name}: what to use within ${budgetsInWords(budgets)} (${first.view})`),
    ...(answer.candidates.length === 0 ? [] : [formatTable(candidateTable(answer), width)]),
    paragraph(answer.recommendation.sentence),
    ...section(
      'Not within the budgets:',
      answer.excluded.map(
        ({ method, title, reasons }) => `${methodInWords(method, title)}: ${reasons.join(' ')}`,
      ),
    ),
    ...section(
      'Not known with this much in-domain text:',
      answer.notKnown.map(({ method, title }) => methodInWords(method, title)),
    ),
    ...section(
      'To become sure:',
      answer.next.map(({ sentence }) => sentence),
    ),
    ...pointsSection(answer.next),
    ...section(
      'By domain:',
      others.map(({ view, answer: own }) => `${view}: ${own.recommendation.sentence}`),
    ),
    ...section(
      'Domains that were not measured:',
      unmeasured.map((one) =>
        'answer' in one
          ? `${one.view}: ${one.answer.recommendation.sentence} ${one.sources}`
          : `${one.view}: ${one.sources}`,
      ),
    ),
    paragraph(predictionInWords(answer.prediction)),
    ...(checked === undefined ? [] : [paragraph(checked)]),
  ];
  return sections.join('\n\n');

  /** A line to copy: it is not wrapped. */
  function pointsSection(steps: readonly NextStep[]): readonly string[] {
    const places = [
      ...new Set(steps.flatMap(({ place }) => (place === undefined ? [] : [pointEntry(place)]))),
    ];
    if (places.length === 0) return [];
    const add = `To run ${places.length === 1 ? 'this point' : 'these points'}, add to ${file}:`;
    return [`${paragraph(add)}\n\n  "points": [${places.join(', ')}]\n\nand then: parlance run ${file}`];
  }

  function section(title: string, items: readonly string[]): readonly string[] {
    if (items.length === 0) return [];
    const lines = items.map((item) =>
      wrap(item, width - 4).map((line, i) => `${i === 0 ? '  - ' : '    '}${line}`),
    );
    return [[title, ...lines.flat()].join('\n')];
  }
}

function candidateTable({ candidates, unit, domains, recommendation }: PlannerAnswer): Table {
  return {
    caption: 'Methods within the budgets',
    columns: [
      { title: 'Method', align: 'text' },
      { title: 'Held-out perplexity', align: 'number' },
      { title: 'Chosen by: validation', align: 'number' },
      { title: 'To the lowest', align: 'text' },
      { title: 'Basis', align: 'text' },
      { title: 'Pretraining tokens', align: 'number' },
      { title: 'In-domain tokens', align: 'number' },
      { title: 'Generic, once', align: 'number' },
      { title: 'Per domain', align: 'number' },
      { title: `Total, N\u00a0=\u00a0${domains}`, align: 'number' },
    ],
    rows: candidates.map((one) => {
      const cost = costIn(unit, one.cost);
      const amount = (value: number): string => formatAmount({ unit, value });
      const isChosen = one.method === recommendation.method;
      return [
        { text: one.method, detail: one.title, ...(isChosen ? { best: true as const } : {}) },
        {
          text: formatPerplexity(one.perplexity),
          ...(one.low < one.high ? { detail: rangeInWords(one) } : {}),
        },
        { text: formatPerplexity(one.validation) },
        { text: one === candidates[0] ? 'lowest' : standing(one) },
        { text: one.basis, detail: seedsInWords(one) },
        { text: pretrainingFigure(one) },
        { text: one.domainTokens === 0 ? 'not used' : formatCompact(one.domainTokens) },
        { text: amount(cost.generic) },
        { text: amount(cost.specialization) },
        { text: amount(one.totalCost) },
      ];
    }),
  };
}

function seedsInWords({ basis, seeds }: Candidate): string {
  return basis === 'predicted' || seeds === undefined ? '' : formatPlural(seeds, 'seed');
}

/** On held-out text, to the lowest on validation text. */
function standing({ comparison }: Candidate): string {
  if (comparison === undefined) return '–';
  return { tie: 'tie', lower: 'clearly lower', higher: 'clear' }[standingOf(comparison)];
}

export function budgetsInWords(budgets: Budgets): string {
  const { pretraining, specialization, inference, domainTokens, domains, genericCorpusAtHand } = budgets;
  return [
    pretraining === undefined ? 'any pretraining' : `${formatAmount(pretraining)} of pretraining`,
    specialization === undefined
      ? 'any specialization'
      : `${formatAmount(specialization)} of specialization for each domain`,
    ...(inference === undefined ? [] : [formatInferenceLimit(inference)]),
    ...(domainTokens === undefined ? [] : [`${formatCount(domainTokens)} in-domain tokens`]),
    formatPlural(domains, 'domain'),
    ...(genericCorpusAtHand ? [] : ['no generic corpus when the domain arrives']),
  ].join(', ');
}

/** Where the figures come from that stand for a domain without any. `problem`: why its text could not be read. */
export function sourcesInWords(
  { view, shares, isByLikeness }: UnmeasuredPlan,
  { distances, problem }: { readonly distances: Distances; readonly problem: string | undefined },
): string {
  const figures = 'The figures are averages over the measured domains';
  if (problem !== undefined) return `${figures}; which of them ${view} is like cannot be told. ${problem}`;
  const nats = (domain: string) => `${distances.get(domain)?.toFixed(2)} nats`;
  const counted = joinWords(
    shares.map(({ domain, share }) => `${domain} ${Math.round(100 * share)} % (${nats(domain)})`),
  );
  if (!isByLikeness) {
    return shares.length === 1
      ? `The figures are those of ${shares[0].domain}, the only domain that was measured.`
      : `${figures}; which of them ${view} is like cannot be told: no clusters of the generic text are known of all.`;
  }
  return isAlike(view, shares[0].domain, distances)
    ? `${figures}, of which those count most that are about as far from the generic text as ${view} is (${nats(view)}): ${counted}.`
    : `${figures}. None of them is about as far from the generic text as ${view} is (${nats(view)}); the nearest count most: ${counted}.`;
}

/** Where nothing stands for a domain without figures. `problem`: why its text could not be read. */
export function noAdviceInWords(problem: string | undefined): string {
  const reason = problem ?? 'No clusters of the generic text are known of all.';
  return (
    'Nothing can be recommended: the measured domains have no method in common that was measured with the same budget and ' +
    `as much in-domain text, and which of them it is like cannot be told. ${reason}`
  );
}

/** `undefined` without any. */
export function checksInWords(checks: readonly DomainCheck[], isByLikeness: boolean): string | undefined {
  if (checks.length === 0) return undefined;
  const made = `Made from the other domains alone${isByLikeness ? ', those about as far from the generic text counting most' : ''}`;
  const known = checks.filter(({ holds }) => holds !== undefined);
  const held = known.filter(({ holds }) => holds).length;
  const misses = known.filter(({ holds }) => !holds).map(missInWords);
  const detail = misses.length === 0 ? '' : `: ${misses.join('; ')}`;
  const open = checks.length - known.length;
  const rest =
    open === 0
      ? ''
      : ` On ${formatPlural(open, 'domain')} that is not known: figures there are predicted, or too little was measured or held out there.`;
  if (known.length === 0) {
    return `Whether the recommendation, made from the other domains alone, is borne out is not known: on ${formatPlural(open, 'domain')} figures are predicted, or too little was measured or held out.`;
  }
  const read = known.filter((one) => isInterpolated(one.basis) || isInterpolated(one.bestBasis)).length;
  const between = read === 0 ? '' : ` On ${read} of these a figure is read between two measurements.`;
  return `${made}, the recommendation was borne out on ${held} of ${formatPlural(known.length, 'domain')}${detail}.${between}${rest}`;
}

/** `on notes slm gave 20.00, slm-is gave 15.00`. */
function missInWords(miss: DomainCheck): string {
  const { domain, recommended, perplexity, basis, best, bestPerplexity, bestBasis } = miss;
  const own = perplexity === undefined ? 'is not feasible' : foundInWords(perplexity, basis);
  const other =
    best === undefined || bestPerplexity === undefined
      ? ''
      : `, ${best} ${foundInWords(bestPerplexity, bestBasis)}`;
  return `on ${domain} ${recommended} ${own}${other}`;
}

/** What nobody measured was not given by a model. */
function foundInWords(perplexity: number, basis: DomainCheck['basis']): string {
  const figure = formatPerplexity(perplexity);
  return isInterpolated(basis) ? `is at ${figure} (interpolated)` : `gave ${figure}`;
}

const isInterpolated = (basis: DomainCheck['basis']): boolean => basis === 'interpolated';
