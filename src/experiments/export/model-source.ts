/** A model's folder as exports read it: one weight at a time, so that a model larger than the memory can be written. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readTextIfThere } from '../../common/files.ts';
import { letSignalsIn } from '../../common/interruption.ts';
import type { LlamaModel } from '../../formats/llama.ts';
import { TOKENIZER_CONFIG_FILE, TOKENIZER_FILE } from '../../formats/model-folder.ts';
import { CheckpointFolder, type StoredWeight } from '../../models/checkpoint-folder.ts';
import { type ExportedTokenizer, exportedTokenizer } from '../../tokenizer/exported.ts';

export interface ModelSource extends LlamaModel {
  readonly folder: string;
  readonly weights: readonly StoredWeight[];
  readonly tokenizer: ExportedTokenizer;
  close(): Promise<void>;
}

/** Once the signal is aborted, weights are no longer read: InterruptedError. Throws as `CheckpointFolder.open`. */
export async function openModelSource(folder: string, signal?: AbortSignal): Promise<ModelSource> {
  const checkpoint = await CheckpointFolder.open(folder);
  const { model } = checkpoint;
  const weights = checkpoint.weights.map((weight) => ({
    ...weight,
    values: async () => {
      await letSignalsIn(signal);
      return weight.values();
    },
  }));
  const tokenizer = exportedTokenizer(checkpoint.tokenizer, {
    file: await readFile(join(folder, TOKENIZER_FILE), 'utf8'),
    configuration: await readTextIfThere(join(folder, TOKENIZER_CONFIG_FILE)),
  });
  return { ...model, folder, weights, tokenizer, close: () => checkpoint.close() };
}
