/**
 * Models that came in from elsewhere: a Hugging Face folder becomes an artifact as pretraining leaves one, its weights in
 * float32, and its tokenizer that of the experiment.
 */
import { basename, join } from 'node:path';
import * as z from 'zod';
import { InputError } from '../../common/errors.ts';
import { readTextIfThere } from '../../common/files.ts';
import { sha256 } from '../../common/hash.ts';
import { modelShapeSchema } from '../../common/model-size.ts';
import { flops, seconds, tokens } from '../../common/units.ts';
import { TOKENIZER_CONFIG_FILE, TOKENIZER_FILE } from '../../formats/model-folder.ts';
import type { TensorToWrite } from '../../formats/safetensors.ts';
import { CheckpointFolder, type StoredWeight } from '../../models/checkpoint-folder.ts';
import type { Stage } from '../../pipeline/stage.ts';
import { Tokenizer } from '../../tokenizer/tokenizer.ts';
import type { ExperimentPlan, GivenModel, ModelName } from '../experiment-plan.ts';
import { defineStage } from './define.ts';
import { readTokenizer } from './method-inputs.ts';
import { writeModelFiles } from './models.ts';
import type { StageServices } from './services.ts';
import { sizeOn } from './training.ts';

const placesSchema = z.strictObject({ folder: z.string() });

export const givenTokenizer = defineStage({
  kind: 'given-tokenizer',
  version: 1,
  parameters: z.strictObject({ content: z.string() }),
  places: placesSchema,
  inputs: {},
  run: async ({ parameters, places, directory, book }) => {
    requireUnchanged(await tokenizerContent(places.folder), parameters.content, places.folder);
    await (await Tokenizer.load(join(places.folder, TOKENIZER_FILE))).save(directory);
    book({ flops: flops(0), seconds: seconds(0), tokens: tokens(0) });
  },
});

export const givenModel = defineStage({
  kind: 'given-model',
  version: 1,
  parameters: z.strictObject({
    content: z.string(),
    model: modelShapeSchema,
    context: z.number(),
    /** Operations of its own pretraining, as the user states them. */
    statedFlops: z.number().optional(),
  }),
  places: placesSchema,
  inputs: { tokenizer: 'one' },
  run: async ({ parameters, places, input, directory, book, signal }) => {
    const { content, statedFlops = 0 } = parameters;
    const folder = await CheckpointFolder.open(places.folder);
    try {
      requireUnchanged(await folder.fingerprint(signal), content, places.folder);
      const size = sizeOn(await readTokenizer(input('tokenizer')), parameters);
      await writeModelFiles(directory, size, folder.weights.map(asFloat32), input('tokenizer').directory);
    } finally {
      await folder.close();
    }
    book({ flops: flops(statedFlops), seconds: seconds(0), tokens: tokens(0) });
  },
});

const asFloat32 = ({ name, shape, values }: StoredWeight): TensorToWrite => ({
  name,
  type: 'F32',
  shape: [...shape],
  data: values,
});

/** SHA-256 over what a folder says of its tokenizer. */
export async function tokenizerContent(folder: string): Promise<string> {
  const texts = [TOKENIZER_FILE, TOKENIZER_CONFIG_FILE].map((file) => readTextIfThere(join(folder, file)));
  return sha256(JSON.stringify((await Promise.all(texts)).map((text) => text ?? null)));
}

function requireUnchanged(found: string, expected: string, folder: string): void {
  if (found === expected) return;
  throw new InputError(
    `The model in ${folder} changed since the experiment was read.`,
    'Run the command again.',
  );
}

/** The tokenizer of the models that were given, on which they agree. */
export function givenTokenizerStage(
  from: ExperimentPlan['from'],
  services: StageServices,
): Stage | undefined {
  const given = from.small ?? from.large;
  if (given === undefined) return undefined;
  const subject = `tokenizer of ${basename(given.folder)}`;
  return givenTokenizer.stage(
    {
      label: subject,
      subject,
      booking: 'generic',
      parameters: { content: given.tokenizer },
      places: { folder: given.folder },
      inputs: {},
    },
    services,
  );
}

const givenLabel = (model: ModelName, folder: string): string => `take in the ${model} model of ${folder}`;

/** The name of the folder that a stage of this label took a model from. */
export function givenFolder(label: string): string {
  const models: readonly ModelName[] = ['small', 'large'];
  const prefix = models.map((model) => givenLabel(model, '')).find((words) => label.startsWith(words));
  return label.slice(prefix?.length);
}

export function givenModelStages(
  { from, models, context }: Pick<ExperimentPlan, 'from' | 'models' | 'context'>,
  tokenizer: Stage,
  services: StageServices,
): Partial<Record<ModelName, Stage>> {
  const stageOf = (name: ModelName, { folder, content, flops: statedFlops }: GivenModel): Stage => {
    const subject = `given ${name} model`;
    return givenModel.stage(
      {
        label: givenLabel(name, basename(folder)),
        subject,
        booking: 'generic',
        parameters: { content, model: models[name], context, statedFlops },
        places: { folder },
        inputs: { tokenizer },
      },
      services,
    );
  };
  return {
    ...(from.small && { small: stageOf('small', from.small) }),
    ...(from.large && { large: stageOf('large', from.large) }),
  };
}
