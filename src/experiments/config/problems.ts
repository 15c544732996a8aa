/**
 * Everything that can be said against an experiment file before it runs, each with the line where it stands: for the
 * editor's Problems, which ask again while the file is typed. The words are those that a run would stop with; besides,
 * sources that are not there and text that would be in-domain and generic at once.
 */
import { stat } from 'node:fs/promises';
import { dirname, relative, sep } from 'node:path';
import { InputError } from '../../common/errors.ts';
import { type JsonPath, lineAt, locateJson } from '../../common/json-locations.ts';
import { slashed } from '../../common/slashes.ts';
import { withoutMark } from '../../common/user-text.ts';
import { pathMatcher } from '../../corpus/sources/globs.ts';
import type { CorpusSource } from '../../corpus/sources/specification.ts';
import type { ExperimentPlan } from '../../methods/experiment-plan.ts';
import { checkExperiment, completeExperiment, problemInWords } from './configuration.ts';
import type { Experiment, ExperimentProblem } from './experiment.ts';
import type { ExperimentFile } from './experiment-file.ts';
import { givenModels } from './given-models.ts';
import { heldOutProblems, relationProblems } from './relations.ts';

export interface FileProblem {
  /** `warning`: it runs, but hardly as meant. */
  readonly severity: 'error' | 'warning';
  /** From 1. */
  readonly line: number;
  readonly message: string;
  readonly hint: string;
  /** Whether reading the text as JSON, or holding it against the JSON Schema, shows it too. */
  readonly isSeenBy: 'JSON' | 'JSON Schema' | 'Parlance alone';
}

/** What is left to say where the editor's own JSON support has told already of mistakes on some lines (from 1). */
export function leftToSay(problems: readonly FileProblem[], told: readonly number[]): readonly FileProblem[] {
  return problems.filter(({ line, isSeenBy }) => {
    // Where a text breaks is judged differently by a line or so.
    if (isSeenBy === 'JSON') return told.length === 0;
    return isSeenBy === 'Parlance alone' || !told.includes(line);
  });
}

/** `file` is the absolute path that the text has or will have; only whether sources exist is read from the disk. */
export async function problemsOf(written: string, file: string): Promise<readonly FileProblem[]> {
  const text = withoutMark(written);
  const locations = locateJson(text);
  if (locations.errorAt !== undefined) {
    const line = lineAt(text, locations.errorAt);
    const hint = 'A comma, a quotation mark or a bracket is missing or too much.';
    return [{ severity: 'error', line, message: 'This is not valid JSON.', hint, isSeenBy: 'JSON' }];
  }
  const checked = checkExperiment(JSON.parse(text));
  const at =
    (severity: FileProblem['severity'], hint: string, isSeenBy: FileProblem['isSeenBy'] = 'Parlance alone') =>
    (problem: ExperimentProblem): FileProblem => ({
      severity,
      line: locations.lineOf(problem.path),
      message: `${problemInWords(problem)}.`,
      hint,
      isSeenBy,
    });
  if ('problems' in checked) {
    return checked.problems.map(at('error', 'Hover over the name to see what is allowed.', 'JSON Schema'));
  }
  const unusable = await givenModelProblem(checked.given, file);
  if (unusable !== undefined) {
    const { path, error } = unusable;
    const { message, hint } = error;
    return [{ severity: 'error', line: locations.lineOf(path), message, hint, isSeenBy: 'Parlance alone' }];
  }
  let experiment: Experiment;
  try {
    experiment = await completeExperiment(checked.given, file, undefined);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const line = locations.lineOf(['selection', 'embedding']);
    const { message, hint } = error;
    return [{ severity: 'error', line, message, hint, isSeenBy: 'Parlance alone' }];
  }
  const missing = await missingSources(experiment.plan);
  const inconsistent = [...relationProblems(experiment), ...(await heldOutProblems(experiment.plan))];
  return [
    ...inconsistent.map(at('error', 'Correct the value.')),
    ...missing.map(at('error', 'Paths are relative to this file; make the folder or correct the path.')),
    ...overlaps(experiment.plan, dirname(file)).map(
      at('warning', 'Add the folder to "exclude" of the outer source, or name narrower folders.'),
    ),
  ];
}

/** The first model from elsewhere that cannot be used, or both where they do not go together. */
async function givenModelProblem(
  { models = {} }: ExperimentFile,
  file: string,
): Promise<{ readonly path: JsonPath; readonly error: InputError } | undefined> {
  const { small, large } = models;
  const parts = [
    { path: ['models', 'small', 'from'], part: { small } },
    { path: ['models', 'large', 'from'], part: { large } },
    { path: ['models'], part: models },
  ];
  for (const { path, part } of parts) {
    try {
      await givenModels(dirname(file), part);
    } catch (error) {
      if (error instanceof InputError) return { path, error };
      throw error;
    }
  }
  return undefined;
}

/** Every source with its place in the file. */
function placedSources(plan: ExperimentPlan): { readonly path: JsonPath; readonly source: CorpusSource }[] {
  const placed = (path: JsonPath, sources: readonly CorpusSource[]) =>
    sources.map((source, i) => ({ path: [...path, 'sources', i], source }));
  return [
    ...placed(['generic'], plan.generic?.sources ?? []),
    ...plan.domains.flatMap(({ sources }, i) => placed(['domains', i], sources)),
  ];
}

async function missingSources(plan: ExperimentPlan): Promise<readonly ExperimentProblem[]> {
  const checked = placedSources(plan).map(async ({ path, source }): Promise<ExperimentProblem[]> => {
    const isThere = await stat(source.path).then(
      () => true,
      () => false,
    );
    return isThere ? [] : [{ path: [...path, 'path'], message: `there is no ${source.path}` }];
  });
  return (await Promise.all(checked)).flat();
}

/** Domains of which a source holds generic text too, as far as paths and patterns tell without reading folders. */
function overlaps(plan: ExperimentPlan, root: string): readonly ExperimentProblem[] {
  return plan.domains.flatMap((domain, d) =>
    domain.sources.flatMap((source, s): ExperimentProblem[] => {
      const other = plan.generic?.sources.find((generic) => overlap(source, generic));
      if (other === undefined) return [];
      const path = ['domains', d, 'sources', s];
      const place = relative(root, other.path) || '.';
      return [{ path, message: `the generic corpus (${place}) reads the same files` }];
    }),
  );
}

function overlap(one: CorpusSource, other: CorpusSource): boolean {
  return one.path === other.path ? isWhole(one) && isWhole(other) : holds(one, other) || holds(other, one);
}

/** Whether `outer` certainly reads what `inner` reads: patterns that include only some files decide that file by file. */
function holds(outer: CorpusSource, inner: CorpusSource): boolean {
  const path = relative(outer.path, inner.path);
  if (path === '' || path.startsWith('..') || path.startsWith(sep) || outer.include !== undefined)
    return false;
  return !pathMatcher(outer.exclude ?? [])(`${slashed(path)}/`);
}

const isWhole = ({ include, exclude }: CorpusSource): boolean =>
  include === undefined && exclude === undefined;
