/**
 * What a `tokenizer.json` holds, as far as it is read: byte pair encoding, with the steps before it that can be computed
 * exactly. Everything is checked here, since the file may come from anywhere: a step that is not listed is refused, not
 * passed over, and texts that a step makes longer are bounded.
 */
import * as z from 'zod';
import { CorruptionError, InputError } from '../common/errors.ts';
import { parseStrictJson } from '../common/strict-json.ts';

/** Ids beyond are mistakes or attacks: the largest published vocabularies have a sixteenth of it. */
const MOST_IDS = 2 ** 22;
const MOST_STEPS = 16;
const id = z.int().min(0).max(MOST_IDS);

const addedToken = z.object({
  id,
  content: z.string().min(1),
  single_word: z.boolean().default(false),
  lstrip: z.boolean().default(false),
  rstrip: z.boolean().default(false),
  normalized: z.boolean().optional(),
  special: z.boolean().default(false),
});
export type AddedToken = z.infer<typeof addedToken>;

/** In words: which step of a sequence is none of those that are read. */
function unknownStep({ input }: { readonly input?: unknown }): string {
  const named = z.looseObject({ type: z.string() }).safeParse(input);
  return named.success
    ? `the step ${named.data.type.slice(0, 80)} is not known`
    : 'it is no step with a type';
}

const textPattern = z.object({ String: z.string().min(1) });
const form = z.object({ type: z.enum(['NFC', 'NFD', 'NFKC', 'NFKD', 'Lowercase']) });
const prepend = z.object({ type: z.literal('Prepend'), prepend: z.string().max(8) });
const replace = z
  .object({ type: z.literal('Replace'), pattern: textPattern, content: z.string() })
  .refine(({ pattern, content }) => content.length <= pattern.String.length, 'it makes the text longer');
const normalizer = z.discriminatedUnion('type', [form, prepend, replace], { error: unknownStep });
export type Normalizer = z.infer<typeof normalizer>;

const byteLevel = z.object({
  type: z.literal('ByteLevel'),
  add_prefix_space: z.boolean().default(true),
  use_regex: z.boolean().default(true),
});
const split = z.object({
  type: z.literal('Split'),
  pattern: z.union([textPattern, z.object({ Regex: z.string() })]),
  behavior: z.enum(['Isolated', 'Removed', 'MergedWithPrevious', 'MergedWithNext', 'Contiguous']),
  invert: z.boolean().default(false),
});
const digits = z.object({ type: z.literal('Digits'), individual_digits: z.boolean().default(false) });
const punctuation = z.object({
  type: z.literal('Punctuation'),
  behavior: z.enum(['Isolated', 'Contiguous']).default('Isolated'),
});
const metaspace = z.object({
  type: z.literal('Metaspace'),
  replacement: z.literal('▁'),
  prepend_scheme: z.enum(['always', 'first', 'never']).optional(),
  add_prefix_space: z.boolean().optional(),
  split: z.boolean().default(true),
});
const preTokenizer = z.discriminatedUnion('type', [byteLevel, split, digits, punctuation, metaspace], {
  error: unknownStep,
});
export type PreTokenizer = z.infer<typeof preTokenizer>;

/** A step or a sequence of them, as the list of its steps. */
function steps<Step extends z.ZodType>(step: Step, name: 'normalizers' | 'pretokenizers') {
  const sequence = z.looseObject({
    type: z.literal('Sequence'),
    [name]: z.array(z.unknown()).max(MOST_STEPS),
  });
  return z
    .unknown()
    .optional()
    .transform((value) => {
      if (value === null || value === undefined) return [];
      const parsed = sequence.safeParse(value);
      return parsed.success ? parsed.data[name] : [value];
    })
    .pipe(z.array(step));
}

const none = z.union([z.literal(''), z.null()]).optional();
const model = z.object({
  type: z.literal('BPE', { error: ({ input }) => `${String(input).slice(0, 80)} is not BPE` }).default('BPE'),
  vocab: z.record(z.string(), id),
  merges: z.array(z.union([z.string(), z.tuple([z.string(), z.string()])])),
  unk_token: z.string().nullish(),
  fuse_unk: z.boolean().nullish(),
  byte_fallback: z.boolean().nullish(),
  ignore_merges: z.boolean().nullish(),
  dropout: z.union([z.literal(0), z.null()]).optional(),
  continuing_subword_prefix: none,
  end_of_word_suffix: none,
});

const fileSchema = z.object({
  added_tokens: z.array(addedToken).default([]),
  normalizer: steps(normalizer, 'normalizers'),
  pre_tokenizer: steps(preTokenizer, 'pretokenizers'),
  post_processor: z.unknown().optional(),
  model,
});
export type TokenizerFile = z.infer<typeof fileSchema>;

/**
 * Reads the text of a `tokenizer.json`; `name` is the file's, for errors.
 * @throws CorruptionError when it is not JSON or its vocabulary is none, InputError when it is of a kind that is not read.
 */
export function parseTokenizerJson(text: string, name: string): TokenizerFile {
  const parsed = fileSchema.safeParse(jsonOf(text, name));
  if (parsed.success) return parsed.data;
  const [{ path, message }] = parsed.error.issues;
  const where = path.join('.');
  // What a vocabulary consists of is no question of kinds.
  if (/^(added_tokens|model\.(vocab|merges))\b|^(model)?$/.test(where))
    throw damaged(name, `at "${where}": ${message}`);
  throw unusable(name, `"${where}": ${message}`);
}

function jsonOf(text: string, name: string): unknown {
  try {
    return parseStrictJson(text);
  } catch (error) {
    throw damaged(
      name,
      error instanceof Error ? `it is not JSON: ${error.message}` : 'it is not JSON',
      error,
    );
  }
}

export function damaged(name: string, what: string, cause?: unknown): CorruptionError {
  return new CorruptionError(
    `The tokenizer file ${name} is damaged: ${what}.`,
    'Restore the file from where it came from, or remove it and train the tokenizer again.',
    cause,
  );
}

export function unusable(name: string, what: string, cause?: unknown): InputError {
  return new InputError(
    `${name} cannot be used: ${what}.`,
    'Use a tokenizer of byte pair encoding, as Llama models have, or let Parlance train one.',
    cause,
  );
}
