/** What stages need to be run by themselves on folders made for a test. */
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Engine } from '../../../src/engines/engine.ts';
import { presetPlan } from '../../../src/experiments/estimation/machine.ts';
import type { MethodInputs } from '../../../src/methods/stages/method-inputs.ts';
import type { StageServices } from '../../../src/methods/stages/services.ts';
import type { Stage } from '../../../src/pipeline/stage.ts';
import { ArtifactStore } from '../../../src/pipeline/store.ts';
import { trainTokenizer } from '../../../src/tokenizer/train.ts';
import { type MadeDocument, makeStore, temporaryFolder } from '../corpus/made-documents.ts';
import { stage } from '../pipeline/fixtures.ts';

const model = { layers: 1, width: 16, heads: 2, feedForward: 24 };
export const madePlan = { ...presetPlan('tiny'), context: 16, models: { small: model, large: model } };
/** The size of the model with the tokenizer of `textFolders`. */
export const madeSize = { ...model, context: madePlan.context, vocabulary: 257 };

/** `engine` is absent for stages that compute nothing on one. */
export function servicesWith(engine?: Engine): StageServices {
  return {
    store: new ArtifactStore('nowhere'),
    threads: 1,
    cacheFile: 'nowhere',
    engine: () => {
      if (engine === undefined) throw new Error('This stage was to need no engine.');
      return engine;
    },
    engineName: 'onnxruntime:cpu',
  };
}

export function inputsOn(engine: Engine): MethodInputs {
  const services = servicesWith(engine);
  const made = stage('made before');
  return {
    plan: madePlan,
    tokenizer: made,
    from: {},
    generic: made,
    domain: { name: 'letters', tokens: made },
    services,
  };
}

/** Runs a stage on these inputs' folders and returns its own. */
export async function runOn(
  t: TestContext,
  one: Stage,
  inputs: Readonly<Record<string, string>>,
  signal = new AbortController().signal,
): Promise<string> {
  const directory = await temporaryFolder(t);
  await one.run({
    directory,
    scratch: join(directory, 'scratch'),
    input: (role) => inputs[role],
    signal,
    progress: () => undefined,
    book: () => undefined,
    bookTotal: () => undefined,
  });
  return directory;
}

/** Documents as tokens that are their bytes, and the tokenizer of these. */
export async function textFolders(
  t: TestContext,
  documents: readonly MadeDocument[],
): Promise<{ readonly tokens: string; readonly tokenizer: string }> {
  const tokens = await temporaryFolder(t);
  await makeStore(t, documents, { directory: tokens });
  const tokenizer = await temporaryFolder(t);
  async function* texts() {
    for (const { text } of documents) yield text;
  }
  await (await trainTokenizer(texts(), { vocabularySize: 257 })).save(tokenizer);
  return { tokens, tokenizer };
}
