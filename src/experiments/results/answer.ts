/**
 * The answer of an experiment, made from its measurements: which method to use on a domain, at the largest in-domain
 * size, within the inference cap. The terminal, the report, the panels, the Models view and the notification at the end
 * of a run all take it from here, so that none says another method, number or word. Pure.
 *
 * Each method stands at the pretraining budget that is lowest on validation text at that size, as in the planner without
 * limits; its other budgets are the curve of what less pretraining gives.
 */

import { type Choice, chooseAmong } from '../../budget/choice/choice.ts';
import { compare } from '../../budget/choice/verdict.ts';
import { totalCost } from '../../budget/cost.ts';
import { sizeOf } from '../../budget/in-domain-size.ts';
import type { Measurement, MethodFacts, ModelFacts } from '../../budget/measurement.ts';
import { pretrainedPerDomain } from '../../budget/pretraining-booking.ts';
import {
  atChosenBudget,
  beforeTuningOn,
  type Cell,
  isMeasurable,
  standingCells,
  type View,
  viewsOf,
} from '../../budget/views.ts';
import { isCeiling } from '../../charts/budgets.ts';
import { isFromScratch } from '../../methods/titles.ts';
import type { AnswerFacts, Standing } from './answer-facts.ts';
import { headlineOf, sentenceOf } from './answer-words.ts';
import { isHarm } from './fine-tuning-harm.ts';

/** What has to be known besides the measurements. */
export interface AnswerSubject {
  readonly methods: readonly MethodFacts[];
  readonly models: readonly ModelFacts[];
}

export interface Answer extends AnswerFacts {
  /** One short sentence: where, which method, its held-out perplexity, `clear`, `tie` or `not settled`. */
  readonly headline: string;
  /** The whole of it, a paragraph. */
  readonly paragraph: string;
}

/** One answer a view: with several domains the macro average first, then each domain. */
export function answersOf(subject: AnswerSubject, measurements: readonly Measurement[]): readonly Answer[] {
  const usable = measurements.filter(isMeasurable);
  return viewsOf(usable).map((view) => answerOf(subject, view, domainsIn(usable)));
}

/** N of the total cost where nobody says another: the domains that were measured. */
export function domainsIn(measurements: readonly Pick<Measurement, 'domain'>[]): number {
  return new Set(measurements.map(({ domain }) => domain)).size;
}

export function answerOf(subject: AnswerSubject, view: View, domains: number): Answer {
  const facts = factsOf(subject, view, domains);
  return { ...facts, headline: headlineOf(facts), paragraph: sentenceOf(facts) };
}

/** How the cells of one in-domain size, those over the cap left out, stand to each other. */
export function choiceAmong(
  subject: AnswerSubject,
  cells: readonly Cell[],
  domains: number,
): Choice<Standing> | undefined {
  return chooseAmong(standings(subject, cells, domains).filter((one) => !isOverCap(subject, one)));
}

/** The leader and what ties with it: those that no measurement sets apart. */
export function notSetApart({ leader, ties }: Choice<Standing>): readonly Standing[] {
  return [leader, ...ties.map(({ contender }) => contender)];
}

function factsOf(subject: AnswerSubject, view: View, domains: number): AnswerFacts {
  const cells = atChosenBudget(view.cells);
  const tuned = standingCells(view);
  const parametersOf = (model: ModelFacts['name']) =>
    subject.models.find(({ name }) => name === model)?.parameters;
  const cap = parametersOf('small');
  const ceilingParameters = parametersOf('large');
  const all = standings(subject, tuned, domains);
  const facts = {
    view: { title: view.title, kind: view.kind },
    domains,
    standings: all,
    ...(cap !== undefined && { cap }),
    ...(ceilingParameters !== undefined && { ceilingParameters }),
    pretrainedPerDomain: pretrainedPerDomain(view.cells),
    unmeasured: unmeasuredAt(tuned, view),
  };
  if (tuned.length === 0) return facts;
  const choice = choiceAmong(subject, tuned, domains);
  const before = standings(subject, beforeTuningOn(cells, sizeOf(tuned[0])), domains).filter(
    (one) => !isOverCap(subject, one),
  );
  const verdict = choice && verdictOf(choice);
  const ceiling = lowest(all.filter((one) => isOverCap(subject, one)));
  const pretrainedOnly =
    before.find(({ method }) => method.id === choice?.chosen.method.id) ?? lowest(before);
  const fromScratch = all.find(({ method }) => isFromScratch(method.id));
  return {
    ...facts,
    size: { asked: sizeOf(tuned[0]), tokens: Math.max(...tuned.map(({ domainTokens }) => domainTokens)) },
    ...(choice && { choice }),
    ...(verdict && { verdict }),
    ...(ceiling && { ceiling }),
    ...(pretrainedOnly && { pretrainedOnly }),
    isMadeWorse: isMadeWorse(subject, pretrainedOnly, choice?.chosen),
    ...(fromScratch && { fromScratch }),
  };
}

/** By the seeds that were measured both before and after; not of another method's model, nor of one that need not be its start. */
function isMadeWorse(
  { methods }: AnswerSubject,
  before: Standing | undefined,
  tuned: Standing | undefined,
): boolean {
  if (before === undefined || tuned === undefined || before.method.id !== tuned.method.id) return false;
  if (methods.find(({ id }) => id === tuned.method.id)?.choosesTuned) return false;
  const comparison = compare(before.point, tuned.point);
  return comparison !== undefined && isHarm(1, comparison.ratio);
}

function standings({ methods }: AnswerSubject, cells: readonly Cell[], domains: number): readonly Standing[] {
  return cells.map((point) => {
    const { id, title } = methods.find((one) => one.id === point.method) ?? { id: point.method, title: '' };
    const cost = { generic: point.genericFlops, specialization: point.specializationFlops };
    return { method: { id, title }, point, totalCost: totalCost(cost, domains) };
  });
}

function unmeasuredAt(cells: readonly Cell[], view: View): readonly string[] {
  const known = new Set(view.cells.map(({ method }) => method));
  return [...known].filter((id) => cells.every(({ method }) => method !== id));
}

function isOverCap(subject: AnswerSubject, { method }: Standing): boolean {
  const facts = subject.methods.find(({ id }) => id === method.id);
  return facts !== undefined && isCeiling(subject, facts);
}

function verdictOf({ ties, others }: Choice<Standing>): AnswerFacts['verdict'] {
  const compared = others.flatMap(({ comparison }) => comparison ?? []);
  if (compared.some(({ ratio }) => ratio < 1)) return 'not settled';
  if (ties.length > 0) return 'tie';
  return compared.length > 0 ? 'clear' : undefined;
}

function lowest(all: readonly Standing[]): Standing | undefined {
  return [...all].sort((a, b) => a.point.validation.mean - b.point.validation.mean).at(0);
}
