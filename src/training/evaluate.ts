/**
 * Evaluation: the negative log-likelihood of every token of a set of windows, each token once. Perplexity is per
 * token of the tokenizer; bits per byte does not depend on it, so that models of other tokenizers compare.
 */
import { InterruptedError } from '../common/errors.ts';
import type { EvaluationBatches } from '../corpus/evaluation-batches.ts';
import type { Engine, Executable, Program, State } from '../engines/engine.ts';
import { input } from '../graph/build.ts';
import type { Parameterization } from '../models/parameterization.ts';
import type { ModelSize } from '../models/size.ts';
import { type BatchShape, tokenLosses } from '../models/transformer.ts';

export interface Evaluation {
  readonly tokens: number;
  /** UTF-8 bytes of the evaluated text; `undefined` when it ends inside of a document. */
  readonly bytes: number | undefined;
  /** Sum over the tokens, in nats. */
  readonly negativeLogLikelihood: number;
}

/** One document's part of an evaluation. */
export interface DocumentLoss {
  /** Its index in the token store. */
  readonly document: number;
  readonly tokens: number;
  /** Sum over its tokens, in nats. */
  readonly negativeLogLikelihood: number;
}

export const meanLoss = ({ negativeLogLikelihood, tokens }: Evaluation): number =>
  negativeLogLikelihood / tokens;

/** exp(mean negative log-likelihood per token) */
export const perplexity = (evaluation: Evaluation): number => Math.exp(meanLoss(evaluation));

export const bitsPerByte = ({ negativeLogLikelihood, bytes }: Evaluation): number | undefined =>
  bytes === undefined ? undefined : negativeLogLikelihood / Math.LN2 / bytes;

/** Batch inputs `ids`, `targets`; metric `losses`: nats for each token of the batch. */
export function evaluationProgram(size: ModelSize, weights: Parameterization, batch: BatchShape): Program {
  const count = batch.rows * batch.length;
  const ids = input('ids', [count], 'batch', 'int32');
  const targets = input('targets', [count], 'batch', 'int32');
  const losses = tokenLosses(size, weights, ids, targets, batch);
  return { name: 'evaluation', updates: {}, metrics: { losses } };
}

/** An evaluation program, ready to run on states of one model. */
export class Evaluator {
  readonly #executable: Executable;

  private constructor(executable: Executable) {
    this.#executable = executable;
  }

  static async compile(engine: Engine, size: ModelSize, weights: Parameterization, batch: BatchShape) {
    return new Evaluator(await engine.compile(evaluationProgram(size, weights, batch)));
  }

  /** Without a signal it is not stopped: a validation in the middle of a training is finished first. */
  async evaluate(state: State, batches: EvaluationBatches, signal?: AbortSignal): Promise<Evaluation> {
    return (await this.evaluateDocuments(state, batches, signal)).total;
  }

  /** As `evaluate`, with each document's part, in the order of the windows; the parts add up to the total. */
  async evaluateDocuments(
    state: State,
    batches: EvaluationBatches,
    signal?: AbortSignal,
  ): Promise<{ readonly total: Evaluation; readonly documents: readonly DocumentLoss[] }> {
    const { windows } = batches;
    const sums = new Map<number, { tokens: number; negativeLogLikelihood: number }>();
    let negativeLogLikelihood = 0;
    let firstWindow = 0;
    for (const { inputs, targets, weights } of batches) {
      if (signal?.aborted) throw interrupted();
      const { losses } = await this.#executable.step(state, { ids: inputs, targets });
      for (let i = 0; i < losses.length; i++) {
        if (weights[i] === 0) continue;
        negativeLogLikelihood += losses[i];
        const sum = sumOf(sums, windows.document(firstWindow + Math.floor(i / windows.context)));
        sum.tokens++;
        sum.negativeLogLikelihood += losses[i];
      }
      firstWindow += batches.rows;
      await letSignalsIn();
    }
    return {
      total: { tokens: batches.tokens, bytes: batches.bytes, negativeLogLikelihood },
      documents: [...sums].map(([document, sum]) => ({ document, ...sum })),
    };
  }

  async dispose(): Promise<void> {
    await this.#executable.dispose();
  }
}

function sumOf<T>(sums: Map<T, { tokens: number; negativeLogLikelihood: number }>, key: T) {
  const known = sums.get(key);
  if (known !== undefined) return known;
  const sum = { tokens: 0, negativeLogLikelihood: 0 };
  sums.set(key, sum);
  return sum;
}

/** An engine computes without returning to the event loop; this gives timers and signals their turn. */
export function letSignalsIn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

export function interrupted(): InterruptedError {
  return new InterruptedError('Stopped; everything so far is kept.', 'Run the same command again to go on.');
}
