/**
 * The training loop: sample, step, now and then validate and save. It stops at a step, at a signal, when
 * validation has not improved for a while, or when the loss is no longer a number; it resumes from its own
 * checkpoint bit for bit, since everything that a step depends on is in there or in the training's inputs.
 */
import { join } from 'node:path';
import { DivergenceError } from '../common/errors.ts';
import { interrupted, letSignalsIn } from '../common/interruption.ts';
import type { Executable, HostTensor, State } from '../engines/engine.ts';
import { inferenceFlopsPerToken } from '../models/size.ts';
import {
  type Begun,
  beginning,
  changingTensors,
  nothingToValidateOn,
  type TrainingStart,
} from './beginning.ts';
import { BestWeights } from './best-weights.ts';
import { type Tensors, type TrainingProgress, writeCheckpoint } from './checkpoint.ts';
import { diverged, refuseWorseThanGuessing } from './divergence.ts';
import { Evaluator, meanLoss } from './evaluate.ts';
import { BETA1, BETA2, optimizers } from './recipe.ts';
import type { TrainingEnvironment, TrainingResult, TrainingSettings } from './settings.ts';
import { flopsPerStep } from './settings.ts';
import { shares } from './shares.ts';
import { trainingStep } from './step.ts';
import {
  bestPoint,
  endingOf,
  lastConstantStep,
  type StoppingInputs,
  scheduledStep,
  whatNext,
} from './stopping.ts';
import type { BatchStream } from './stream.ts';

const CHECKPOINT = 'checkpoint.safetensors';
/** Between two checkpoints, and for each second that writing the last one took: gigabytes of state take longer. */
const DEFAULT_CHECKPOINT_SECONDS = 20;
const WORK_PER_WRITING = 20;
const HISTORY_POINTS = 2000;

export async function train(
  settings: TrainingSettings,
  start: TrainingStart,
  environment: TrainingEnvironment,
): Promise<TrainingResult> {
  const training = await Training.begin(settings, start, environment);
  try {
    await training.run();
    await training.leave();
    return await training.result();
  } finally {
    await training.dispose();
  }
}

class Training {
  readonly #settings: TrainingSettings;
  readonly #environment: TrainingEnvironment;
  readonly #executable: Executable;
  readonly #evaluator: Evaluator | undefined;
  readonly #state: State;
  readonly #stream: BatchStream;
  readonly #progress: TrainingProgress;
  readonly #changing: readonly string[];
  readonly #stopping: StoppingInputs | undefined;
  readonly #best: BestWeights;
  readonly #stepFlops: number;
  /** Some thousand points of the curve are kept, however long the training. */
  readonly #historyStride: number;
  #savedStep: number;
  #savedAt = performance.now();
  #writingSeconds = 0;
  #hasDiverged = false;

  private constructor(
    settings: TrainingSettings,
    environment: TrainingEnvironment,
    compiled: { executable: Executable; evaluator: Evaluator | undefined },
    begun: Begun,
  ) {
    const { steps, rows, size, validation } = settings;
    this.#settings = settings;
    this.#environment = environment;
    this.#executable = compiled.executable;
    this.#evaluator = compiled.evaluator;
    this.#state = environment.engine.createState(begun.state, { owned: true });
    this.#stream = begun.stream;
    this.#progress = begun.progress;
    this.#changing = changingTensors(settings);
    this.#stopping = validation && { ...validation, steps, tokensPerStep: rows * size.context };
    this.#best = new BestWeights(environment.scratch);
    this.#stepFlops = flopsPerStep(settings);
    this.#historyStride = Math.max(1, Math.floor(steps / HISTORY_POINTS));
    this.#savedStep = begun.progress.step;
  }

