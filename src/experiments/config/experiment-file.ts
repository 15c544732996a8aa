/**
 * What `parlance.json` may hold. Checking, the published JSON Schema (media/schemas/experiment.schema.json) and the
 * editor's hovers all come from this one definition, so every field has its description here.
 */
import * as z from 'zod';
import { parseAmount } from '../../budget/planner/amounts.ts';
import { methods } from '../../methods/registry.ts';
import { PRESET_NAMES } from './presets.ts';

const count = z.int().min(1);
/** In fewer tokens there is nothing to learn from; attention over more takes memory with the square of their number. */
const context = z.int().min(8).max(8192);
/** Draws are made from 32 bits of it: a larger one would repeat a smaller one to the last digit. */
const seed = z.int().min(0).max(0xffff_ffff);
const share = z.number().min(0).max(1);
const label = z.enum(['in-domain', 'held-out', 'generic', 'excluded']);

const source = z
  .strictObject({
    path: z.string().min(1).describe('A folder or a file, relative to this file.'),
    format: z.enum(['folder', 'text', 'jsonl', 'parquet']).optional().describe('Guessed when absent.'),
    include: z
      .array(z.string())
      .optional()
      .describe(
        'Patterns as in .gitignore; all files when absent. What one names without wildcards is read though git ignores it.',
      ),
    exclude: z.array(z.string()).optional().describe('Patterns of what is left out, as in .gitignore.'),
    textField: z
      .string()
      .optional()
      .describe(
        'The field of a JSONL or Parquet file that holds the text; meta.text is the field text within meta.',
      ),
    label: label.optional().describe('The label of files that .parlance/labels.json does not mention.'),
  })
  .describe('Where text is.');

const split = z
  .strictObject({ validation: z.number().min(0).max(0.5), heldout: z.number().min(0).max(0.5) })
  .describe(
    'Shares of the documents set aside; the rest is for training. Default: 0.1 each of a domain, 0.01 each of the generic corpus.',
  );

const corpus = {
  sources: z.array(source).min(1).describe('Folders and files whose text belongs to this corpus.'),
  split: split.optional(),
};

const given = z
  .strictObject({
    from: z
      .string()
      .min(1)
      .describe(
        'A Hugging Face folder of the Llama layout, relative to this file: config.json, model.safetensors, tokenizer.json.',
      ),
    cost: z
      .string()
      .refine(
        (text) => parseAmount(text)?.unit === 'FLOPs',
        'is no number of operations such as 2e18 or 2EFLOP',
      )
      .optional()
      .describe(
        'What its own pretraining took, in floating-point operations, such as 2e18 or 2EFLOP; said to be unknown when absent.',
      ),
  })
  .describe('A pretrained model to begin with; its tokenizer becomes that of the experiment.');

const shape = z
  .strictObject({
    layers: count.describe('Transformer blocks.'),
    width: count.describe('Numbers that stand for a token; a whole, even number for each head.'),
    heads: count.describe('Attention heads.'),
    feedForward: count.describe('Width of the feed-forward part; about 2.7 times the width is usual.'),
  })
  .describe('The size of a transformer.');

/** A model by its size, trained from scratch, or one that was trained elsewhere. */
function model(description: string) {
  return z.union([shape, given]).optional().describe(description);
}

/** One value at least, each once. */
function setOf<Value extends z.ZodType>(value: Value, description: string) {
  const isSet = (list: readonly unknown[]): boolean => new Set(list).size === list.length;
  return z.array(value).min(1).refine(isSet, 'names a value twice').optional().describe(description);
}

const domainName = z
  .string()
  .min(1)
  .refine((name) => name !== 'generic', 'must be another name: "generic" is the generic corpus');
const mixed = z.number().min(0).max(0.9);
const decay = z.strictObject({
  domainShare: mixed.optional().describe('Of in-domain tokens, at most.'),
  maximumRepetition: z.number().min(1).optional().describe('Of the in-domain set.'),
});
const batchTokens = count.describe('Tokens in a batch: a whole number of contexts.');

