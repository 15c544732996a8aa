/**
 * What can be said against the text of an experiment before any of it is read: labels that name nothing, and files that
 * the generic corpus shares with a domain, on which nothing can be measured then. Lists files; reads labels alone.
 */
import { InputError } from '../../common/errors.ts';
import { labelFile } from '../../corpus/documents/corpus-file.ts';
import { LabelRules } from '../../corpus/labels/label-rules.ts';
import { readLabels } from '../../corpus/labels/labels.ts';
import type { NamedFile } from '../../corpus/labels/linked-labels.ts';
import { type LostLabel, lostLabelInWords } from '../../corpus/labels/lost-labels.ts';
import { listFiles } from '../../corpus/sources/sources.ts';
import type { CorpusSpecification } from '../../corpus/sources/specification.ts';
import type { Experiment } from '../config/experiment.ts';
import type { CorpusNote } from './corpus-notes.ts';
import { lostLabelsOf, lostProtectionOf, requireProtection } from './lost-labels.ts';

/** Files of a domain that are generic text too. */
export interface SharedFiles {
  readonly domain: string;
  readonly shared: number;
  /** All files of the domain. */
  readonly files: number;
  /** Absolute paths of the first of them. */
  readonly examples: readonly string[];
}

export interface TextInspection {
  readonly lostLabels: readonly LostLabel[];
  readonly shared: readonly SharedFiles[];
}

const shownExamples = 3;

/** Throws `InputError` for sources and labels that cannot be read. */
export async function inspectText(
  experiment: Pick<Experiment, 'file' | 'plan'>,
  signal?: AbortSignal,
): Promise<TextInspection> {
  const { generic, domains } = experiment.plan;
  const all: NamedFile[] = [];
  const members = async (specification: CorpusSpecification): Promise<readonly string[]> => {
    const rules = await LabelRules.load(specification);
    const { files } = await listFiles(specification.sources, signal);
    for (const file of files) all.push(file);
    return files
      .filter((found) => labelFile(found, rules, specification.sources[found.source]).standing !== 'out')
      .map(({ absolute }) => absolute);
  };
  const theirs = new Set(generic && (await members(generic)));
  const shared: SharedFiles[] = [];
  for (const domain of domains) {
    const own = await members(domain);
    const both = own.filter((path) => theirs.has(path));
    const examples = both.slice(0, shownExamples);
    if (both.length > 0)
      shared.push({ domain: domain.name, shared: both.length, files: own.length, examples });
  }
  const { labelsFile } = domains[0];
  if (labelsFile === undefined) return { lostLabels: [], shared };
  const entries = await readLabels(labelsFile);
  return { lostLabels: await lostLabelsOf(experiment, { entries, labelsFile, files: all }), shared };
}

/** Throws an `InputError` for what a run must not begin with. `command` repeats the run. */
export function requireSound(
  { lostLabels, shared }: TextInspection,
  { command, ignoreLostLabels }: { readonly command: string; readonly ignoreLostLabels?: boolean },
): void {
  if (!ignoreLostLabels) requireProtection(lostProtectionOf(lostLabels), command);
  for (const { domain, shared: count, files, examples } of shared) {
    if (count < files) continue;
    throw new InputError(
      `All ${files} files of ${domain} are files of the generic corpus too (${examples.join(', ')}): nothing would be left to measure on.`,
      'Add the folder of the domain to "exclude" of the generic source, name a narrower generic source, or label the files in-domain.',
    );
  }
}

/** What the user should know though a run may begin. */
export function inspectionNotes({ lostLabels, shared }: TextInspection): readonly CorpusNote[] {
  return [
    ...lostLabels.map((lost) => ({
      corpus: 'labels',
      text: `Label that names nothing: ${lostLabelInWords(lost)}`,
    })),
    ...shared.map(({ domain, shared: count, files, examples }) => ({
      corpus: domain,
      text: `${count} of ${files} files of ${domain} are files of the generic corpus too (${examples.join(', ')}${count > examples.length ? ', …' : ''}).`,
    })),
  ];
}
