/**
 * The first part of a run: all text is read, and what came of it is looked at before anything is trained. A run that could
 * not be measured in the end, or that might train on text which was to be kept out, stops here.
 */

import { withPassedOver } from '../../corpus/sources/passed-over.ts';
import { corporaOf } from '../../methods/experiment-plan.ts';
import { readContamination, requireMeasurable } from '../../methods/stages/contamination.ts';
import { fingerprint, type Stage } from '../../pipeline/stage.ts';
import {
  type CorpusNote,
  contaminationNotes,
  corpusNotes,
  reportOf,
  requireSplits,
  requireWindows,
} from './corpus-notes.ts';
import { namedCorpora } from './grid.ts';
import { lostProtection, requireProtection } from './lost-labels.ts';
import type { ExperimentEnvironment, PreparedExperiment } from './prepared.ts';

export interface TextPreparation {
  readonly prepared: PreparedExperiment;
  readonly environment: Pick<ExperimentEnvironment, 'command' | 'ignoreLostLabels' | 'signal'>;
  /** All stages that the run needs. */
  readonly planned: readonly Stage[];
  compute(stage: Stage): Promise<void>;
  onNotes(notes: readonly CorpusNote[]): void;
  /** When the tokens of a corpus are counted. */
  onCounted(tokens: Stage): Promise<void>;
}

/** Throws `InputError` for what must not be trained. */
export async function prepareText(preparation: TextPreparation): Promise<void> {
  const { prepared, environment, planned } = preparation;
  const { generic, domains } = prepared.stages;
  const corpora = namedCorpora(prepared.stages);
  const { plan } = prepared.experiment;
  const specifications = corporaOf(plan);
  const directory = (stage: Stage): string => prepared.services.store.artifactFolder(fingerprint(stage));
  const numbered = [...corpora.entries()];
  // What changes before it is read ends the run, and people are at work on their domains.
  const domainsFirst = generic === undefined ? numbered : [...numbered.slice(1), numbered[0]];
  for (const [i, { name, corpus }] of domainsFirst) {
    await preparation.compute(corpus);
    const report = await reportOf(directory(corpus), name);
    preparation.onNotes(corpusNotes(await withPassedOver(report, specifications[i], environment.signal)));
    requireSplits(report);
    if (!environment.ignoreLostLabels) requireProtection(lostProtection(report), environment.command);
  }
  for (const { name, contamination } of domains) {
    if (contamination === undefined) continue;
    await preparation.compute(contamination);
    preparation.onNotes(await contaminationNotes(name, directory(contamination)));
    requireMeasurable(name, await readContamination(directory(contamination)));
  }
  for (const { tokens } of corpora) {
    await preparation.compute(tokens);
    await preparation.onCounted(tokens);
  }
  if (generic !== undefined) await requireWindows(directory(generic.tokens), plan.context, planned);
}
