/** `parlance complete`: what a model writes after a text. */
import { InterruptedError } from '../common/errors.ts';
import { type JsonOption, type ThreadsOption, threadsOf } from '../experiments/config/settings.ts';
import type { GenerationEnd, GenerationRequest, LanguageModel } from '../inference/language-model.ts';
import { openLanguageModel } from '../inference/open-model.ts';
import { writeJson } from './display/json.ts';
import { stopOnSignals } from './interruption.ts';

export interface CompleteOptions
  extends JsonOption,
    ThreadsOption,
    Omit<GenerationRequest, 'prompt' | 'mostTokens' | 'alternatives'> {
  readonly model: string;
  readonly tokens: number;
}

/** Throws `InterruptedError` when the user stopped it; what was written until then stands. */
export async function complete(prompt: string, options: CompleteOptions): Promise<void> {
  const model = await openLanguageModel(options.model, { threads: threadsOf(options) });
  const { signal, release } = stopOnSignals(() => undefined);
  try {
    const end = await write(model, prompt, options, signal);
    if (!options.json) process.stdout.write('\n');
    tellDropped(end?.dropped ?? 0, model.size.context, options);
    if (options.json) writeJson({ type: 'completed', ending: end?.ending ?? 'stopped' });
    if (end === undefined) {
      throw new InterruptedError(
        'Stopped; the text goes no further.',
        'Run the same command again to begin anew.',
      );
    }
  } finally {
    release();
    await model.dispose();
  }
}

/** Writes each token as it is drawn; how it ended, `undefined` when the user stopped it. */
async function write(
  model: LanguageModel,
  prompt: string,
  { tokens, json, ...options }: CompleteOptions,
  signal: AbortSignal,
): Promise<GenerationEnd | undefined> {
  const request: GenerationRequest = { ...options, prompt, mostTokens: tokens, alternatives: 0 };
  if (!json) process.stdout.write(prompt);
  try {
    const pieces = model.generate(request, signal);
    for (;;) {
      const piece = await pieces.next();
      if (piece.done) return piece.value;
      if (json) writeJson({ type: 'text', text: piece.value.text });
      else process.stdout.write(piece.value.text);
    }
  } catch (error) {
    if (error instanceof InterruptedError) return undefined;
    throw error;
  }
}

function tellDropped(dropped: number, context: number, { json }: JsonOption): void {
  if (dropped === 0) return;
  const text = `The model sees at most ${context} tokens; the first ${dropped} of this text were out of its sight.`;
  if (json) writeJson({ type: 'note', text });
  else process.stderr.write(`note: ${text}\n`);
}
