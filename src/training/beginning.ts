/** Where a training begins: with weights, with what an earlier stage ended with, or with its own checkpoint. */

import { existsSync } from 'node:fs';
import { InputError } from '../common/errors.ts';
import type { HostTensor } from '../engines/engine.ts';
import type { Parameterization } from '../models/parameterization.ts';
import { readCheckpoint, type TrainingProgress } from './checkpoint.ts';
import { zeroMoments } from './optimizers/optimizer.ts';
import { optimizers, type Recipe } from './recipe.ts';
import type { BatchStream, StreamSource } from './stream.ts';

/** Where a training starts: with weights alone, or with all that an earlier one ended with. */
export type TrainingStart =
  /** New ones with each call: they are the engine's state, which the training overwrites, and nothing else holds them. */
  | { weights(): Promise<Readonly<Record<string, HostTensor>>> }
  | {
      readonly checkpoint: string;
      /** `new` when the checkpoint was trained on other windows: its weights and moments go on, its stream ends. */
      readonly stream: 'continued' | 'new';
    };

export interface Begun {
  readonly progress: TrainingProgress;
  readonly state: Readonly<Record<string, HostTensor>>;
  readonly stream: BatchStream;
}

interface Trained {
  readonly weights: Parameterization;
  readonly recipe: Recipe;
  readonly stream: StreamSource;
}

/** An interrupted attempt's checkpoint, `own`, if there is one, else the start that was asked for. */
export async function beginning(settings: Trained, start: TrainingStart, own: string): Promise<Begun> {
  const { stream } = settings;
  if (existsSync(own)) {
    const { progress, state } = await readCheckpoint(own);
    // A checkpoint holds what is trained; the rest is as it was given.
    const given = 'weights' in start ? await start.weights() : {};
    return { progress, state: { ...given, ...state }, stream: stream.restore(progress.sampler) };
  }
  if ('checkpoint' in start) {
    const { progress, state } = await readCheckpoint(start.checkpoint);
    // The work before this start is booked by the stage that did it.
    return {
      progress: { ...progress, spent: nothingSpent() },
      state,
      stream: start.stream === 'continued' ? stream.restore(progress.sampler) : stream.start(),
    };
  }
  return {
    progress: {
      step: 0,
      tokens: 0,
      spent: nothingSpent(),
      sampler: undefined,
      training: [],
      validation: [],
    },
    state: { ...(await start.weights()), ...momentsOf(settings) },
    stream: stream.start(),
  };
}

/** The names of the tensors that a step changes: those that are trained, and their moments. */
export function changingTensors(settings: Omit<Trained, 'stream'>): string[] {
  return [...settings.weights.trainable.map(({ name }) => name), ...Object.keys(momentsOf(settings))];
}

const momentsOf = ({ weights, recipe }: Omit<Trained, 'stream'>) =>
  zeroMoments(weights.trainable, optimizers(recipe));

const nothingSpent = (): TrainingProgress['spent'] => ({ tokens: 0, flops: 0, seconds: 0 });

export function nothingToValidateOn(): InputError {
  return new InputError(
    'There is no validation text, so a training could not be stopped in time.',
    "Raise the domain's split.validation in parlance.json, or give more in-domain files.",
  );
}
