/**
 * The training loop: sample, step, now and then validate and save. It stops at a step, at a signal, when
 * validation has not improved for a while, or when the loss is no longer a number; it resumes from its own
 * checkpoint bit for bit, since everything that a step depends on is in there.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DivergenceError } from '../common/errors.ts';
import type { Flops } from '../common/units.ts';
import type { EvaluationBatches } from '../corpus/evaluation-batches.ts';
import type { Engine, Executable, HostTensor, State } from '../engines/engine.ts';
import type { Parameterization } from '../models/parameterization.ts';
import { inferenceFlopsPerToken, type ModelSize, trainingFlopsPerToken } from '../models/size.ts';
import { type LossPoint, readCheckpoint, type TrainingProgress, writeCheckpoint } from './checkpoint.ts';
import { Evaluator, interrupted, letSignalsIn, meanLoss } from './evaluate.ts';
import { zeroMoments } from './optimizers/optimizer.ts';
import { BETA1, BETA2, optimizers, type Recipe } from './recipe.ts';
import { rateAt, type Schedule } from './schedule.ts';
import { type Objective, trainingStep } from './step.ts';
import type { BatchStream, StreamSource } from './stream.ts';

export interface TrainingSettings {
  readonly size: ModelSize;
  readonly weights: Parameterization;
  /** What is minimized; the next-token loss unless said otherwise. */
  readonly losses?: Objective;
  /** What a token costs to train on; that of the plain model unless said otherwise. */
  readonly flopsPerToken?: Flops;
  readonly recipe: Recipe;
  readonly schedule: Schedule;
  /** The step to stop at. */
  readonly steps: number;
  /** Rows of a full context in each batch, and the parts that it is computed in. */
  readonly rows: number;
  readonly microBatches: number;
  readonly stream: StreamSource;
  readonly validation?: ValidationSettings;
}

/** Early stopping on the validation split; the best weights are kept. */
export interface ValidationSettings {
  readonly batches: EvaluationBatches;
  readonly everySteps: number;
  /** Validations without improvement after which training stops. */
  readonly patience: number;
}

export interface TrainingEnvironment {
  readonly engine: Engine;
  /** Where the checkpoint lies while training goes on. */
  readonly scratch: string;
  readonly signal: AbortSignal;
  onProgress(report: TrainingReport): void;
  /** Seconds between checkpoints. */
  readonly checkpointSeconds?: number;
}

export interface TrainingReport {
  readonly step: number;
  readonly steps: number;
  readonly loss: number;
  readonly validationLoss: number | undefined;
  readonly tokensPerSecond: number;
  /** Seen up to this step, those of the checkpoint that was started from included. */
  readonly tokens: number;
  /** Spent by this training, without what it started from. */
  readonly spent: { readonly tokens: number; readonly flops: number; readonly seconds: number };
}

export interface TrainingResult {
  readonly progress: TrainingProgress;
  /** The last step's weights and moments. */
  readonly state: Readonly<Record<string, HostTensor>>;
  /** The trained tensors with the lowest validation loss, or of the last step without validation. */
  readonly best: Readonly<Record<string, HostTensor>>;
  readonly bestStep: number;
}

/** Where a training starts: with weights alone, or with all that an earlier one ended with. */
export type TrainingStart =
  | { readonly weights: Readonly<Record<string, HostTensor>> }
  | {
      readonly checkpoint: string;
      /** `new` when the checkpoint was trained on other windows: its weights and moments go on, its stream ends. */
      readonly stream: 'continued' | 'new';
    };

const CHECKPOINT = 'checkpoint.safetensors';
const DEFAULT_CHECKPOINT_SECONDS = 20;
const HISTORY_POINTS = 2000;
/** Points of the loss curve whose mean counts as the loss at the end. */
const JUDGED_POINTS = 5;
/** Nats above the loss of guessing that tell a lost training from one at its start. */
const GUESSING_MARGIN = 1;
const LOWER_THE_RATE =
  'Lower the learning rate (training.rate in parlance.json, for example by half) and run again.';

