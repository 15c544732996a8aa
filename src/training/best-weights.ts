/**
 * What changes in a training, as it was at the lowest validation loss: a checkpoint of its own, since in memory it would weigh
 * as much as the weights three times over. That of a step is written before any checkpoint whose history names the step, and
 * that which the last checkpoint names stays until the next: a training that is resumed always finds its own. Others go at
 * once, so that there are these two and, while the next is written, that.
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
  /** Of the step that a resumed training would begin with as its best. */
  #saved: string | undefined;

  /** `folder`: that of the training's checkpoint. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Keeps tensors as those of the step that the history ends with, which is the best of it. */
  async keep(progress: TrainingProgress, tensors: Tensors): Promise<void> {
    const path = this.#path(progress.step);
    await writeCheckpoint(path, progress, tensors);
    await this.#removeAllBut(path, this.#saved);
  }

  /** Told of the history that the training's checkpoint holds: removes what was kept of other steps than its best one. */
  async saved({ validation }: History): Promise<void> {
    this.#saved = validation.length > 0 ? this.#path(bestPoint(validation).step) : undefined;
    await this.#removeAllBut(this.#saved);
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

  async #removeAllBut(...kept: readonly (string | undefined)[]): Promise<void> {
    if (!existsSync(this.#folder)) return;
    for (const name of await readdir(this.#folder)) {
      const path = join(this.#folder, name);
      if (NAME.test(name) && !kept.includes(path)) await rm(path, { force: true });
    }
  }

  #path(step: number): string {
    return join(this.#folder, `best-${step}.safetensors`);
  }
}
