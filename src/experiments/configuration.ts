/**
 * The experiment file `parlance.json`: what a user writes, checked, with the preset's values where it is silent.
 * The published JSON Schema is made from the same definition (media/schemas/experiment.schema.json).
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { InputError, systemErrorCode } from '../common/errors.ts';
import type { CorpusSource, CorpusSpecification } from '../corpus/specification.ts';
import type { ExperimentPlan } from '../methods/experiment-plan.ts';
import { methods } from '../methods/registry.ts';
import { batchRows } from '../methods/stages/training.ts';
import { encoderContent } from '../selection/sentence-encoder.ts';
import { type PresetName, presets } from './presets.ts';

const count = z.int().min(1);
const share = z.number().min(0).max(1);
const label = z.enum(['in-domain', 'held-out', 'generic', 'excluded']);

const source = z
  .strictObject({
    path: z.string().min(1).describe('A folder or a file, relative to this file.'),
    format: z.enum(['folder', 'text', 'jsonl', 'parquet']).optional().describe('Guessed when absent.'),
    include: z.array(z.string()).optional().describe('Patterns as in .gitignore; all files when absent.'),
    exclude: z.array(z.string()).optional(),
    textField: z.string().optional().describe('The field of a JSONL or Parquet file that holds the text.'),
    label: label.optional().describe('The label of files that .parlance/labels.json does not mention.'),
  })
  .describe('Where text is.');

const split = z
  .strictObject({ validation: z.number().min(0).max(0.5), heldout: z.number().min(0).max(0.5) })
  .describe('Shares of the documents set aside; the rest is for training.');

const corpus = { sources: z.array(source).min(1), split: split.optional() };

const shape = z.strictObject({ layers: count, width: count, heads: count, feedForward: count });

const experimentSchema = z
  .strictObject({
    $schema: z.string().optional(),
    name: z.string().min(1).optional().describe('For people; the name of the folder when absent.'),
    preset: z
      .enum(['tiny', 'small'])
      .optional()
      .describe('Sizes, budgets and seeds that fit together; what is set here goes before them.'),
    generic: z.strictObject(corpus).describe('Text known before the domain, for pretraining.'),
    domains: z
      .array(z.strictObject({ name: z.string().min(1), ...corpus }))
      .min(1)
      .describe('The domains to specialise for.'),
    methods: z
      .array(z.enum(methods.map(({ id }) => id)))
      .min(1)
      .optional(),
    seeds: z.array(z.int().min(0)).min(1).optional(),
    tokenizer: z.strictObject({ vocabulary: z.int().min(257).max(65_536) }).optional(),
    context: count.optional().describe('Tokens in the longest window.'),
    models: z.strictObject({ small: shape.optional(), large: shape.optional() }).optional(),
    pretraining: z
      .strictObject({
        tokens: z.array(count).min(1).optional().describe('Budgets in tokens, rising.'),
        batchTokens: count.optional(),
      })
      .optional(),
    specialization: z
      .strictObject({
        domainTokens: z
          .array(z.union([count, z.literal('all')]))
          .min(1)
          .optional()
          .describe('Sizes of the in-domain training set in tokens, rising; "all" comes last.'),
        batchTokens: count.optional(),
        maximumEpochs: count.optional(),
        patience: count.optional().describe('Validations without improvement before stopping.'),
      })
      .optional(),
    selection: z
      .strictObject({
        embedding: z
          .union([z.literal('lsi'), z.strictObject({ sentenceEncoder: z.string().min(1) })])
          .optional()
          .describe(
            'What windows are compared by: latent semantic indexing, built in, or the folder of a sentence encoder.',
          ),
        balanced: z.boolean().optional().describe('Fits clusters to equal sizes, as c-BTM does.'),
        clusters: count.optional().describe('Clusters of importance sampling.'),
        smoothing: share.optional().describe('Share of the generic histogram mixed into the domain’s.'),
        maximumRepetition: z
          .number()
          .min(1)
          .optional()
          .describe('How often the text of a cluster is repeated.'),
      })
      .optional()
      .describe('How generic text is chosen for a domain (slm-is, slm-is-cont, slm-dsir).'),
    mixture: z
      .strictObject({
        experts: count.optional(),
        choice: z
          .enum(['modal', 'lowest loss', 'best fine-tuned'])
          .optional()
          .describe('Which expert is specialised.'),
        branching: z.boolean().optional().describe('Experts start from the generic model (c-BTM).'),
      })
      .optional()
      .describe('The hard mixture of experts (slm-mix).'),
    projection: z
      .strictObject({
        clusters: count.optional().describe('Experts, one a cluster (k).'),
        slabs: count.optional().describe('Matrices that each expert’s is combined from (h).'),
        expertSize: count.optional().describe('Numbers that belong to one expert alone (m).'),
        groups: count.optional().describe('Groups of a batch, each of one cluster.'),
        soft: z.boolean().optional().describe('Project to the domain’s whole histogram.'),
      })
      .optional()
      .describe('The projected network (slm-pn).'),
    distillation: z
      .strictObject({ temperature: z.number().positive().optional(), weight: share.optional() })
      .optional()
      .describe('The teacher’s part in the loss (slm-d).'),
    mixing: z
      .strictObject({
        domainShare: z.number().min(0).max(0.9).optional().describe('Of in-domain tokens in pretraining.'),
        replay: z.number().min(0).max(0.9).optional().describe('Of generic tokens in fine-tuning.'),
      })
      .optional()
      .describe('Text of the other corpus, for every method.'),
    training: z
      .strictObject({ rate: z.number().positive().max(100).optional() })
      .optional()
      .describe('rate: a factor on the learning rates.'),
  })
  .describe('A Parlance experiment.');

type ExperimentFile = z.infer<typeof experimentSchema>;

export interface Experiment {
  readonly name: string;
  /** Absolute path of the experiment file. */
  readonly file: string;
  readonly plan: ExperimentPlan;
  readonly methods: readonly string[];
}

