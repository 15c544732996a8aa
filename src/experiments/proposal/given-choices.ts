/**
 * What an experiment file already answers of the wizard's questions. Text that no place of the folder is just like (another
 * folder's, several sources, patterns of one's own) is an answer too, and stays as the file has it.
 */
import { ParlanceError } from '../../common/errors.ts';
import type { ModelName } from '../../methods/experiment-plan.ts';
import type { ExperimentFile } from '../config/experiment-file.ts';
import { type Choices, type DomainChoice, isWithin } from './propose.ts';
import { same } from './proposed-file.ts';
import { type FileSource, type TextPlace, textOf, type WorkspaceFacts } from './workspace-facts.ts';

export interface GivenOptions {
  /** Whether text outside of the folder may be looked at, to know how much it is. */
  readonly looksOutside: boolean;
  readonly signal?: AbortSignal;
}

export async function choicesOf(
  before: ExperimentFile,
  facts: WorkspaceFacts,
  options: GivenOptions,
): Promise<Partial<Choices>> {
  const { name, preset, methods, models, seeds, pretraining, specialization } = before;
  const domains: DomainChoice[] = [];
  for (const { name: own, sources } of before.domains) {
    domains.push({ name: own, place: await placeOf(sources, facts, options) });
  }
  const generic = before.generic && (await placeOf(before.generic.sources, facts, options));
  const from = { ...folderOf('small', models), ...folderOf('large', models) };
  return {
    ...(name !== undefined && { name }),
    ...(Object.keys(from).length > 0 && { from }),
    ...(preset !== undefined && { preset }),
    ...(methods !== undefined && { methods }),
    ...(seeds !== undefined && { seeds }),
    ...(pretraining?.tokens !== undefined && { pretrainingTokens: pretraining.tokens }),
    ...(specialization?.domainTokens !== undefined && {
      domainTokens: [...specialization.domainTokens.filter((size) => size !== 'all'), 'all' as const],
    }),
    domains,
    // That there is none is an answer too.
    generic,
  };
}

async function placeOf(
  sources: readonly FileSource[],
  facts: WorkspaceFacts,
  options: GivenOptions,
): Promise<TextPlace> {
  const [source] = sources;
  const offered = facts.places.find(
    ({ path, include }) =>
      sources.length === 1 && source.path === path && same(include ?? [], source.include ?? []),
  );
  return offered ?? { path: source.path, sources, ...(await amountOf(sources, facts.root, options)) };
}

/** Nothing where it is not known. */
async function amountOf(
  sources: readonly FileSource[],
  root: string,
  { looksOutside, signal }: GivenOptions,
): Promise<Pick<TextPlace, 'files' | 'bytes'>> {
  const unknown = { files: 0, bytes: 0 };
  if (!looksOutside && !sources.every(({ path }) => isWithin(path, '.'))) return unknown;
  try {
    const { files, bytes } = await textOf(root, sources, signal);
    return { files, bytes };
  } catch (error) {
    // A folder that is not there just now: a plan or a run tells.
    if (error instanceof ParlanceError && !signal?.aborted) return unknown;
    throw error;
  }
}

function folderOf(name: ModelName, models: ExperimentFile['models'] = {}): Choices['from'] {
  const model = models[name];
  return model !== undefined && 'from' in model ? { [name]: model.from } : {};
}