export async function train(
  settings: TrainingSettings,
  start: TrainingStart,
  environment: TrainingEnvironment,
): Promise<TrainingResult> {
  const training = await Training.begin(settings, start, environment);
  try {
    await training.run();
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
  #best: Readonly<Record<string, HostTensor>> | undefined;
  #savedStep: number;
  #savedAt = performance.now();

  private constructor(
    settings: TrainingSettings,
    environment: TrainingEnvironment,
    compiled: { executable: Executable; evaluator: Evaluator | undefined },
    begun: Begun,
  ) {
    this.#settings = settings;
    this.#environment = environment;
    this.#executable = compiled.executable;
    this.#evaluator = compiled.evaluator;
    this.#state = environment.engine.createState(begun.state);
    this.#stream = begun.stream;
    this.#progress = begun.progress;
    this.#best = begun.best;
    this.#savedStep = begun.progress.step;
  }

  static async begin(settings: TrainingSettings, start: TrainingStart, environment: TrainingEnvironment) {
    const { size, weights, losses, recipe, rows, microBatches, validation } = settings;
    const batch = { rows, length: size.context };
    const begun = await beginning(settings, start, join(environment.scratch, CHECKPOINT));
    const program = trainingStep({
      size,
      weights,
      losses,
      batch,
      microBatches,
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
    const { steps } = this.#settings;
    const { signal } = this.#environment;
    if (this.#progress.step === 0) await this.#validate();
    while (this.#progress.step < steps && !this.#isPatienceSpent()) {
      if (signal.aborted) {
        await this.#save();
        throw interrupted();
      }
      await this.#step();
      await this.#validateWhenDue();
      await this.#saveWhenDue();
      await letSignalsIn();
    }
    this.#refuseWorseThanGuessing();
  }

  async result(): Promise<TrainingResult> {
    this.#progress.sampler = this.#stream.state();
    const state = await this.#state.read();
    const best = this.#best ?? (await this.#readTrained());
    const { step } = this.#progress;
    return {
      progress: this.#progress,
      state,
      best,
      bestStep: this.#best === undefined ? step : bestPoint(this.#progress.validation).step,
    };
  }

  async dispose(): Promise<void> {
    await this.#executable.dispose();
    await this.#evaluator?.dispose();
    this.#state.dispose();
  }

  async #step(): Promise<void> {
    const { size, rows, schedule, flopsPerToken = trainingFlopsPerToken(size) } = this.#settings;
    const began = performance.now();
    const count = rows * size.context;
    const ids = new Int32Array(count);
    const targets = new Int32Array(count);
    const others = this.#stream.next(rows, ids, targets);
    const step = this.#progress.step + 1;
    const { loss, gradientNorm } = await this.#executable.step(this.#state, {
      ...others,
      ids,
      targets,
      rate: Float32Array.of(rateAt(schedule, step)),
      correction1: Float32Array.of(1 / (1 - BETA1 ** step)),
      correction2: Float32Array.of(1 / (1 - BETA2 ** step)),
    });
    if (!Number.isFinite(loss[0]) || !Number.isFinite(gradientNorm[0])) throw this.#diverged(step, loss[0]);
    const took = (performance.now() - began) / 1000;
    const progress = this.#progress;
    progress.step = step;
    progress.tokens += count;
    progress.spent.tokens += count;
    progress.spent.flops += count * flopsPerToken;
    progress.spent.seconds += took;
    if (step % this.#historyStride === 0)
      progress.training.push({ step, tokens: progress.tokens, loss: loss[0] });
    this.#report(loss[0], count / took);
  }

  /** Some thousand points of the curve are kept, however long the training. */
  get #historyStride(): number {
    return Math.max(1, Math.floor(this.#settings.steps / HISTORY_POINTS));
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

  #diverged(step: number, loss: number): DivergenceError {
    const kept =
      this.#savedStep > 0
        ? `The checkpoint of step ${this.#savedStep} is kept.`
        : 'No checkpoint had been made.';
    return new DivergenceError(
      `The loss at step ${step} is ${loss}: training has diverged. ${kept}`,
      LOWER_THE_RATE,
    );
  }

  /**
   * Training can be lost while its loss is still a number. With validation the best weights are no worse than the first;
   * a loss of another kind than the next token's says nothing about guessing.
   */
  #refuseWorseThanGuessing(): void {
    const { validation, losses, size } = this.#settings;
    const points = this.#progress.training;
    if (validation !== undefined || losses !== undefined || points.length < 2 * JUDGED_POINTS) return;
    const last = points.slice(-JUDGED_POINTS);
    const loss = last.reduce((sum, point) => sum + point.loss, 0) / last.length;
    const guessing = Math.log(size.vocabulary);
    if (loss <= guessing + GUESSING_MARGIN) return;
    const { step } = this.#progress;
    throw new DivergenceError(
      `The loss at step ${step} is ${loss.toFixed(2)}, worse than the ${guessing.toFixed(2)} of guessing: training has diverged.`,
      LOWER_THE_RATE,
    );
  }

  async #validateWhenDue(): Promise<void> {
    const { validation, steps } = this.#settings;
    const { step } = this.#progress;
    if (validation && (step % validation.everySteps === 0 || step === steps)) await this.#validate();
  }

  async #validate(): Promise<void> {
    const { validation, size } = this.#settings;
    if (validation === undefined || this.#evaluator === undefined) return;
    const began = performance.now();
    const evaluation = await this.#evaluator.evaluate(this.#state, validation.batches);
    const progress = this.#progress;
    progress.spent.flops += evaluation.tokens * inferenceFlopsPerToken(size);
    progress.spent.seconds += (performance.now() - began) / 1000;
    progress.validation.push({ step: progress.step, tokens: progress.tokens, loss: meanLoss(evaluation) });
    if (bestPoint(progress.validation).step === progress.step) this.#best = await this.#readTrained();
  }

  #isPatienceSpent(): boolean {
    const { validation } = this.#settings;
    if (validation === undefined) return false;
    const points = this.#progress.validation;
    return points.length - 1 - points.indexOf(bestPoint(points)) >= validation.patience;
  }

  #readTrained(): Promise<Record<string, HostTensor>> {
    return this.#state.read(this.#settings.weights.trainable.map(({ name }) => name));
  }

  async #saveWhenDue(): Promise<void> {
    const interval = this.#environment.checkpointSeconds ?? DEFAULT_CHECKPOINT_SECONDS;
    if ((performance.now() - this.#savedAt) / 1000 >= interval) await this.#save();
  }

  async #save(): Promise<void> {
    this.#progress.sampler = this.#stream.state();
    const state = await this.#state.read();
    // An update can overflow after a loss that was a number; the last good checkpoint must stay.
    if (!Object.values(state).every(({ data }) => data.every(Number.isFinite))) {
      throw this.#diverged(this.#progress.step + 1, Number.NaN);
    }
    await writeCheckpoint(join(this.#environment.scratch, CHECKPOINT), {
      progress: this.#progress,
      state,
      best: this.#best,
    });
    this.#savedStep = this.#progress.step;
    this.#savedAt = performance.now();
  }
}

