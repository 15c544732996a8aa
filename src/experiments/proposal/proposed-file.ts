/** The experiment file of the wizard's choices, and the choices that a file already makes. Pure. */

import type { ModelName } from '../../methods/experiment-plan.ts';
import { checkExperiment } from '../config/configuration.ts';
import type { ExperimentFile } from '../config/experiment-file.ts';
import { presets } from '../config/presets.ts';
import { type Choices, type DomainChoice, isWithin } from './propose.ts';
import type { TextPlace, WorkspaceFacts } from './workspace-facts.ts';

/** The experiment file of the choices; what equals the preset is left out, so that the file stays short. */
export function experimentFileOf(choices: Choices): ExperimentFile {
  const { name, generic, from, domains, preset, methods, pretrainingTokens, domainTokens, seeds } = choices;
  const own = presets[preset];
  return {
    name,
    preset,
    ...(generic && { generic: { sources: [sourceOf(generic)] } }),
    domains: domains.map((domain) => ({
      name: domain.name,
      sources: [withoutGeneric(sourceOf(domain.place), generic)],
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
    ...(after.generic && { generic: generic ? unlessMoved(after.generic, generic) : after.generic }),
    domains: after.domains.map((domain) => {
      const old = before.domains.find(({ name }) => name === domain.name);
      return old === undefined ? domain : unlessMoved(domain, old);
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

/** What a corpus says besides its path stays when the path does. */
function unlessMoved<T extends NonNullable<ExperimentFile['generic']>>(after: T, before: T): T {
  const pathsOf = ({ sources }: T): string => sources.map(({ path }) => path).join('\n');
  return pathsOf(after) === pathsOf(before) ? before : after;
}

/** What a file answers of the wizard's questions; corpora of several sources, or of none that is there, are asked anew. */
export function choicesOf(before: ExperimentFile, { places }: WorkspaceFacts): Partial<Choices> {
  const { name, preset, methods, models, seeds, pretraining, specialization } = before;
  const domains = before.domains.flatMap(({ name: own, sources }): DomainChoice[] => {
    const place = places.find(({ path, include }) => {
      const [source] = sources;
      return sources.length === 1 && source.path === path && same(include ?? [], source.include ?? []);
    });
    return place === undefined ? [] : [{ name: own, place }];
  });
  const source = before.generic?.sources.at(0);
  const generic = places.find(({ path, include }) => path === source?.path && include === undefined);
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
    ...(domains.length === before.domains.length && { domains }),
    // That there is none is an answer too.
    ...((generic !== undefined || source === undefined) && { generic }),
  };
}

function folderOf(name: ModelName, models: ExperimentFile['models'] = {}): Choices['from'] {
  const model = models[name];
  return model !== undefined && 'from' in model ? { [name]: model.from } : {};
}

/** The same experiment from another folder: every source, and every model to begin with, by its absolute path. */
export function withAbsolutePaths(file: ExperimentFile, resolve: (path: string) => string): ExperimentFile {
  const moved = (sources: readonly Source[]): Source[] =>
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
type Source = ExperimentFile['domains'][number]['sources'][number];

function sourceOf({ path, include }: TextPlace): Source {
  return { path, ...(include === undefined ? {} : { include: [...include] }) };
}

/** A domain around the generic corpus leaves it out. */
function withoutGeneric(source: Source, generic: TextPlace | undefined): Source {
  if (generic === undefined) return source;
  const { path } = generic;
  if (path === source.path || !isWithin(path, source.path)) return source;
  const inner = source.path === '.' ? path : path.slice(source.path.length + 1);
  return { ...source, exclude: [`/${inner}/`] };
}

function same(a: readonly (string | number)[], b: readonly (string | number)[]): boolean {
  return a.length === b.length && a.every((one) => b.includes(one));
}