  static async begin(settings: TrainingSettings, start: TrainingStart, environment: TrainingEnvironment) {
    const { size, weights, losses, recipe, rows, microBatches, validation } = settings;
    const batch = { rows, length: size.context };
    if (validation?.batches.tokens === 0) throw nothingToValidateOn();
    const begun = await beginning(settings, start, join(environment.scratch, CHECKPOINT));
    const program = trainingStep({
      size,
      weights,
      losses,
      batch,
      ...shares({ rows, microBatches, groups: weights.groups }, environment.engine.devices),
      clipNorm: recipe.clipNorm,
      optimizerFor: optimizers(recipe),
    });
    const executable = await environment.engine.compile(program);
    const evaluator = validation
      ? await Evaluator.compile(environment.engine, size, weights, {
          rows: validation.batches.rows,
          length: size.context,
        })
      : undefined;
    return new Training(settings, environment, { executable, evaluator }, begun);
  }

  async run(): Promise<void> {
    // An attempt that was killed may have left later ones than its checkpoint knows.
    await this.#best.saved(this.#progress);
    // A checkpoint of step 0 has this validation in it already.
    if (this.#progress.validation.length === 0) await this.#validate();
    while (await this.#goesOn()) {
      if (!(await this.#advance())) break;
      await letSignalsIn();
    }
    const { validation, losses, size } = this.#settings;
    // With validation the best weights are no worse than the first; a loss of another kind says nothing about guessing.
    if (validation === undefined && losses === undefined) {
      refuseWorseThanGuessing(this.#progress.training, size.vocabulary);
    }
  }

  async leave(): Promise<void> {
    this.#progress.sampler = this.#stream.state();
    const { lastCheckpoint } = this.#environment;
    if (lastCheckpoint === undefined || this.#hasDiverged) return;
    await writeCheckpoint(lastCheckpoint, this.#progress, this.#tensors(this.#changing));
  }

  async result(): Promise<TrainingResult> {
    const progress = this.#progress;
    const trained = new Set(this.#settings.weights.trainable.map(({ name }) => name));
    if (this.#stopping === undefined) {
      return { progress, best: await this.#state.read([...trained]), bestStep: progress.step };
    }
    // The best weights take the place of the state in memory.
    this.#state.dispose();
    const best: Record<string, HostTensor> = {};
    for await (const [name, tensor] of this.#best.tensors(progress))
      if (trained.has(name)) best[name] = tensor;
    return {
      progress,
      best,
      bestStep: bestPoint(progress.validation).step,
      ...(this.#hasDiverged ? { diverged: true } : { ending: endingOf(progress, this.#stopping) }),
    };
  }

  async dispose(): Promise<void> {
    await this.#executable.dispose();
    await this.#evaluator?.dispose();
    this.#state.dispose();
  }

  /** A step and what is due after it; false when it diverges where it may. Throws InterruptedError at a signal. */
  async #advance(): Promise<boolean> {
    try {
      if (this.#environment.signal.aborted) {
        await this.#save();
        throw interrupted();
      }
      await this.#step();
      await this.#validateWhenDue();
      await this.#saveWhenDue();
    } catch (error) {
      this.#hasDiverged = error instanceof DivergenceError && this.#settings.validation?.mayDiverge === true;
      if (!this.#hasDiverged) throw error;
    }
    return !this.#hasDiverged;
  }

  /** False at the end; goes back to the best step when the rate changes. */
  async #goesOn(): Promise<boolean> {
    const progress = this.#progress;
    if (this.#stopping === undefined) return progress.step < this.#settings.steps;
    const next = whatNext(progress, this.#stopping);
    if (typeof next === 'string') return next === 'step';
    for await (const [name, tensor] of this.#best.tensors(progress))
      await this.#state.write({ [name]: tensor });
    Object.assign(progress, next);
    return true;
  }

  async #step(): Promise<void> {
    const { size, rows } = this.#settings;
    const began = performance.now();
    const count = rows * size.context;
    const ids = new Int32Array(count);
    const targets = new Int32Array(count);
    const others = this.#stream.next(rows, ids, targets);
    const step = this.#progress.step + 1;
    const { rate, step: own } = scheduledStep(this.#settings.schedule, step, this.#progress);
    const { loss, gradientNorm } = await this.#executable.step(this.#state, {
      ...others,
      ids,
      targets,
      rate: Float32Array.of(rate),
      correction1: Float32Array.of(1 / (1 - BETA1 ** own)),
      correction2: Float32Array.of(1 / (1 - BETA2 ** own)),
    });
    if (!Number.isFinite(loss[0]) || !Number.isFinite(gradientNorm[0])) {
      throw diverged('loss', step, loss[0], this.#savedStep);
    }
    const took = (performance.now() - began) / 1000;
    const progress = this.#progress;
    progress.step = step;
    progress.tokens += count;
    progress.spent.tokens += count;
    progress.spent.flops += this.#stepFlops;
    progress.spent.seconds += took;
    if (step % this.#historyStride === 0)
      progress.training.push({ step, tokens: progress.tokens, loss: loss[0] });
    this.#report(loss[0], count / took);
  }

  #report(loss: number, tokensPerSecond: number): void {
    const { step, tokens, spent, validation } = this.#progress;
    this.#environment.onProgress({
      step,
      steps: this.#settings.steps,
      loss,
      validationLoss: validation.at(-1)?.loss,
      tokensPerSecond,
      tokens,
      spent: { ...spent },
    });
  }

  async #validateWhenDue(): Promise<void> {
    const { validation } = this.#settings;
    if (validation === undefined || this.#stopping === undefined) return;
    const { step, decay } = this.#progress;
    const isLast = step === (decay?.end ?? lastConstantStep(this.#stopping));
    if (isLast || step % validation.everySteps === 0) await this.#validate();
  }

  async #validate(): Promise<void> {
    const { validation, size } = this.#settings;
    if (validation === undefined || this.#evaluator === undefined) return;
    const began = performance.now();
    const evaluation = await this.#evaluator.evaluate(this.#state, validation.batches);
    const progress = this.#progress;
    const loss = meanLoss(evaluation);
    if (!Number.isFinite(loss)) throw diverged('validation loss', progress.step, loss, this.#savedStep);
    progress.spent.flops += evaluation.tokens * inferenceFlopsPerToken(size);
    progress.spent.seconds += (performance.now() - began) / 1000;
    const validated = [...progress.validation, { step: progress.step, tokens: progress.tokens, loss }];
    if (bestPoint(validated).step === progress.step) {
      progress.sampler = this.#stream.state();
      // What cannot be kept, since the update overflowed, is not the best there is.
      await this.#best.keep({ ...progress, validation: validated }, this.#tensors(this.#changing));
    }
    progress.validation = validated;
  }

  async #saveWhenDue(): Promise<void> {
    const usual = Math.max(DEFAULT_CHECKPOINT_SECONDS, WORK_PER_WRITING * this.#writingSeconds);
    const interval = this.#environment.checkpointSeconds ?? usual;
    if ((performance.now() - this.#savedAt) / 1000 >= interval) await this.#save();
  }

  async #save(): Promise<void> {
    const began = performance.now();
    this.#progress.sampler = this.#stream.state();
    const path = join(this.#environment.scratch, CHECKPOINT);
    await writeCheckpoint(path, this.#progress, this.#tensors(this.#changing));
    await this.#best.saved(this.#progress);
    this.#savedStep = this.#progress.step;
    this.#savedAt = performance.now();
    this.#writingSeconds = (this.#savedAt - began) / 1000;
  }

  /** An update can overflow after a loss that was a number; the last good checkpoint must stay. */
  #tensors(names: readonly string[]): Tensors {
    return {
      names,
      read: async (name) => {
        const tensor = (await this.#state.read([name]))[name];
        if (tensor.data.every(Number.isFinite)) return tensor;
        throw diverged('loss', this.#progress.step + 1, Number.NaN, this.#savedStep);
      },
    };
  }
}
