/**
 * The measurements behind an answer in the editor: those of all runs that measured the experiment as it is now
 * (comparable-runs.ts), and what is known of its methods and models. Reads records and the newest report, no artifact.
 */

import type { Measurement } from '../../budget/measurement.ts';
import { methods as allMethods } from '../../methods/registry.ts';
import type { Experiment } from '../config/experiment.ts';
import { configurationJson, reportsFolder } from '../config/recorded-facts.ts';
import { modelFacts, plannedFacts } from '../execution/model-facts.ts';
import { newestReport } from '../report/newest.ts';
import { comparableRuns, mergeMeasurements } from '../runs/comparable-runs.ts';
import type { RunView } from '../runs/run-view.ts';
import { readRun } from '../runs/runs.ts';
import { type Answer, type AnswerSubject, answersOf } from './answer.ts';

/** A report knows more of its methods and the models' true vocabulary; before there is one, the configuration tells. */
export function answerSubject(
  { plan, methods }: Experiment,
  measurements: readonly Measurement[],
  report: AnswerSubject | undefined,
): AnswerSubject {
  const wanted = new Set([...methods, ...measurements.map(({ method }) => method)]);
  const used = allMethods.filter(({ id }) => wanted.has(id));
  return {
    // A report of an earlier version may lack what the plan says.
    methods: used.map((method) => ({
      ...plannedFacts(method, plan),
      ...report?.methods.find(({ id }) => id === method.id),
    })),
    // The newest report may be of fewer methods.
    models: modelFacts(plan, used, plan.vocabulary).map(
      (planned) => report?.models.find(({ name }) => name === planned.name) ?? planned,
    ),
  };
}

export interface ExperimentAnswers {
  /** One a view; none before anything was measured. */
  readonly answers: readonly Answer[];
  /** Of all runs that the answers rest on; what was measured twice stands twice. */
  readonly measurements: readonly Measurement[];
}

/** `views` are the runs of a storage. */
export async function experimentAnswers(
  experiment: Experiment,
  storage: string,
  views: readonly Pick<RunView, 'id' | 'corpora' | 'measurements'>[],
): Promise<ExperimentAnswers> {
  const configuration = configurationJson(experiment);
  const records = await Promise.all(
    views.map(({ id, corpora }) =>
      readRun(storage, id).then(
        ({ record }) => [{ ...record, ...(corpora && { corpora }) }],
        () => [],
      ),
    ),
  );
  const { runs } = comparableRuns(records.flat(), configuration);
  const measured = runs.map(({ id }) => views.find((view) => view.id === id)?.measurements ?? []);
  const merged = mergeMeasurements(measured);
  const report = await newestReport(reportsFolder(experiment), configuration);
  return {
    answers: answersOf(answerSubject(experiment, merged, report), merged),
    measurements: measured.flat(),
  };
}