export const experimentSchema = z
  .strictObject({
    $schema: z.string().optional(),
    name: z.string().min(1).optional().describe('For people; the name of the folder when absent.'),
    preset: z
      .enum(PRESET_NAMES)
      .optional()
      .describe('Sizes, budgets and seeds that fit together; what is set here goes before them.'),
    generic: z
      .strictObject(corpus)
      .optional()
      .describe(
        'Text known before the domain, for pretraining. Without it only what needs no pretraining can be run (slm-nopt, and with models.small.from or models.large.from what adapts a model that was given).',
      ),
    domains: z
      .array(z.strictObject({ name: domainName, ...corpus }))
      .min(1)
      .describe('The domains to specialise for.'),
    methods: setOf(
      z.enum(methods.map(({ id }) => id)),
      `The ways to compare:\n${methods.map(({ id, title }) => `- ${id}: ${title}`).join('\n')}`,
    ),
    seeds: setOf(seed, 'Each repeats the whole experiment; two or more show how much is chance.'),
    tokenizer: z
      .strictObject({
        vocabulary: z.int().min(257).max(65_536).describe('Tokens, the 256 bytes among them.'),
      })
      .optional()
      .describe(
        'Byte-level BPE, trained on the generic text (without one on the training text of the domains) and shared by all methods.',
      ),
    context: context.optional().describe('Tokens in the longest window, from 8 to 8,192.'),
    models: z
      .strictObject({
        small: model('The model that is served in the end.'),
        large: model('The model of `llm` and the teacher of `slm-d`.'),
      })
      .optional()
      .describe('The models: their sizes, or folders of pretrained ones; those of the preset when absent.'),
    pretraining: z
      .strictObject({
        tokens: z.array(count).min(1).optional().describe('Budgets in tokens, rising.'),
        batchTokens: batchTokens.optional(),
      })
      .optional()
      .describe('Training on generic text, paid once for all domains.'),
    specialization: z
      .strictObject({
        domainTokens: z
          .array(z.union([count, z.literal('all')]))
          .optional()
          .describe(
            'Smaller in-domain training sets in tokens, rising, for the curve of what less text gives. All the text there is ("all") is always measured, listed or not, and is what the answer is about; a size that is not below it is left out. [] measures all the text alone.',
          ),
        batchTokens: batchTokens.optional(),
        maximumEpochs: count.optional().describe('How often the in-domain text is read at most.'),
        maximumTokens: count
          .optional()
          .describe('Tokens trained on at most, so that much text takes no days; it is read once at least.'),
        patience: count
          .optional()
          .describe(
            'Tokens trained on without a lower validation loss before stopping; one pass over the in-domain text at least.',
          ),
        search: z
          .strictObject({
            rates: setOf(z.number().positive().max(100), 'Factors on the learning rates.'),
            weightDecay: setOf(
              z.number().min(0).max(10),
              'Weight decay: a step shrinks weights by this times the learning rate.',
            ),
            replay: setOf(mixed, 'Shares of generic tokens that are mixed in, in place of mixing.replay.'),
          })
          .optional()
          .describe(
            'Trains each combination and keeps that of the lowest validation loss. One that diverges has lost, but the usual one (rate 1) ends the run: leave 1 out of the rates where it does. The cost counts all of them.',
          ),
      })
      .optional()
      .describe('Fine-tuning on in-domain text, paid for each domain.'),
    points: z
      .array(
        z.strictObject({
          pretraining: count.describe(
            'A pretraining budget in tokens; it need not be one of pretraining.tokens.',
          ),
          domainTokens: z
            .union([count, z.literal('all')])
            .describe('An in-domain size in tokens; it need not be one of specialization.domainTokens.'),
        }),
      )
      .optional()
      .describe('Points that every method is measured at besides the grid of budgets and sizes.'),
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
      .describe(
        'How generic text is clustered (slm-is, slm-is-cont, slm-mix, slm-pn) and chosen for a domain (slm-is, slm-is-cont).',
      ),
    mixture: z
      .strictObject({
        experts: count.optional().describe('Experts, one a cluster.'),
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
        blended: share
          .optional()
          .describe(
            'Share of the groups, in whole groups, whose experts are blended with the mean of the batch’s.',
          ),
        soft: z.boolean().optional().describe('Project to the domain’s whole histogram.'),
        fit: z
          .boolean()
          .optional()
          .describe(
            'Then fits the expert’s own numbers to the in-domain set, of which it reads 32,768 tokens at most.',
          ),
      })
      .optional()
      .describe('The projected network (slm-pn).'),
    distillation: z
      .strictObject({
        temperature: z.number().positive().optional().describe('Softens both distributions.'),
        weight: share.optional().describe('Share of the teacher in the loss; the rest is the true token’s.'),
      })
      .optional()
      .describe('The teacher’s part in the loss (slm-d).'),
    mixing: z
      .strictObject({
        domainShare: mixed.optional().describe('Of in-domain tokens in the pretraining of every method.'),
        replay: mixed.optional().describe('Of generic tokens in training on the domain.'),
      })
      .optional()
      .describe('Text of the other corpus in training.'),
    decay: decay.optional().describe('In-domain text while the rate falls (slm-is, slm-is-cont).'),
    training: z
      .strictObject({
        rate: z.number().positive().max(100).optional().describe('A factor on the learning rates.'),
        microBatch: z
          .number()
          .int()
          .positive()
          .optional()
          .describe(
            'Tokens of a batch that are computed at a time: fewer take less memory. Default: 4096 of the preset laptop, 8192 of base, else 1024, or 256 with a model wider than 256.',
          ),
      })
      .optional()
      .describe('How every model is trained.'),
  })
  .describe('A Parlance experiment.');

const SNIPPETS = [
  {
    label: 'Parlance experiment',
    description: 'The least that an experiment must say; everything else has a default.',
    body: {
      name: '$1',
      generic: { sources: [{ path: '$2' }] },
      domains: [{ name: '$3', sources: [{ path: '$4' }] }],
    },
  },
];

export type ExperimentFile = z.infer<typeof experimentSchema>;

/** The schema as editors read it, with what they offer to write where the file is empty. */
export function experimentJsonSchema(): object {
  return { ...z.toJSONSchema(experimentSchema, { target: 'draft-7' }), defaultSnippets: SNIPPETS };
}
