/** PROVISIONAL: replaced by the reading part. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelSize } from '../common/model-size.ts';
import { parseLlamaConfiguration } from './llama.ts';
import { CONFIGURATION_FILE, TOKENIZER_CONFIG_FILE, TOKENIZER_FILE, WEIGHTS_FILE } from './model-folder.ts';
import { SafetensorsFile, type TensorToWrite } from './safetensors.ts';

export class CheckpointFolder {
  readonly path: string;
  readonly size: ModelSize;
  readonly #weights: SafetensorsFile;

  private constructor(path: string, size: ModelSize, weights: SafetensorsFile) {
    this.path = path;
    this.size = size;
    this.#weights = weights;
  }

  static async open(path: string): Promise<CheckpointFolder> {
    const file = join(path, CONFIGURATION_FILE);
    const { size } = parseLlamaConfiguration(await readFile(file, 'utf8'), file);
    return new CheckpointFolder(path, size, await SafetensorsFile.open(join(path, WEIGHTS_FILE)));
  }

  content(): Promise<string> {
    return this.#hash([CONFIGURATION_FILE, WEIGHTS_FILE]);
  }

  tokenizerContent(): Promise<string> {
    return this.#hash([TOKENIZER_FILE, TOKENIZER_CONFIG_FILE]);
  }

  tensors(): TensorToWrite[] {
    return [...this.#weights.tensors].map(([name, { shape }]) => ({
      name,
      type: 'F32' as const,
      shape: [...shape],
      data: () => this.#weights.float32(name),
    }));
  }

  close(): Promise<void> {
    return this.#weights.close();
  }

  async #hash(files: readonly string[]): Promise<string> {
    const hash = createHash('sha256');
    for (const file of files) hash.update(await readFile(join(this.path, file)));
    return hash.digest('hex');
  }
}
