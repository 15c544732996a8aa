/**
 * The training loop: sample, step, now and then validate and save. It stops at a step, at a signal, when
 * validation has not improved for a while, or when the loss is no longer a number; it resumes from its own
 * checkpoint bit for bit, since everything that a step depends on is in there or in the training's inputs.
 */
import { join } from 'node:path';
import { InputError } from '../common/errors.ts';
import { interrupted, letSignalsIn } from '../common/interruption.ts';
import type { Executable, HostTensor, State } from '../engines/engine.ts';
import { inferenceFlopsPerToken, trainingFlopsPerToken } from '../models/size.ts';
import { type Begun, beginning, changingTensors, type TrainingStart } from './beginning.ts';
import { type TrainingProgress, writeCheckpoint } from './checkpoint.ts';
import { diverged, refuseWorseThanGuessing } from './divergence.ts';
import { Evaluator, meanLoss } from './evaluate.ts';
import { BETA1, BETA2, optimizers } from './recipe.ts';
import { rateAt, type Schedule } from './schedule.ts';
import type { TrainingEnvironment, TrainingResult, TrainingSettings } from './settings.ts';
import { trainingStep } from './step.ts';
import { bestPoint, endingOf, lastConstantStep, type StoppingInputs, whatNext } from './stopping.ts';
import type { BatchStream } from './stream.ts';

const CHECKPOINT = 'checkpoint.safetensors';
const DEFAULT_CHECKPOINT_SECONDS = 20;
const HISTORY_POINTS = 2000;

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
  readonly #changing: readonly string[];
  readonly #stopping: StoppingInputs | undefined;
  /** All that changes, as it was at the lowest validation loss. */
  #best: Readonly<Record<string, HostTensor>> | undefined;
  #savedStep: number;
  #savedAt = performance.now();

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
    this.#state = environment.engine.createState(begun.state);
    this.#stream = begun.stream;
    this.#progress = begun.progress;
    this.#changing = changingTensors(settings);
    this.#stopping = validation && { ...validation, steps, tokensPerStep: rows * size.context };
    this.#best = begun.best;
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
    const { signal } = this.#environment;
    // A checkpoint of step 0 has this validation in it already.
    if (this.#progress.validation.length === 0) await this.#validate();
    while (await this.#goesOn()) {
      if (signal.aborted) {
        await this.#save();
        throw interrupted();
      }
      await this.#step();
      await this.#validateWhenDue();
      await this.#saveWhenDue();
      await letSignalsIn();
    }
    const { validation, losses, size } = this.#settings;
    // With validation the best weights are no worse than the first; a loss of another kind says nothing about guessing.
    if (validation === undefined && losses === undefined) {
      refuseWorseThanGuessing(this.#progress.training, size.vocabulary);
    }
  }

  async result(): Promise<TrainingResult> {
    this.#progress.sampler = this.#stream.state();
    const state = await this.#state.read();
    const trained = this.#settings.weights.trainable.map(({ name }) => name);
    const { step, validation } = this.#progress;
    const common = { progress: this.#progress, state };
    const best = this.#best;
    if (best === undefined || this.#stopping === undefined) {
      return { ...common, best: await this.#state.read(trained), bestStep: step };
    }
    return {
      ...common,
      best: Object.fromEntries(trained.map((name) => [name, best[name]])),
      bestStep: bestPoint(validation).step,
      ending: endingOf(this.#progress, this.#stopping),
    };
  }

  async dispose(): Promise<void> {
    await this.#executable.dispose();
    await this.#evaluator?.dispose();
    this.#state.dispose();
  }

  /** False at the end; begins the decay when it is time. */
  async #goesOn(): Promise<boolean> {
    const progress = this.#progress;
    if (this.#stopping === undefined) return progress.step < this.#settings.steps;
    const next = whatNext(progress, this.#stopping);
    if (typeof next === 'string') return next === 'step';
    if (this.#best === undefined)
      throw new Error('A decay begins with the best weights, and there are none.');
    await this.#state.write(this.#best);
    progress.decay = next;
    return true;
  }

  /** The number of a step in the schedule and for the optimizer: a decay goes on from the best one. */
  #ownStep(step: number): number {
    const { decay } = this.#progress;
    return decay === undefined ? step : step - decay.begun + decay.from;
  }

  get #schedule(): Schedule {
    const { schedule } = this.#settings;
    const { decay } = this.#progress;
    return decay === undefined
      ? schedule
      : { ...schedule, stableUntil: decay.from, end: decay.from + decay.end - decay.begun };
  }

  async #step(): Promise<void> {
    const { size, rows, flopsPerToken = trainingFlopsPerToken(size) } = this.#settings;
    const began = performance.now();
    const count = rows * size.context;
    const ids = new Int32Array(count);
    const targets = new Int32Array(count);
    const others = this.#stream.next(rows, ids, targets);
    const step = this.#progress.step + 1;
    const own = this.#ownStep(step);
    const { loss, gradientNorm } = await this.#executable.step(this.#state, {
      ...others,
      ids,
      targets,
      rate: Float32Array.of(rateAt(this.#schedule, own)),
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
    progress.validation.push({ step: progress.step, tokens: progress.tokens, loss });
    if (bestPoint(progress.validation).step === progress.step) {
      this.#best = await this.#state.read(this.#changing);
    }
  }

  async #saveWhenDue(): Promise<void> {
    const interval = this.#environment.checkpointSeconds ?? DEFAULT_CHECKPOINT_SECONDS;
    if ((performance.now() - this.#savedAt) / 1000 >= interval) await this.#save();
  }

  async #save(): Promise<void> {
    this.#progress.sampler = this.#stream.state();
    const state = await this.#state.read(this.#changing);
    // An update can overflow after a loss that was a number; the last good checkpoint must stay.
    if (!Object.values(state).every(({ data }) => data.every(Number.isFinite))) {
      throw diverged('loss', this.#progress.step + 1, Number.NaN, this.#savedStep);
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

function nothingToValidateOn(): InputError {
  return new InputError(
    'There is no validation text, so a training could not be stopped in time.',
    "Raise the domain's split.validation in parlance.json, or give more in-domain files.",
  );
}
