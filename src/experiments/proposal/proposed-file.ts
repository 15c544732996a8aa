/** The experiment file of the wizard's choices, alone or put into a file that is there already. Pure. */

import { literalPattern } from '../../corpus/sources/globs.ts';
import type { ModelName } from '../../methods/experiment-plan.ts';
import { checkExperiment } from '../config/configuration.ts';
import type { ExperimentFile } from '../config/experiment-file.ts';
import { presets } from '../config/presets.ts';
import { type Choices, isWithin } from './propose.ts';
import { type FileSource, sourcesOf, type TextPlace } from './workspace-facts.ts';

/** The experiment file of the choices; what equals the preset is left out, so that the file stays short. */
export function experimentFileOf(choices: Choices): ExperimentFile {
  const { name, generic, from, domains, preset, methods, pretrainingTokens, domainTokens, seeds } = choices;
  const own = presets[preset];
  return {
    name,
    preset,
    ...(generic && { generic: { sources: sourcesOf(generic) } }),
    domains: domains.map((domain) => ({
      name: domain.name,
      sources: sourcesOf(domain.place).map((source) => withoutGeneric(source, generic)),
    })),
    ...(from?.small !== undefined && { models: { small: { from: from.small } } }),
    ...(same(methods, own.methods) ? {} : { methods: [...methods] }),
    ...(same(pretrainingTokens, own.pretraining.budgets)
      ? {}
      : { pretraining: { tokens: [...pretrainingTokens] } }),
    ...(same(domainTokens, own.fineTuning.domainTokens)
      ? {}
      : { specialization: { domainTokens: [...domainTokens] } }),
    ...(same(seeds, own.seeds) ? {} : { seeds: [...seeds] }),
  };
}

/** The text of an experiment file, as it is written. */
export function experimentText(experiment: ExperimentFile): string {
  return `${JSON.stringify(experiment, null, 2)}\n`;
}

/** What the text of an experiment file says; `undefined` when it has mistakes. */
export function experimentIn(text: string): ExperimentFile | undefined {
  try {
    const checked = checkExperiment(JSON.parse(text));
    return 'given' in checked ? checked.given : undefined;
  } catch {
    return undefined;
  }
}

/** The choices put into a file that is there already: what was not asked about stays as it is. */
export function changedExperiment(before: ExperimentFile, choices: Choices): ExperimentFile {
  const { methods: _methods, seeds: _seeds, generic, models, pretraining, specialization, ...kept } = before;
  const { tokens: _tokens, ...restOfPretraining } = pretraining ?? {};
  const { domainTokens: _sizes, ...restOfSpecialization } = specialization ?? {};
  const { models: _models, ...after } = experimentFileOf(choices);
  const modelsAfter = changedModels(models, choices.from?.small);
  const merged = <T extends object>(rest: T, own: T | undefined): T | undefined =>
    own === undefined && Object.keys(rest).length === 0 ? undefined : { ...rest, ...own };
  const pretrainingAfter = merged<NonNullable<ExperimentFile['pretraining']>>(
    restOfPretraining,
    after.pretraining,
  );
  const specializationAfter = merged<NonNullable<ExperimentFile['specialization']>>(
    restOfSpecialization,
    after.specialization,
  );
  return {
    ...kept,
    ...after,
    ...(after.generic && { generic: generic ? changedCorpus(generic, after.generic) : after.generic }),
    domains: after.domains.map((domain) => {
      const old = before.domains.find(({ name }) => name === domain.name);
      if (old === undefined) return domain;
      return changedCorpus(old, domain, (path) => ({
        before: patternsOf(generic?.sources ?? [], path),
        after: patternsOf(after.generic?.sources ?? [], path),
      }));
    }),
    ...(modelsAfter && { models: modelsAfter }),
    ...(pretrainingAfter && { pretraining: pretrainingAfter }),
    ...(specializationAfter && { specialization: specializationAfter }),
  };
}