/** The first of the points with the lowest loss. */
export function bestPoint(points: readonly LossPoint[]): LossPoint {
  return points.reduce((best, point) => (point.loss < best.loss ? point : best));
}

interface Begun {
  readonly progress: TrainingProgress;
  readonly state: Readonly<Record<string, HostTensor>>;
  readonly best: Readonly<Record<string, HostTensor>> | undefined;
  readonly stream: BatchStream;
}

/** An interrupted attempt's checkpoint if there is one, else the start that was asked for. */
async function beginning(settings: TrainingSettings, start: TrainingStart, own: string): Promise<Begun> {
  const { stream } = settings;
  if (existsSync(own)) {
    const { progress, state, best } = await readCheckpoint(own);
    return { progress, state, best, stream: stream.restore(progress.sampler) };
  }
  if ('checkpoint' in start) {
    const { progress, state } = await readCheckpoint(start.checkpoint);
    // The work before this start is booked by the stage that did it.
    return {
      progress: { ...progress, spent: nothingSpent() },
      state,
      best: undefined,
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
    state: { ...start.weights, ...zeroMoments(settings.weights.trainable, optimizers(settings.recipe)) },
    best: undefined,
    stream: stream.start(),
  };
}

const nothingSpent = (): TrainingProgress['spent'] => ({ tokens: 0, flops: 0, seconds: 0 });
