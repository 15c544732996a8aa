/**
 * The experiment file `parlance.json`: what a user writes (experiment-file.ts), checked, with the preset's values
 * where it is silent. Mistakes are values first (`ExperimentProblem`), so that the editor can show each where it stands.
 */

import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { z } from 'zod';
import type { InDomainSize } from '../../budget/in-domain-size.ts';
import { InputError, systemErrorCode } from '../../common/errors.ts';
import { readUserText } from '../../common/user-text.ts';
import type { CorpusSource, CorpusSpecification } from '../../corpus/sources/specification.ts';
import type { ExperimentPlan } from '../../methods/experiment-plan.ts';
import { needsGeneric } from '../../methods/method.ts';
import { methods as allMethods } from '../../methods/registry.ts';
import { encoderContent } from '../../selection/embedding/sentence-encoder.ts';
import type { Experiment, ExperimentProblem } from './experiment.ts';
import { type ExperimentFile, experimentSchema } from './experiment-file.ts';
import { givenModels } from './given-models.ts';
import { issueInWords } from './issue-words.ts';
import { NO_MIXING, type PresetName, presets } from './presets.ts';
import { fittingGroups, heldOutProblems, relationProblems, wholeContexts } from './relations.ts';
import { experimentFilePath } from './settings.ts';

const SPLITS = {
  generic: { validation: 0.01, heldout: 0.01 },
  domain: { validation: 0.1, heldout: 0.1 },
};

const WIDE = 256;
const WIDE_MICRO_BATCH = 256;

/** Reads `parlance.json`, or the one in a folder. Throws `InputError` with the path, the value and what is allowed. */
export async function readExperiment(path: string, preset?: PresetName): Promise<Experiment> {
  const file = experimentFilePath(path);
  const checked = checkExperiment(parseJson(await readText(file), file));
  if ('problems' in checked) throw invalid(file, checked.problems);
  const experiment = await completeExperiment(checked.given, file, preset);
  requireConsistent(experiment, await heldOutProblems(experiment.plan));
  return experiment;
}

/** Throws `InputError` when values do not go together, as far as the chosen methods read them. */
export function requireConsistent(experiment: Experiment, more: readonly ExperimentProblem[] = []): void {
  const problems = [...relationProblems(experiment), ...more];
  if (problems.length === 0) return;
  const { file } = experiment;
  throw new InputError(`${file}: ${problems.map(problemInWords).join('; ')}.`, 'Correct the file.');
}

/** Checks each value by itself. */
export function checkExperiment(
  value: unknown,
): { readonly given: ExperimentFile } | { readonly problems: readonly ExperimentProblem[] } {
  const parsed = experimentSchema.safeParse(value, { reportInput: true });
  return parsed.success ? { given: parsed.data } : { problems: parsed.error.issues.flatMap(problemsOfIssue) };
}

/** A key that is not known stands for itself: its place is its own line, not that of the object around it. */
function problemsOfIssue(issue: z.core.$ZodIssue): readonly ExperimentProblem[] {
  const path = issue.path.filter((key) => typeof key !== 'symbol');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...path, key], message: `there is no setting "${key}"` }));
  }
  if (issue.input === undefined) return [{ path, message: 'is missing' }];
  const nearest = issue.code === 'invalid_union' ? nearestForm(issue) : undefined;
  if (nearest !== undefined) {
    return nearest.flatMap((one) => problemsOfIssue({ ...one, path: [...path, ...one.path] }));
  }
  const got = ` (got ${JSON.stringify(issue.input).slice(0, 80)})`;
  return [{ path, message: `${issueInWords(issue)}${got}` }];
}

/** What one form of an object that may have several has against it: that which knows most of its keys, then lacks least. */
function nearestForm({ errors }: z.core.$ZodIssueInvalidUnion): readonly z.core.$ZodIssue[] | undefined {
  const unknownKeys = (issues: readonly z.core.$ZodIssue[]): number =>
    issues.reduce((sum, one) => sum + (one.code === 'unrecognized_keys' ? one.keys.length : 0), 0);
  return errors
    .filter((issues) => issues.every(({ path, code }) => path.length > 0 || code === 'unrecognized_keys'))
    .sort((a, b) => unknownKeys(a) - unknownKeys(b) || a.length - b.length)
    .at(0);
}

