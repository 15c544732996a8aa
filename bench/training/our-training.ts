/** Our side of the throughput comparison: the step program with AdamW for every tensor, on random tokens. */

import type { ModelSize } from '../../src/common/model-size.ts';
import type { Engine, Executable, OperationTime, State } from '../../src/engines/engine.ts';
import { batchRows } from '../../src/methods/stages/training.ts';
import { denseParameterization, initialWeights } from '../../src/models/parameterization.ts';
import { adamW } from '../../src/training/optimizers/adamw.ts';
import { type Optimizer, zeroMoments } from '../../src/training/optimizers/optimizer.ts';
import { optimizers, PRETRAINING } from '../../src/training/recipe.ts';
import { trainingStep } from '../../src/training/step.ts';
import type { BenchSize } from './sizes.ts';

type Measured = Pick<BenchSize, 'size' | 'rows'> & { readonly microBatchTokens?: number };

/** As `torch.optim.AdamW` has it; the values do not change the work. */
const ADAM = adamW({ learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 });

export type OptimizerChoice = 'adamw' | 'recipe';

export class OurTraining {
  readonly #executable: Executable;
  readonly #state: State;
  readonly #size: ModelSize;
  readonly #tokens: number;
  #step = 0;

  private constructor(executable: Executable, state: State, { size, rows }: Measured) {
    this.#executable = executable;
    this.#state = state;
    this.#size = size;
    this.#tokens = rows * size.context;
  }

  static async start(engine: Engine, bench: Measured, choice: OptimizerChoice, profile = false) {
    const { size, rows, microBatchTokens } = bench;
    const { microBatches } = batchRows(rows * size.context, { context: size.context, microBatchTokens });
    const weights = denseParameterization(size);
    const chosen = optimizers(PRETRAINING);
    const optimizerFor = (tensor: (typeof weights.trainable)[number]): Optimizer =>
      choice === 'adamw' ? ADAM : chosen(tensor);
    const batch = { rows, length: size.context };
    const program = trainingStep({ size, weights, batch, microBatches, clipNorm: 1, optimizerFor });
    const initial = { ...initialWeights(size, 1), ...zeroMoments(weights.trainable, optimizerFor) };
    return new OurTraining(await engine.compile(program, { profile }), engine.createState(initial), bench);
  }

  /** Seconds of each of the next `steps` training steps; making the random tokens is not in them. */
  async steps(steps: number): Promise<number[]> {
    const took: number[] = [];
    for (let i = 0; i < steps; i++) took.push(await this.#one());
    return took;
  }

  async dispose(): Promise<OperationTime[]> {
    const times = await this.#executable.dispose();
    this.#state.dispose();
    return times;
  }

  async #one(): Promise<number> {
    const [ids, targets] = [this.#randomTokens(), this.#randomTokens()];
    const step = ++this.#step;
    const began = performance.now();
    await this.#executable.step(this.#state, {
      ids,
      targets,
      rate: Float32Array.of(1),
      correction1: Float32Array.of(1 / (1 - 0.9 ** step)),
      correction2: Float32Array.of(1 / (1 - 0.999 ** step)),
    });
    return (performance.now() - began) / 1000;
  }

  #randomTokens(): Int32Array {
    return Int32Array.from({ length: this.#tokens }, () => Math.floor(Math.random() * this.#size.vocabulary));
  }
}