/** The model's size stays where it is trained from scratch, and what its pretraining took where it is the same. */
function changedModels(
  before: ExperimentFile['models'] = {},
  from: string | undefined,
): ExperimentFile['models'] {
  const { small: old, ...others } = before;
  const own = from === undefined ? undefined : { from };
  const isSame = old !== undefined && ('from' in old ? old.from : undefined) === from;
  const small = isSame ? old : own;
  const models = { ...others, ...(small && { small }) };
  return Object.keys(models).length === 0 ? undefined : models;
}

type Corpus = NonNullable<ExperimentFile['generic']>;

/** Patterns by which a source leaves the generic corpus out. */
interface LeftOut {
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/**
 * What a corpus says besides its paths stays when they do, but for what was asked: which files of them, and the
 * generic corpus, which a source around it (`leftOut` of its path) leaves out.
 */
function changedCorpus<T extends Corpus>(
  before: T,
  after: T,
  leftOut: (path: string) => LeftOut = () => ({ before: [], after: [] }),
): T {
  const pathsOf = ({ sources }: T): string => sources.map(({ path }) => path).join('\n');
  if (pathsOf(after) !== pathsOf(before)) return after;
  const sources = before.sources.map((source, i) =>
    changedSource(source, after.sources[i].include, leftOut(source.path)),
  );
  return { ...before, sources };
}

function changedSource(source: FileSource, include: FileSource['include'], leftOut: LeftOut): FileSource {
  const { include: oldInclude = [], exclude: oldExclude = [], ...others } = source;
  const gone = leftOut.before.filter((pattern) => !leftOut.after.includes(pattern));
  const come = leftOut.after.filter((pattern) => ![...leftOut.before, ...oldExclude].includes(pattern));
  const exclude = [...oldExclude.filter((pattern) => !gone.includes(pattern)), ...come];
  if (same(include ?? [], oldInclude) && same(exclude, oldExclude)) return source;
  return { ...others, ...(include && { include }), ...(exclude.length > 0 && { exclude }) };
}

/** The same experiment from another folder: every source, and every model to begin with, by its absolute path. */
export function withAbsolutePaths(file: ExperimentFile, resolve: (path: string) => string): ExperimentFile {
  const moved = (sources: readonly FileSource[]): FileSource[] =>
    sources.map((source) => ({ ...source, path: resolve(source.path) }));
  const movedModel = (model: Model): Model =>
    model !== undefined && 'from' in model ? { ...model, from: resolve(model.from) } : model;
  return {
    ...file,
    ...(file.generic && { generic: { ...file.generic, sources: moved(file.generic.sources) } }),
    domains: file.domains.map((domain) => ({ ...domain, sources: moved(domain.sources) })),
    ...(file.models && {
      models: { small: movedModel(file.models.small), large: movedModel(file.models.large) },
    }),
  };
}

type Model = NonNullable<ExperimentFile['models']>[ModelName];

/** A domain around the generic corpus leaves it out. */
export function withoutGeneric(source: FileSource, generic: TextPlace | undefined): FileSource {
  const patterns = generic === undefined ? [] : patternsOf(sourcesOf(generic), source.path);
  const exclude = source.exclude ?? [];
  const further = patterns.filter((pattern) => !exclude.includes(pattern));
  return further.length === 0 ? source : { ...source, exclude: [...exclude, ...further] };
}

/** Patterns of the generic corpus's folders that lie in another. */
function patternsOf(generic: readonly FileSource[], folder: string): readonly string[] {
  return generic.flatMap(({ path }) => {
    if (path === folder || !isWithin(path, folder)) return [];
    const inner = folder === '.' ? path : path.slice(folder.length + 1);
    return [`/${literalPattern(inner)}/`];
  });
}

/** Whether two lists have the same entries, in whatever order. */
export function same(a: readonly (string | number)[], b: readonly (string | number)[]): boolean {
  return a.length === b.length && a.every((one) => b.includes(one));
}
