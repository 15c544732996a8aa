/** `parlance complete`: what a trained model writes after a text. */
import { join } from 'node:path';
import { InputError } from '../common/errors.ts';
import { loadEngine } from '../engines/names.ts';
import { type JsonOption, type ThreadsOption, threadsOf } from '../experiments/config/settings.ts';
import { readModel, type StoredModel } from '../experiments/results/models.ts';
import { TOKENIZER_FILE } from '../formats/model-folder.ts';
import { complete as completions, promptFor } from '../inference/complete.ts';
import { NextToken } from '../inference/next-token.ts';
import { readModelWeights } from '../methods/stages/models.ts';
import { Tokenizer } from '../tokenizer/tokenizer.ts';
import { writeJson } from './display/json.ts';
import { stopOnSignals } from './interruption.ts';

export interface CompleteOptions extends JsonOption, ThreadsOption {
  readonly model: string;
  readonly tokens: number;
  readonly temperature: number;
  readonly seed: number;
}

export async function complete(prompt: string, options: CompleteOptions): Promise<void> {
  const { size, folder } = await modelIn(options.model);
  const tokenizer = await Tokenizer.load(join(folder, TOKENIZER_FILE));
  const weights = await readModelWeights(folder, size);
  // Programs this small end before a graphics processor is ready.
  const engine = (await loadEngine('onnxruntime:cpu', threadsOf(options)))();
  const { signal, release } = stopOnSignals(() => undefined);
  try {
    tellDropped(promptFor(prompt, tokenizer, size.context).dropped, size.context, options);
    if (!options.json) process.stdout.write(prompt);
    const next = await NextToken.compile(engine, size);
    const state = engine.createState(weights);
    const pieces = completions(
      { next, state, tokenizer },
      { prompt, temperature: options.temperature, seed: options.seed, mostTokens: options.tokens },
    );
    let piece = await pieces.next();
    for (; !piece.done && !signal.aborted; piece = await pieces.next()) {
      if (options.json) writeJson({ type: 'text', text: piece.value });
      else process.stdout.write(piece.value);
    }
    if (options.json) writeJson({ type: 'completed', ending: piece.done ? piece.value : 'stopped' });
    else process.stdout.write('\n');
  } finally {
    release();
    await engine.dispose();
  }
}

async function modelIn(folder: string): Promise<StoredModel> {
  const model = await readModel(folder);
  if (model !== undefined) return model;
  throw new InputError(
    `There is no whole model in ${folder}.`,
    'Give a folder that Save Model… wrote, or the folder of a model’s artifact.',
  );
}

function tellDropped(dropped: number, context: number, { json }: JsonOption): void {
  if (dropped === 0) return;
  const text = `The model sees the last ${context} tokens; the first ${dropped} of this text are out of its sight.`;
  if (json) writeJson({ type: 'note', text });
  else process.stderr.write(`note: ${text}\n`);
}