/** What was given, with the preset's values where it is silent. Throws InputError when a sentence encoder is not there. */
export async function completeExperiment(
  given: ExperimentFile,
  file: string,
  presetName: PresetName | undefined,
): Promise<Experiment> {
  const root = dirname(file);
  const preset = presets[presetName ?? given.preset ?? 'tiny'];
  const labels = join(root, '.parlance', 'labels.json');
  const specification = (
    role: CorpusSpecification['role'],
    name: string,
    { sources, split: shares }: NonNullable<ExperimentFile['generic']>,
  ): CorpusSpecification => ({
    name,
    role,
    sources: sources.map((one): CorpusSource => ({ ...one, path: resolve(root, one.path) })),
    labelsFile: existsSync(labels) ? labels : undefined,
    split: shares ?? SPLITS[role],
  });
  const { pretraining, training, tokenizer } = given;
  const own = await givenModels(root, given.models);
  const { patience, ...specialization } = given.specialization ?? {};
  const { embedding: chosen, ...selection } = given.selection ?? {};
  const embedding = await embeddingOf(root, chosen);
  const context = given.context ?? own.context ?? preset.context;
  const models = { ...preset.models, ...own.models };
  const microBatchTokens = training?.microBatch ?? preset.microBatchTokens ?? usualMicroBatch(models);
  // What the file does not say fits what it says.
  const batchTokens = pretraining?.batchTokens ?? wholeContexts(preset.pretraining.batchTokens, context);
  const groups = fittingGroups(preset.projection.groups, batchTokens, { context, microBatchTokens });
  const plan: ExperimentPlan = {
    ...(given.generic && { generic: specification('generic', 'generic', given.generic) }),
    domains: given.domains.map((domain) => specification('domain', domain.name, domain)),
    vocabulary: own.vocabulary ?? tokenizer?.vocabulary ?? preset.vocabulary,
    context,
    models,
    from: own.from,
    pretraining: {
      budgets: pretraining?.tokens ?? preset.pretraining.budgets,
      batchTokens,
    },
    fineTuning: {
      ...preset.fineTuning,
      batchTokens: wholeContexts(preset.fineTuning.batchTokens, context),
      ...specialization,
      ...(patience !== undefined && { patienceTokens: patience }),
      domainTokens: withAll(specialization.domainTokens ?? preset.fineTuning.domainTokens),
    },
    selection: { ...preset.selection, ...selection, ...(embedding && { embedding }) },
    mixture: { ...preset.mixture, ...given.mixture },
    projection: { ...preset.projection, groups, ...given.projection },
    distillation: { ...preset.distillation, ...given.distillation },
    mixing: { ...NO_MIXING, ...given.mixing },
    decay: { ...preset.decay, ...given.decay },
    points: given.points ?? [],
    seeds: given.seeds ?? preset.seeds,
    rate: training?.rate ?? 1,
    ...(preset.ratesByWidth && { ratesByWidth: preset.ratesByWidth }),
    ...(microBatchTokens && { microBatchTokens }),
  };
  const methods = given.methods ?? (plan.generic ? preset.methods : withoutGeneric(preset.methods, plan));
  return {
    name: given.name ?? basenameOf(root),
    file,
    plan,
    methods,
    ...(presetName && { preset: presetName }),
  };
}

function withoutGeneric(ids: readonly string[], plan: ExperimentPlan): readonly string[] {
  return ids.filter((id) => allMethods.some((method) => method.id === id && !needsGeneric(method, plan)));
}

/** All the text there is is measured whether or not the file lists it: it is what the answer is about. */
function withAll(sizes: readonly InDomainSize[]): readonly InDomainSize[] {
  return [...sizes.filter((size) => size !== 'all'), 'all'];
}

async function embeddingOf(
  root: string,
  embedding: 'lsi' | { readonly sentenceEncoder: string } | undefined,
): Promise<ExperimentPlan['selection']['embedding'] | undefined> {
  if (embedding === undefined || embedding === 'lsi') return embedding;
  const sentenceEncoder = resolve(root, embedding.sentenceEncoder);
  return { sentenceEncoder, content: await encoderContent(sentenceEncoder) };
}

/** Activations of a wide model take more memory than its weights. */
function usualMicroBatch({ small, large }: ExperimentPlan['models']): number | undefined {
  return Math.max(small.width, large.width) > WIDE ? WIDE_MICRO_BATCH : undefined;
}

const basenameOf = (folder: string): string => folder.split(/[\\/]/).at(-1) ?? folder;

/** A mistake as one phrase: where, and what. */
export function problemInWords({ path, message }: ExperimentProblem): string {
  const separator = /^(must|is) /.test(message) ? ' ' : ': ';
  return `${path.length > 0 ? path.join('.') : 'the file'}${separator}${message}`;
}

async function readText(file: string): Promise<string> {
  try {
    return await readUserText(file);
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'ENOTDIR') {
      throw new InputError(
        `There is no experiment file ${file}: ${dirname(file)} is no folder.`,
        'Give an experiment file whose name ends in .json, or its folder.',
        error,
      );
    }
    if (code !== undefined && code !== 'ENOENT') {
      throw new InputError(
        `${file} could not be read (${code}).`,
        'Check that it is a file that you may read.',
        error,
      );
    }
    if (code === undefined) throw error;
    throw noExperimentFile(file, error);
  }
}

export function noExperimentFile(file: string, cause?: unknown): InputError {
  return new InputError(
    `There is no experiment file ${file}.`,
    'Make one with `parlance init`, or give the path of one.',
    cause,
  );
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError(`${file} is not valid JSON: ${reason}.`, 'Correct the file.', error);
  }
}

function invalid(file: string, problems: readonly ExperimentProblem[]): InputError {
  const lines = problems.map(problemInWords).join('\n  ');
  return new InputError(`${file} is not a valid experiment:\n  ${lines}`, 'Correct the file.');
}
