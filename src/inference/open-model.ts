/** A model's folder, loaded: what it says after a text and of a text. */
import type { ModelSize } from '../common/model-size.ts';
import type { HostTensor } from '../engines/engine.ts';
import { CheckpointFolder } from '../models/checkpoint-folder.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import { CachedModel } from './cached-model.ts';
import { type FilesOnDisk, rememberFiles } from './files-on-disk.ts';
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
  /** What has become of the files since. */
  onDisk(): Promise<FilesOnDisk>;
}

/** Reads a model's folder. Throws InputError when there is no such model, CorruptionError when a file of it is damaged. */
export async function readModelParts(folder: string): Promise<ModelParts> {
  const checkpoint = await CheckpointFolder.open(folder);
  try {
    const { model, tokenizer, files } = checkpoint;
    const ends = new Set([tokenizer.endOfText, ...model.endsOfText]);
    const onDisk = await rememberFiles(folder, files);
    return { size: model.size, tokenizer, ends, weights: await checkpoint.readWeights(), onDisk };
  } finally {
    await checkpoint.close();
  }
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
  const { size, tokenizer, ends, weights, onDisk } = await readModelParts(folder);
  const model = await CachedModel.load(size, weights, threads);
  const [continued, scored] = [model.newText(), model.newText()];
  const { context, vocabulary } = size;
  const turns = new Turns();
  return {
    folder,
    size,
    tokenizer,
    onDisk,
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
