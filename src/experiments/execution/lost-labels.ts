/** Labels of an experiment that name nothing any more: found before a run, which does not begin while text may slip in. */
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import * as z from 'zod';
import { InputError } from '../../common/errors.ts';
import { readUserText } from '../../common/user-text.ts';
import type { CorpusReport } from '../../corpus/documents/report.ts';
import { labelsRoot } from '../../corpus/labels/label-rules.ts';
import { type LabelEntry, protectsText } from '../../corpus/labels/labels.ts';
import type { NamedFile } from '../../corpus/labels/linked-labels.ts';
import {
  excerpt,
  findLostLabels,
  type LostLabel,
  lostLabelInWords,
} from '../../corpus/labels/lost-labels.ts';
import type { Experiment } from '../config/experiment.ts';

/** `files` are those of all corpora, `labelsFile` is where the entries stand. */
export async function lostLabelsOf(
  { file, plan }: Pick<Experiment, 'file' | 'plan'>,
  {
    entries,
    labelsFile,
    files,
  }: {
    readonly entries: readonly LabelEntry[];
    readonly labelsFile: string;
    readonly files: readonly NamedFile[];
  },
): Promise<readonly LostLabel[]> {
  const domains = plan.domains.map(({ name }) => name);
  const namesOthers = entries.some(({ domain }) => domain !== undefined && !domains.includes(domain));
  return findLostLabels(entries, {
    root: labelsRoot(labelsFile),
    files,
    domains,
    otherDomains: namesOthers ? await domainsBeside(file) : new Set(),
  });
}

/** A larger file is text of somebody's, and no experiment. */
const LARGEST_BYTES = 1024 * 1024;
const withDomainsSchema = z.object({ domains: z.array(z.object({ name: z.string() })) });

/** Domains of the other experiment files of a folder: they share its labels. */
async function domainsBeside(file: string): Promise<ReadonlySet<string>> {
  const entries = await readdir(dirname(file), { withFileTypes: true }).catch(() => []);
  // A link may lead out of the folder.
  const others = entries.filter(
    (entry) => entry.isFile() && entry.name.endsWith('.json') && entry.name !== basename(file),
  );
  const found = new Set<string>();
  for (const { name } of others) {
    for (const domain of await domainsIn(join(dirname(file), name))) found.add(domain);
  }
  return found;
}

async function domainsIn(file: string): Promise<readonly string[]> {
  try {
    if ((await stat(file)).size > LARGEST_BYTES) return [];
    const parsed = withDomainsSchema.safeParse(JSON.parse(await readUserText(file)));
    return parsed.success ? parsed.data.domains.map(({ name }) => name) : [];
  } catch {
    return [];
  }
}

/** Of the passages that were not found in their files those that keep text out of training, in words. */
export function lostProtection({ lostPassages }: Pick<CorpusReport, 'lostPassages'>): readonly string[] {
  return lostPassages
    .filter(protectsText)
    .map(({ label, path, quote, reason }) => `${label} ${path} (“${excerpt(quote)}”): ${reason}`);
}

/** Throws an `InputError` that lists labels which keep text out of training and name nothing any more, if there are any. */
export function requireProtection(lost: readonly string[], command: string): void {
  const all = [...new Set(lost)];
  if (all.length === 0) return;
  const labels = all.length === 1 ? 'A label that keeps' : `${all.length} labels that keep`;
  const names = all.length === 1 ? 'names' : 'name';
  throw new InputError(
    `${labels} text out of training ${names} nothing any more, so that the text might be trained on:\n  ${all.join('\n  ')}`,
    `Correct .parlance/labels.json: the path, pattern or domain, or take the entry out; label a passage anew. To run without these labels: ${command} --ignore-lost-labels`,
  );
}

/** Those of them that keep text out of training, in words. */
export function lostProtectionOf(lost: readonly LostLabel[]): readonly string[] {
  return lost.filter(({ entry }) => protectsText(entry)).map(lostLabelInWords);
}