const SPLITS = {
  generic: { validation: 0.01, heldout: 0.01 },
  domain: { validation: 0.1, heldout: 0.1 },
};

export function experimentJsonSchema(): object {
  return z.toJSONSchema(experimentSchema, { target: 'draft-7' });
}

/** Reads `parlance.json`, or the one in a folder. Throws `InputError` with the path, the value and what is allowed. */
export async function readExperiment(path: string, preset?: PresetName): Promise<Experiment> {
  const file = resolve(path.endsWith('.json') ? path : join(path, 'parlance.json'));
  const parsed = experimentSchema.safeParse(parseJson(await readText(file), file), { reportInput: true });
  if (!parsed.success) throw invalid(file, parsed.error);
  return completed(parsed.data, file, preset);
}

async function completed(
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
    { sources, split: shares }: ExperimentFile['generic'],
  ): CorpusSpecification => ({
    name,
    role,
    sources: sources.map((one): CorpusSource => ({ ...one, path: resolve(root, one.path) })),
    labelsFile: existsSync(labels) ? labels : undefined,
    split: shares ?? SPLITS[role],
  });
  const { pretraining, specialization, training, tokenizer, models } = given;
  const { embedding: chosen, ...selection } = given.selection ?? {};
  const embedding = await embeddingOf(root, chosen);
  const plan: ExperimentPlan = {
    generic: specification('generic', 'generic', given.generic),
    domains: given.domains.map((domain) => specification('domain', domain.name, domain)),
    vocabulary: tokenizer?.vocabulary ?? preset.vocabulary,
    context: given.context ?? preset.context,
    models: { ...preset.models, ...models },
    pretraining: {
      budgets: pretraining?.tokens ?? preset.pretraining.budgets,
      batchTokens: pretraining?.batchTokens ?? preset.pretraining.batchTokens,
    },
    fineTuning: { ...preset.fineTuning, ...specialization },
    selection: { ...preset.selection, ...selection, ...(embedding && { embedding }) },
    mixture: { ...preset.mixture, ...given.mixture },
    projection: { ...preset.projection, ...given.projection },
    distillation: { ...preset.distillation, ...given.distillation },
    mixing: { domainShare: 0, replay: 0, ...given.mixing },
    seeds: given.seeds ?? preset.seeds,
    rate: training?.rate ?? 1,
  };
  checkPlan(plan, file);
  return { name: given.name ?? basenameOf(root), file, plan, methods: given.methods ?? preset.methods };
}

async function embeddingOf(
  root: string,
  embedding: 'lsi' | { readonly sentenceEncoder: string } | undefined,
): Promise<ExperimentPlan['selection']['embedding'] | undefined> {
  if (embedding === undefined || embedding === 'lsi') return embedding;
  const sentenceEncoder = resolve(root, embedding.sentenceEncoder);
  return { sentenceEncoder, content: await encoderContent(sentenceEncoder) };
}

const basenameOf = (folder: string): string => folder.split(/[\\/]/).at(-1) ?? folder;

/** What a schema cannot say: relations between values. */
function checkPlan(plan: ExperimentPlan, file: string): void {
  const problems: string[] = [];
  for (const [name, { width, heads }] of Object.entries(plan.models)) {
    if (width % heads !== 0 || (width / heads) % 2 !== 0) {
      problems.push(`models.${name}: width ${width} over ${heads} heads must be a whole, even number`);
    }
  }
  const rising = (values: readonly number[]) => values.every((value, i) => i === 0 || value > values[i - 1]);
  if (!rising(plan.pretraining.budgets)) problems.push('pretraining.tokens must rise');
  const sizes = plan.fineTuning.domainTokens.map((size) =>
    size === 'all' ? Number.POSITIVE_INFINITY : size,
  );
  if (!rising(sizes)) problems.push('specialization.domainTokens must rise, "all" last');
  const { groups } = plan.projection;
  const { rows, microBatches } = batchRows(plan.pretraining.batchTokens, plan.context);
  if (rows % groups !== 0 || (groups % microBatches !== 0 && microBatches % groups !== 0)) {
    problems.push(
      `projection.groups: ${groups} groups do not go evenly into the ${rows} rows (${microBatches} parts) of a batch`,
    );
  }
  const names = plan.domains.map(({ name }) => name);
  if (new Set(names).size < names.length) problems.push('domains: two have the same name');
  if (problems.length > 0) throw new InputError(`${file}: ${problems.join('; ')}.`, 'Correct the file.');
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const code = systemErrorCode(error);
    if (code !== undefined && code !== 'ENOENT') {
      throw new InputError(
        `${file} could not be read (${code}).`,
        'Check that it is a file that you may read.',
        error,
      );
    }
    if (code === undefined) throw error;
    throw new InputError(
      `There is no experiment file ${file}.`,
      'Write a parlance.json (the README has one to start from), or give the path of one.',
      error,
    );
  }
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError(`${file} is not valid JSON: ${reason}.`, 'Correct the file.', error);
  }
}

function invalid(file: string, error: z.ZodError): InputError {
  const lines = error.issues.map((issue) => {
    const place = issue.path.length > 0 ? issue.path.join('.') : 'the file';
    const value = issue.input === undefined ? '' : ` (got ${JSON.stringify(issue.input).slice(0, 80)})`;
    return `${place}: ${issue.message}${value}`;
  });
  return new InputError(`${file} is not a valid experiment:\n  ${lines.join('\n  ')}`, 'Correct the file.');
}
