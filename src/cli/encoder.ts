/**
 * `parlance encoder`: fetches a sentence encoder from the Hugging Face hub into a folder, after asking.
 * Experiments then read the folder and never the network.
 */
import { join, resolve } from 'node:path';
import { requireFile } from '../hub/repository.ts';
import { ENCODER_FILES, MINILM, SentenceEncoder } from '../selection/embedding/sentence-encoder.ts';
import { writeJson } from './display/json.ts';
import { downloadFromHub, type HubOptions } from './hub-download.ts';

export interface EncoderOptions extends HubOptions {
  readonly model?: string;
}

export async function encoder(folder: string, options: EncoderOptions): Promise<void> {
  const { model = MINILM, json } = options;
  const place = join(resolve(folder), model);
  const fetched = await downloadFromHub(
    {
      id: model,
      folder: place,
      choose: (_access, found) => ENCODER_FILES.map((path) => requireFile(found, path)),
    },
    options,
  );
  if (fetched === undefined) return;
  const opened = await SentenceEncoder.open({ folder: place });
  const { dimensions } = opened;
  await opened.close();
  if (json) {
    writeJson({ type: 'encoder', model, folder: place, dimensions });
    return;
  }
  const setting = JSON.stringify({ selection: { embedding: { sentenceEncoder: place } } });
  process.stdout.write(
    `${model}, ${dimensions} dimensions, is in ${place}. In parlance.json: ${setting.slice(1, -1)}\n`,
  );
}
