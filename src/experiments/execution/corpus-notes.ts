/**
 * What a user should know of the text that was read, in sentences with counts: the same in `run`, `plan` and the report.
 * And what training must not begin with.
 */

import { CorruptionError, InputError } from '../../common/errors.ts';
import { formatPlural } from '../../common/format.ts';
import { DocumentStore } from '../../corpus/documents/document-store.ts';
import type { CorpusReport } from '../../corpus/documents/report.ts';
import { excerpt } from '../../corpus/labels/lost-labels.ts';
import { leftOutInWords } from '../../corpus/sources/no-text.ts';
import { withPassedOver } from '../../corpus/sources/passed-over.ts';
import { TokenStore } from '../../corpus/tokens/token-store.ts';
import { selectDocuments, WindowSet } from '../../corpus/windows/windows.ts';
import { corporaOf } from '../../methods/experiment-plan.ts';
import { readContamination } from '../../methods/stages/contamination.ts';
import { fingerprint, type Stage } from '../../pipeline/stage.ts';
import type { ArtifactStore } from '../../pipeline/store.ts';
import { type ExperimentStages, namedCorpora } from './grid.ts';

export interface CorpusNote {
  /** The corpus, or `labels`, or a model. */
  readonly corpus: string;
  readonly text: string;
}

const shownExamples = 3;

/** Of one corpus that was indexed. */
export function corpusNotes(report: CorpusReport): readonly CorpusNote[] {
  const { name, nearDuplicates, lostPassages } = report;
  const texts = leftOutLines(report).map((line) => `Left out of ${name}: ${line}`);
  const { removed, keptInPart, notLookedFor } = nearDuplicates;
  for (const { reason, explanation, documents } of removed.reasons) {
    const examples = removed.examples.filter((one) => one.reason === reason);
    const places = examples.map(({ path, other }) => `${path}, like ${other}`);
    texts.push(
      `Taken out of ${name}, as ${explanation}: ${formatPlural(documents, 'document')} (${listed(places, documents)})`,
    );
  }
  if (keptInPart > 0) {
    texts.push(
      `Trained on in ${name} with 50 to 199 words of held-out or validation text: ${formatPlural(keptInPart, 'document')}`,
    );
  }
  if (notLookedFor > 0) {
    texts.push(
      `Held-out and validation text of ${name} that was not looked for inside other documents, as there is too much: ${formatPlural(notLookedFor, 'document')}`,
    );
  }
  if (lostPassages.length > 0) {
    const places = lostPassages.map(({ label, path, quote }) => `${label} ${path} “${excerpt(quote)}”`);
    texts.push(
      `Labelled passages of ${name} that were not found, so that their text counts as the rest of its file: ${lostPassages.length} (${listed(places, lostPassages.length)})`,
    );
  }
  return texts.map((text) => ({ corpus: name, text }));
}

/** The report of a corpus that was indexed, perhaps before it got the name that it has now. */
export async function reportOf(directory: string, name: string): Promise<CorpusReport> {
  return { ...(await DocumentStore.open(directory)).report, name };
}

/** `binary data: 2 (a.md, b.txt)`, a line for each reason. */
export function leftOutLines({ skipped }: Pick<CorpusReport, 'skipped'>): string[] {
  return skipped.map(leftOutInWords);
}

/** Of a domain compared with the generic corpus; `directory` is what its contamination stage left. */
export async function contaminationNotes(name: string, directory: string): Promise<readonly CorpusNote[]> {
  const { heldout, validation, notLookedFor } = await readContamination(directory);
  const note = (documents: typeof heldout.whole, what: string): CorpusNote[] => {
    if (documents.length === 0) return [];
    const places = documents.map(({ source, generic }) => `${source} in ${generic}`);
    const count = formatPlural(documents.length, 'document');
    return [{ corpus: name, text: `${what}: ${count} (${listed(places, documents.length)})` }];
  };
  const missed = `Text of ${name} that was not looked for in the generic corpus, as there is too much: ${formatPlural(notLookedFor, 'document')}`;
  return [
    ...note(heldout.whole, `Held out of ${name} and also in the generic corpus, so not measured on`),
    ...note(heldout.part, `Held out of ${name} and in part in the generic corpus, but measured on`),
    ...note(validation.whole, `Validation text of ${name} and also in the generic corpus`),
    ...note(validation.part, `Validation text of ${name} and in part in the generic corpus`),
    ...(notLookedFor > 0 ? [{ corpus: name, text: missed }] : []),
  ];
}

/** Of all text that the store has indexed by now, and of what is passed over now. */
export async function storedNotes(
  stages: ExperimentStages,
  plan: Parameters<typeof corporaOf>[0],
  store: ArtifactStore,
  signal?: AbortSignal,
): Promise<readonly CorpusNote[]> {
  const notes: CorpusNote[] = [];
  const specifications = corporaOf(plan);
  for (const [i, { name, corpus }] of namedCorpora(stages).entries()) {
    const indexed = await storedIn(corpus, store);
    if (indexed === undefined) continue;
    const report = await reportOf(indexed, name);
    notes.push(...corpusNotes(await withPassedOver(report, specifications[i], signal)));
  }
  for (const { name, contamination } of stages.domains) {
    const compared = contamination && (await storedIn(contamination, store));
    if (compared !== undefined) notes.push(...(await contaminationNotes(name, compared)));
  }
  return notes;
}

/** The folder of a finished stage; what is damaged is computed again by a run, so it counts as not there. */
export async function storedIn(stage: Stage, store: ArtifactStore): Promise<string | undefined> {
  try {
    return (await store.open(fingerprint(stage)))?.directory;
  } catch (error) {
    if (error instanceof CorruptionError) return undefined;
    throw error;
  }
}

/** Throws an `InputError` when a split that training or measuring needs came out empty. */
export function requireSplits({ name, role, splits }: CorpusReport): void {
  const needed = role === 'generic' ? (['train'] as const) : (['train', 'validation', 'heldout'] as const);
  if (needed.every((split) => splits[split].documents > 0)) return;
  const counts = `${splits.train.documents} for training, ${splits.validation.documents} for validation, ${splits.heldout.documents} held out`;
  throw new InputError(
    `The documents of ${name} are ${counts}: ${role === 'generic' ? 'there is nothing to train on' : 'each of these is needed'}.`,
    `Add text to ${name}, change the shares of its "split", or label other files as held-out.`,
  );
}

/**
 * Throws an `InputError` when the generic corpus, whose tokens lie in `directory`, has fewer windows for training than a
 * clustering among the stages asks for clusters.
 */
export async function requireWindows(
  directory: string,
  context: number,
  stages: readonly Stage[],
): Promise<void> {
  const wanted = Math.max(0, ...stages.map(clustersOf));
  const store = await TokenStore.open(directory);
  const { count } = new WindowSet(store, selectDocuments(store, 'train'), context);
  store.close();
  if (count >= wanted) return;
  throw new InputError(
    `The generic corpus has ${formatPlural(count, 'window')} of up to ${context} tokens for training: too few for ${wanted} clusters.`,
    `Add generic text, or lower selection.clusters, mixture.experts or projection.clusters in parlance.json to at most ${count}.`,
  );
}

function clustersOf({ kind, parameters }: Stage): number {
  if (kind !== 'clustering' || parameters === null || typeof parameters !== 'object') return 0;
  return 'clusters' in parameters && typeof parameters.clusters === 'number' ? parameters.clusters : 0;
}

function listed(places: readonly string[], count: number): string {
  const first = places.slice(0, shownExamples);
  return `${first.join(', ')}${count > first.length ? ', …' : ''}`;
}
