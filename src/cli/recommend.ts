/** `parlance plan` with budgets: which method to use under them, from what the newest run measured. */

import { standingOf } from '../budget/choice/verdict.ts';
import {
  type Amount,
  costIn,
  formatAmount,
  formatInferenceLimit,
  type InferenceLimit,
} from '../budget/planner/amounts.ts';
import type { Budgets, Candidate, NextStep, PlannerAnswer } from '../budget/planner/planner-types.ts';
import { pointEntry, predictionInWords, rangeInWords } from '../budget/planner/planner-words.ts';
import { pretrainingFigure } from '../budget/pretraining-words.ts';
import type { Table } from '../charts/table.ts';
import { InputError } from '../common/errors.ts';
import { formatCompact, formatCount, formatPerplexity, formatPlural } from '../common/format.ts';
import { modelFacts } from '../experiments/execution/model-facts.ts';
import { storedResults } from '../experiments/execution/prepare.ts';
import type { ExperimentEnvironment, PreparedExperiment } from '../experiments/execution/prepared.ts';
import { domainsIn } from '../experiments/results/answer.ts';
import {
  checkOnLeftOutDomains,
  type DomainCheck,
  leftOutDomains,
  plannedMethods,
  planViews,
  type ViewPlan,
  withInferenceLimit,
} from '../experiments/results/planned-methods.ts';
import { listRuns } from '../experiments/runs/runs.ts';
import { methods as allMethods } from '../methods/registry.ts';
import { methodInWords } from '../methods/titles.ts';
import { writeJson } from './display/json.ts';
import { textWidth } from './display/width.ts';
import { formatTable, wrap } from './text-table.ts';

export interface BudgetOptions {
  readonly pretraining?: Amount;
  readonly specialization?: Amount;
  readonly inference?: InferenceLimit;
  readonly domainTokens?: number;
  readonly domains?: number;
  /** False with `--no-generic`. */
  readonly generic?: boolean;
}

/** Whether any budget was given; without one `plan` tells what a run would do. */
export function asksForRecommendation(options: BudgetOptions): boolean {
  const { pretraining, specialization, inference, domainTokens, domains, generic } = options;
  return (
    [pretraining, specialization, inference, domainTokens, domains].some((one) => one !== undefined) ||
    generic === false
  );
}

export async function recommend(
  prepared: PreparedExperiment,
  environment: ExperimentEnvironment,
  options: BudgetOptions & { readonly json?: boolean },
): Promise<void> {
  const newest = (await listRuns(environment.storage)).runs.at(0);
  if (newest === undefined) {
    throw new InputError(
      `Nothing has been measured yet: there is no run in ${environment.storage}.`,
      `Measure first: ${environment.command}`,
    );
  }
  const results = await storedResults(prepared, environment, newest.record);
  const models = modelFacts(
    prepared.experiment.plan,
    allMethods,
    results.models[0]?.vocabulary ?? prepared.experiment.plan.vocabulary,
  );
  const others = allMethods.filter(({ id }) => !results.methods.some((one) => one.id === id));
  const methods = plannedMethods(
    [...results.methods, ...others.map(({ id, title, model }) => ({ id, title, model }))],
    models,
  );
  const budgets = withInferenceLimit(budgetsOf(options, domainsIn(results.measurements)), models);
  const plans = planViews(results, methods, budgets);
  const checks = checkOnLeftOutDomains(leftOutDomains(results), methods, budgets);
  if (options.json) {
    for (const { view, answer } of plans) {
      const words = { budgets: budgetsInWords(budgets), prediction: predictionInWords(answer.prediction) };
      writeJson({ type: 'recommendation', view, budgets, ...answer, words });
    }
    const words = checks.length === 0 ? {} : { words: checksInWords(checks) };
    writeJson({ type: 'left-out domains', checks, ...words });
  } else {
    const { file } = prepared.experiment;
    process.stdout.write(`${recommendationText({ name: results.name, file, budgets, plans, checks })}\n`);
  }
}

function budgetsOf({ generic, domains, ...given }: BudgetOptions, measured: number): Budgets {
  const { pretraining, specialization, inference, domainTokens } = given;
  return {
    pretraining,
    specialization,
    inference,
    domainTokens,
    domains: domains ?? measured,
    genericCorpusAtHand: generic ?? true,
  };
}

interface Recommended {
  /** Of the experiment, as its file. */
  readonly name: string;
  readonly file: string;
  readonly budgets: Budgets;
  readonly plans: readonly ViewPlan[];
  readonly checks: readonly DomainCheck[];
}

function recommendationText({ name, file, budgets, plans, checks }: Recommended): string {
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
    paragraph(predictionInWords(answer.prediction)),
    ...(checks.length === 0 ? [] : [paragraph(checksInWords(checks))]),
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

function budgetsInWords(budgets: Budgets): string {
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

function checksInWords(checks: readonly DomainCheck[]): string {
  const known = checks.filter(({ holds }) => holds !== undefined);
  const held = known.filter(({ holds }) => holds).length;
  const misses = known
    .filter(({ holds }) => !holds)
    .map(
      ({ domain, recommended, perplexity, best, bestPerplexity }) =>
        `on ${domain} ${recommended} ${perplexity === undefined ? 'is not feasible or not known' : `gave ${formatPerplexity(perplexity)}`}${best === undefined || bestPerplexity === undefined ? '' : `, ${best} gave ${formatPerplexity(bestPerplexity)}`}`,
    );
  const detail = misses.length === 0 ? '' : `: ${misses.join('; ')}`;
  const open = checks.length - known.length;
  const rest =
    open === 0
      ? ''
      : ` On ${formatPlural(open, 'domain')} that is not known: figures there are predicted, or nothing was measured within these budgets.`;
  return known.length === 0
    ? `Whether the recommendation, made from the other domains alone, is borne out is not known: on ${formatPlural(open, 'domain')} figures are predicted, or nothing was measured within these budgets.`
    : `Made from the other domains alone, the recommendation was borne out on ${held} of ${formatPlural(known.length, 'domain')}${detail}.${rest}`;
}
