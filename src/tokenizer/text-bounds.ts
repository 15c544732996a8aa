/**
 * With which token a text begins and ends. `tokenizer.json` alone does not say: transformers' `tokenizer_config.json`
 * beside it names both and whether the first is added; where it is silent, the template of the post-processor speaks.
 */
import * as z from 'zod';
import { parseStrictJson } from '../common/strict-json.ts';
import { damaged, type TokenizerFile, unusable } from './tokenizer-file.ts';
import type { Vocabulary } from './vocabulary.ts';

export interface TextBounds {
  /** What a model reads before the first token: where none is added, the end of the text before, as in a stream of texts. */
  readonly beginOfText: number;
  readonly endOfText: number;
  /** Whether every program that reads the files puts `beginOfText` there. */
  readonly addsBegin: boolean;
}

/** What published models end a text with, in the order in which they are looked for. */
const USUAL_ENDS = ['<|endoftext|>', '<|end_of_text|>', '</s>', '<eos>'];

const named = z.union([
  z.string(),
  z.looseObject({ content: z.string() }).transform((token) => token.content),
]);
const configurationSchema = z.looseObject({
  bos_token: named.nullish(),
  eos_token: named.nullish(),
  add_bos_token: z.boolean().nullish(),
});
type Configuration = z.infer<typeof configurationSchema>;

const template = z.looseObject({
  type: z.literal('TemplateProcessing'),
  single: z.array(z.looseObject({ SpecialToken: z.looseObject({ id: z.string() }).optional() })),
});

/** @throws InputError where nothing says which token ends a text, CorruptionError where the file named is none. */
export function textBoundsOf(
  file: TokenizerFile,
  { specialTokens }: Pick<Vocabulary, 'specialTokens'>,
  configuration: { readonly text: string; readonly name: string } | undefined,
  name: string,
): TextBounds {
  const ids = new Map(Object.entries(file.model.vocab));
  for (const { id, content } of file.added_tokens) ids.set(content, id);
  const given = configuration === undefined ? {} : parseConfiguration(configuration.text, configuration.name);
  const idOf = (token: string, field: string): number => {
    const id = ids.get(token);
    if (id !== undefined && specialTokens.has(id)) return id;
    const what = `its ${field} ${JSON.stringify(token)} is no special token of ${name}`;
    throw unusable(configuration?.name ?? name, what);
  };
  const end = given.eos_token ?? USUAL_ENDS.find((token) => specialTokens.has(ids.get(token) ?? -1));
  if (end === undefined) {
    throw unusable(name, 'nothing says which token ends a text (eos_token of tokenizer_config.json)');
  }
  const endOfText = idOf(end, 'eos_token');
  const begin = addedBegin(given, file);
  const beginOfText = begin === undefined ? endOfText : idOf(begin, 'bos_token');
  return { endOfText, beginOfText, addsBegin: begin !== undefined };
}

function addedBegin(given: Partial<Configuration>, file: TokenizerFile): string | undefined {
  if (given.add_bos_token === false) return undefined;
  if (given.add_bos_token === true && given.bos_token != null) return given.bos_token;
  const processors = z.looseObject({ processors: z.array(z.unknown()) }).safeParse(file.post_processor);
  const all = processors.success ? processors.data.processors : [file.post_processor];
  for (const processor of all) {
    const parsed = template.safeParse(processor);
    if (parsed.success) return parsed.data.single.at(0)?.SpecialToken?.id;
  }
  return undefined;
}

function parseConfiguration(text: string, name: string): Configuration {
  try {
    return configurationSchema.parse(parseStrictJson(text));
  } catch (error) {
    throw damaged(name, 'it is no configuration of a tokenizer', error);
  }
}
