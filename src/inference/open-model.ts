/** A model's folder, loaded: what it says after a text and of a text. */
import { join } from 'node:path';
import { InputError } from '../common/errors.ts';
import { readTextIfThere } from '../common/files.ts';
import type { ModelSize } from '../common/model-size.ts';
import type { HostTensor } from '../engines/engine.ts';
import { parseLlamaConfiguration } from '../formats/llama.ts';
import { CONFIGURATION_FILE, TOKENIZER_FILE } from '../formats/model-folder.ts';
import { Tokenizer } from '../tokenizer/tokenizer.ts';
import { readModelWeights } from '../training/model-weights.ts';
import { CachedModel } from './cached-model.ts';
import { generate } from './generate.ts';
import type { LanguageModel } from './language-model.ts';
import { score } from './score.ts';
import { Turns } from './turns.ts';

export interface ModelParts {
  readonly size: ModelSize;
  readonly tokenizer: Tokenizer;
  /** Ids of tokens that end a text. */
  readonly ends: ReadonlySet<number>;
  readonly weights: Readonly<Record<string, HostTensor>>;
}

/** Reads a model's folder. Throws InputError when there is no such model, CorruptionError when a file of it is damaged. */
export async function readModelParts(folder: string): Promise<ModelParts> {
  const { size, endsOfText } = await readConfiguration(folder);
  const tokenizer = await Tokenizer.load(join(folder, TOKENIZER_FILE));
  requireFitting(folder, tokenizer, size.vocabulary);
  const weights = await readModelWeights(folder, size);
  return { size, tokenizer, ends: new Set([tokenizer.endOfText, ...endsOfText]), weights };
}

/**
 * Loads a model on the processor; small ones use fewer of the `threads`. What it has computed of the last text that it
 * continued and of the last that it scored is kept, so that a text that grows is not computed anew. Requests are answered
 * one after the other.
 * @throws as `readModelParts`.
 */
export async function openLanguageModel(
  folder: string,
  { threads }: { readonly threads: number },
): Promise<LanguageModel> {
  const { size, tokenizer, ends, weights } = await readModelParts(folder);
  const model = await CachedModel.load(size, weights, threads);
  const [continued, scored] = [model.newText(), model.newText()];
  const { context, vocabulary } = size;
  const turns = new Turns();
  return {
    folder,
    size,
    tokenizer,
    async *generate(request, signal) {
      const end = await turns.next();
      try {
        return yield* generate({ cached: continued, tokenizer, context, ends }, request, signal);
      } finally {
        end();
      }
    },
    async score(text, options) {
      const end = await turns.next();
      try {
        return await score(
          { cached: scored, tokenizer, context, vocabulary, part: model.part },
          text,
          options,
        );
      } finally {
        end();
      }
    },
    async dispose() {
      const end = await turns.next();
      await model.dispose();
      end();
    },
  };
}

async function readConfiguration(folder: string) {
  const path = join(folder, CONFIGURATION_FILE);
  const text = await readTextIfThere(path);
  if (text !== undefined) return parseLlamaConfiguration(text, path);
  throw new InputError(
    `There is no whole model in ${folder}.`,
    'Give a folder that Save Model… wrote, the folder of a model’s artifact, or one that Hugging Face’s programs read.',
  );
}

function requireFitting(folder: string, { vocabularySize }: Tokenizer, vocabulary: number): void {
  if (vocabularySize <= vocabulary) return;
  throw new InputError(
    `The model in ${folder} knows ${vocabulary} tokens, its tokenizer has ${vocabularySize}.`,
    'Use the tokenizer that belongs to the model.',
  );
}
