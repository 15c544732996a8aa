/** `parlance plan` with budgets: which method to use under them, from what the newest run measured. */

import type { Amount, InferenceLimit } from '../budget/planner/amounts.ts';
import type { Budgets, PlannerAnswer } from '../budget/planner/planner-types.ts';
import { predictionInWords } from '../budget/planner/planner-words.ts';
import { modelFacts, plannedFacts } from '../experiments/execution/model-facts.ts';
import { storedResults } from '../experiments/execution/prepare.ts';
import type { ExperimentEnvironment, PreparedExperiment } from '../experiments/execution/prepared.ts';
import { unmeasuredDomains } from '../experiments/execution/unmeasured-domains.ts';
import { domainsIn } from '../experiments/results/answer.ts';
import { distancesOf } from '../experiments/results/likeness.ts';
import {
  checkOnLeftOutDomains,
  type DomainCheck,
  leftOutDomains,
  plannedMethods,
  planUnmeasured,
  planViews,
  withInferenceLimit,
} from '../experiments/results/planned-methods.ts';
import type { RunRecord } from '../experiments/runs/runs.ts';
import { needsGeneric } from '../methods/method.ts';
import { methods as allMethods } from '../methods/registry.ts';
import type { StageEvent } from '../pipeline/stage-event.ts';
import { writeJson } from './display/json.ts';
import {
  budgetsInWords,
  checksInWords,
  noAdviceInWords,
  type Recommended,
  recommendationText,
  sourcesInWords,
} from './recommendation-text.ts';

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

/** `record` is of the run that the results are told for. */
export async function recommend(
  prepared: PreparedExperiment,
  environment: ExperimentEnvironment,
  record: RunRecord,
  options: BudgetOptions & { readonly json?: boolean },
): Promise<void> {
  const results = await storedResults(prepared, environment, record);
  const { plan } = prepared.experiment;
  const models = modelFacts(plan, allMethods, results.models[0]?.vocabulary ?? plan.vocabulary);
  const untried = allMethods.filter(
    (method) =>
      !results.methods.some(({ id }) => id === method.id) &&
      (plan.generic !== undefined || !needsGeneric(method, plan)),
  );
  const methods = plannedMethods(
    [...results.methods, ...untried.map((method) => plannedFacts(method, plan))],
    models,
  );
  const budgets = withInferenceLimit(budgetsOf(options, domainsIn(results.measurements)), models);
  const { file } = prepared.experiment;
  const { measurements, name, selections } = results;
  const measured = new Set(measurements.map(({ domain }) => domain));
  const others = await unmeasuredDomains(prepared, measured, environment, tellOfText);
  const leftOut = leftOutDomains(measurements, distancesOf(selections));
  const checks = checkOnLeftOutDomains(leftOut, methods, budgets);
  const recommended: Recommended = {
    name,
    file,
    budgets,
    plans: planViews(results, methods, budgets),
    unmeasured: others.map(({ name: domain, histograms, problem }) => {
      // Each by itself: a little text must not decide which clusters tell how alike the others are.
      const distances = distancesOf([...selections, ...(histograms === undefined ? [] : [histograms])]);
      const plan = planUnmeasured(measurements, { domain, distances }, methods, budgets);
      return plan === undefined
        ? { view: domain, sources: noAdviceInWords(problem) }
        : { ...plan, sources: sourcesInWords(plan, { distances, problem }) };
    }),
    checked: checksInWords(
      checks,
      leftOut.some(({ isByLikeness }) => isByLikeness),
    ),
  };
  if (options.json) writeRecommendation(recommended, checks);
  else process.stdout.write(`${recommendationText(recommended)}\n`);
}

/** On standard error, while text is read or another process is waited for. */
function tellOfText({ state, label }: StageEvent): void {
  if (state === 'started') process.stderr.write(`${label} …\n`);
  if (state === 'waiting') process.stderr.write(`${label}: waiting for another process …\n`);
}

function writeRecommendation(
  { budgets, plans, unmeasured, checked }: Recommended,
  checks: readonly DomainCheck[],
): void {
  const type = 'recommendation';
  const wordsOf = ({ prediction }: PlannerAnswer) => {
    return { budgets: budgetsInWords(budgets), prediction: predictionInWords(prediction) };
  };
  for (const { view, answer } of plans) {
    writeJson({ type, view, budgets, ...answer, words: wordsOf(answer) });
  }
  for (const one of unmeasured) {
    if ('answer' in one) {
      const { view, answer, sources, ...shares } = one;
      writeJson({ type, view, budgets, ...answer, ...shares, words: { ...wordsOf(answer), sources } });
    } else writeJson({ type: 'no recommendation', view: one.view, words: { sources: one.sources } });
  }
  writeJson({ type: 'left-out domains', checks, ...(checked && { words: checked }) });
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
