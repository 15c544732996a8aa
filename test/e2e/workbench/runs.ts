/** What runs left on disk and what carries them out, read past the editor: what its views say is held against it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SafetensorsFile } from '../../../src/formats/safetensors.ts';
import { type FoundProcess, freeze, processesWith } from '../../support/processes.ts';
import { until } from '../../support/waiting.ts';

export interface FoundRun {
  readonly id: string;
  readonly methods: readonly string[];
  /** Held-out perplexity with all in-domain text and the largest pretraining budget; absent before it is measured. */
  readonly heldOut: number | undefined;
  /** How often the stable phase of a budget of thousands of steps has told how far it is. */
  readonly progress: number;
}

/** The runs of a workspace folder, the oldest first. */
export function runsIn(folder: string): readonly FoundRun[] {
  const runs = join(folder, '.parlance', 'storage', 'runs');
  if (!existsSync(runs)) return [];
  return readdirSync(runs)
    .sort()
    .filter((id) => existsSync(join(runs, id, 'run.json')) && existsSync(join(runs, id, 'events.jsonl')))
    .map((id) => {
      // The last line may be half written.
      const lines = readFileSync(join(runs, id, 'events.jsonl'), 'utf8')
        .split('\n')
        .slice(0, -1);
      const events = lines.map((line) => JSON.parse(line).event);
      const { methods } = JSON.parse(readFileSync(join(runs, id, 'run.json'), 'utf8'));
      return {
        id,
        methods,
        progress: events.filter(
          ({ type, event }) =>
            type === 'stage' &&
            event.state === 'progress' &&
            event.kind === 'pretrain-trunk' &&
            // The small budgets of a test have hundreds of steps at most, and are over before anyone sees them.
            /to step \d{4,}$/.test(event.label),
        ).length,
        heldOut: events
          .flatMap(({ measurement }) => measurement ?? [])
          .filter(
            ({ requestedDomainTokens, phase }) =>
              phase === 'after fine-tuning' && requestedDomainTokens === 'all',
          )
          .sort((a, b) => b.pretrainingTokens - a.pretrainingTokens)
          .at(0)?.perplexity,
      };
    });
}

/** The newest run of a method. Throws when there is none. */
export function newestRun(folder: string, method: string): FoundRun {
  const found = runsIn(folder).findLast(({ methods }) => methods.includes(method));
  if (found === undefined) throw new Error(`no run of ${method} in ${folder}`);
  return found;
}

/**
 * Freezes the newest run of a method in its pretraining, after it has told its progress more often than `told` times:
 * what a test then sees of it does not depend on how fast the machine trains.
 */
export async function frozenInTraining(folder: string, method: string, told = 0): Promise<FoundRun> {
  const run = await until(`${method} trains`, () => {
    const found = runsIn(folder).findLast(({ methods }) => methods.includes(method));
    return found !== undefined && found.progress > told && found;
  });
  processesOf(run).forEach(freeze);
  return run;
}

/** The living processes of a run. */
export function processesOf({ id }: FoundRun): readonly FoundProcess[] {
  return processesWith(id);
}

/** The folder of the only model that was kept when a run was stopped. */
export function keptModel(folder: string): string {
  const models = join(folder, '.parlance', 'models');
  const [only, ...more] = readdirSync(models);
  if (only === undefined || more.length > 0) throw new Error(`not one model in ${models}`);
  return join(models, only);
}

export interface LoadedModel {
  readonly width: number;
  readonly vocabulary: number;
  /** The words that its tokenizer knows. */
  readonly tokens: number;
  readonly parameters: number;
  /** Whether each weight is a finite number. */
  readonly isFinite: boolean;
}

/** Opens all files of a model as a program does that wants to use it. */
export async function loadModel(folder: string): Promise<LoadedModel> {
  const json = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'));
  const { hidden_size: width, vocab_size: vocabulary } = json('config.json');
  const weights = await SafetensorsFile.open(join(folder, 'model.safetensors'));
  const values = [];
  for (const name of weights.tensors.keys()) values.push(await weights.float32(name));
  await weights.close();
  return {
    width,
    vocabulary,
    tokens: Object.keys(json('tokenizer.json').model.vocab).length,
    parameters: values.reduce((sum, { length }) => sum + length, 0),
    isFinite: values.every((tensor) => tensor.every(Number.isFinite)),
  };
}
