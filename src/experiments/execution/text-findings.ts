/** For a plan: all that is known of the text by now, and what a run would be refused for. */
import { InputError } from '../../common/errors.ts';
import { readContamination, requireMeasurable } from '../../methods/stages/contamination.ts';
import { plan as planStages } from '../../pipeline/plan.ts';
import {
  type CorpusNote,
  reportOf,
  requireSplits,
  requireWindows,
  storedIn,
  storedNotes,
} from './corpus-notes.ts';
import { experimentTargets, namedCorpora } from './grid.ts';
import { lostProtection, requireProtection } from './lost-labels.ts';
import { methodNotes, modelNotes } from './model-facts.ts';
import type { ExperimentEnvironment, PreparedExperiment } from './prepared.ts';
import { starvedNotes } from './starved-experts.ts';
import { inspectionNotes, inspectText, requireSound, type TextInspection } from './text-inspection.ts';

export interface TextFindings {
  readonly notes: readonly CorpusNote[];
  /** The corpora that were not indexed as they are now. */
  readonly unread: readonly string[];
  readonly refusal: { readonly message: string; readonly hint: string } | undefined;
}

type Environment = Pick<ExperimentEnvironment, 'command' | 'signal' | 'ignoreLostLabels'>;

/** Lists files and reads reports in the store; computes nothing. */
export async function lookAtText(
  prepared: PreparedExperiment,
  environment: Environment,
): Promise<TextFindings> {
  const { experiment, stages, services } = prepared;
  const inspection = await inspectText(experiment, environment.signal);
  const unread: string[] = [];
  for (const { name, corpus } of namedCorpora(stages))
    if ((await storedIn(corpus, services.store)) === undefined) unread.push(name);
  return {
    notes: [
      ...modelNotes(experiment.plan),
      ...methodNotes(experiment.plan),
      ...starvedNotes(experiment.plan, experiment.methods),
      ...inspectionNotes(inspection),
      ...(await storedNotes(stages, experiment.plan, services.store, environment.signal)),
    ],
    unread,
    refusal: await refusalOf(inspection, prepared, environment),
  };
}

/** The first thing that a run would stop at. */
async function refusalOf(
  inspection: TextInspection,
  { experiment, stages, services: { store } }: PreparedExperiment,
  environment: Environment,
): Promise<TextFindings['refusal']> {
  try {
    requireSound(inspection, environment);
    for (const { name, corpus } of namedCorpora(stages)) {
      const directory = await storedIn(corpus, store);
      if (directory === undefined) continue;
      const report = await reportOf(directory, name);
      requireSplits(report);
      if (!environment.ignoreLostLabels) requireProtection(lostProtection(report), environment.command);
    }
    for (const { name, contamination } of stages.domains) {
      const found = contamination && (await storedIn(contamination, store));
      if (found !== undefined) requireMeasurable(name, await readContamination(found));
    }
    const counted = stages.generic && (await storedIn(stages.generic.tokens, store));
    if (counted !== undefined) {
      const planned = await planStages(experimentTargets(stages), store);
      const needed = planned.filter(({ state }) => state !== 'not needed').map(({ stage }) => stage);
      await requireWindows(counted, experiment.plan.context, needed);
    }
    return undefined;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { message: error.message, hint: error.hint };
  }
}
