/** A model for another program: a folder with its files and its card, made whole or not at all. */
import { join } from 'node:path';
import { InputError } from '../../common/errors.ts';
import { writeFileAtomic } from '../../common/files.ts';
import { CARD_FILE, GGUF_FILE } from '../../formats/model-folder.ts';
import { makeFolder } from '../../pipeline/folder.ts';
import { type ExportFormat, TYPES_OF_FORMAT, type WeightType } from './formats.ts';
import { writeGgufModel } from './gguf.ts';
import { writeHuggingFaceModel } from './hugging-face.ts';
import { type KeptWeights, keptWeights } from './kept-weights.ts';
import { modelCard } from './model-card.ts';
import { type ModelSource, openModelSource } from './model-source.ts';
import { writeOnnxModel } from './onnx.ts';
import type { Origin } from './origin.ts';

export interface ExportRequest {
  /** With the model. */
  readonly folder: string;
  /** It must not be there, or be empty. */
  readonly target: string;
  readonly format: ExportFormat;
  readonly weights: WeightType;
  readonly title: string;
  readonly origin: Origin;
  readonly licence: string | undefined;
  /** Stops between two tensors. */
  readonly signal?: AbortSignal;
}

/**
 * Throws InputError when the model, its tokenizer or its weights cannot be had in the format or something is in the
 * target's place, CorruptionError when the model is damaged, ResourceError when the disk refuses,
 * InterruptedError when it is stopped.
 */
export async function exportModel(request: ExportRequest): Promise<void> {
  const { folder, target, format, weights, title } = request;
  requireType(format, weights);
  const source = await openModelSource(folder, request.signal);
  try {
    const kept = keptWeights(source.weights, weights);
    await makeFolder(target, async (made) => {
      await writeModelFiles(made, source, { format, kept, title });
      await writeFileAtomic(join(made, CARD_FILE), modelCard({ ...request, size: source.size, kept }));
    });
  } finally {
    await source.close();
  }
}

function requireType(format: ExportFormat, weights: WeightType): void {
  const types: readonly WeightType[] = TYPES_OF_FORMAT[format];
  if (types.includes(weights)) return;
  throw new InputError(
    `The format ${format} has no weights of the type ${weights}.`,
    `Take one of its types: ${types.join(', ')}.`,
  );
}

async function writeModelFiles(
  folder: string,
  source: ModelSource,
  {
    format,
    kept,
    title,
  }: Pick<ExportRequest, 'format' | 'title'> & {
    readonly kept: KeptWeights;
  },
): Promise<void> {
  switch (format) {
    case 'gguf':
      return writeGgufModel(join(folder, GGUF_FILE), source, { kept, name: title });
    case 'onnx':
      return writeOnnxModel(folder, source);
    case 'hf':
      return writeHuggingFaceModel(folder, source, kept.type === 'f16' ? 'f16' : 'f32');
  }
}
