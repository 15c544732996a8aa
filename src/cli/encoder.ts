/**
 * `parlance encoder`: fetches a sentence encoder from the Hugging Face hub into a folder, after asking.
 * Experiments then read the folder and never the network.
 */
import { join, resolve } from 'node:path';
import { MINILM, SentenceEncoder } from '../selection/embedding/sentence-encoder.ts';
import { type ConfirmOptions, isConfirmed } from './confirm.ts';
import { writeJson } from './display/json.ts';

export interface EncoderOptions extends ConfirmOptions {
  readonly model?: string;
}

export async function encoder(folder: string, options: EncoderOptions): Promise<void> {
  const { model = MINILM, json } = options;
  const cacheFolder = resolve(folder);
  const what = `${model} would be downloaded from the Hugging Face hub to ${cacheFolder}`;
  if (!(await isConfirmed(`Download ${model} from the Hugging Face hub to ${cacheFolder}?`, what, options)))
    return;
  const opened = await SentenceEncoder.open({ model, cacheFolder, mayDownload: true });
  const { dimensions } = opened;
  await opened.close();
  const place = join(cacheFolder, model);
  if (json) {
    writeJson({ type: 'encoder', model, folder: place, dimensions });
    return;
  }
  const setting = JSON.stringify({ selection: { embedding: { sentenceEncoder: place } } });
  process.stdout.write(
    `${model}, ${dimensions} dimensions, is in ${place}. In parlance.json: ${setting.slice(1, -1)}\n`,
  );
}
