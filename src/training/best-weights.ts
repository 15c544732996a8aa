/**
 * What changes in a training, as it was at the lowest validation loss: a checkpoint of its own, since in memory it would weigh
 * as much as the weights three times over. That of a step is written before any checkpoint whose history names the step, and
 * older ones go after it: a training that is resumed always finds its own.
 */
import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CorruptionError } from '../common/errors.ts';
import type { HostTensor } from '../engines/engine.ts';
import { checkpointTensors, type Tensors, type TrainingProgress, writeCheckpoint } from './checkpoint.ts';
import { bestPoint } from './stopping.ts';

const NAME = /^best-\d+\.safetensors$/;

type History = Pick<TrainingProgress, 'validation'>;

export class BestWeights {
  readonly #folder: string;

  /** `folder`: that of the training's checkpoint. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Keeps tensors as those of the step that the history ends with. */
  keep(progress: TrainingProgress, tensors: Tensors): Promise<void> {
    return writeCheckpoint(this.#path(progress.step), progress, tensors);
  }

  /** Removes what was kept of other steps than the best one of a history. */
  async forgetOthers({ validation }: History): Promise<void> {
    if (!existsSync(this.#folder)) return;
    const own = validation.length > 0 ? this.#path(bestPoint(validation).step) : undefined;
    for (const name of await readdir(this.#folder)) {
      const path = join(this.#folder, name);
      if (NAME.test(name) && path !== own) await rm(path, { force: true });
    }
  }

  /** Each tensor of the best step, one at a time. Throws CorruptionError when they are not there whole and unchanged. */
  async *tensors({ validation }: History): AsyncGenerator<readonly [string, HostTensor]> {
    const path = this.#path(bestPoint(validation).step);
    if (!existsSync(path)) {
      throw new CorruptionError(
        `The best weights of an unfinished training, ${path}, are not there.`,
        'Run the same command again: the checkpoint is moved aside and the training begun anew.',
      );
    }
    yield* checkpointTensors(path);
  }

  #path(step: number): string {
    return join(this.#folder, `best-${step}.safetensors`);
  }
}
