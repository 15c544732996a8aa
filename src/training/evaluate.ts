/**
 * Evaluation: the negative log-likelihood of every token of a set of windows, each token once. Perplexity is per
 * token of the tokenizer; bits per byte does not depend on it, so that models of other tokenizers compare.
 */
import { letSignalsIn, throwIfStopped } from '../common/interruption.ts';
import type { ModelSize } from '../common/model-size.ts';
import type { LossPart } from '../common/resampling.ts';
import type { EvaluationBatches } from '../corpus/windows/evaluation-batches.ts';
import type { EvaluatedWindows } from '../corpus/windows/windows.ts';
import type { Engine, Executable, Program, State } from '../engines/engine.ts';
import { input } from '../graph/build.ts';
import type { Parameterization } from '../models/parameterization.ts';
import { type BatchShape, tokenLosses } from '../models/transformer.ts';

export interface Evaluation {
  readonly tokens: number;
  /** UTF-8 bytes of the evaluated text; `undefined` when it ends inside of a document. */
  readonly bytes: number | undefined;
  /** Sum over the tokens, in nats. */
  readonly negativeLogLikelihood: number;
  /** The part of the closing end-of-text tokens, which stand for no bytes. */
  readonly endOfTextLogLikelihood: number;
}

/** One document's part of an evaluation. */
export interface DocumentLoss extends LossPart {
  /** Its index in the token store, or the how-manieth it is. */
  readonly document: number;
  /** The part of its closing end-of-text token. */
  readonly endOfTextLogLikelihood: number;
}

/** One window's part of an evaluation, and where it stands in its document. */
export interface WindowLoss extends LossPart {
  /** Tokens of the document before it. */
  readonly from: number;
}

/** An evaluation and its parts; the parts of each kind add up to the total. */
export interface EvaluationParts {
  readonly total: Evaluation;
  readonly documents: readonly DocumentLoss[];
  readonly windows: readonly LossPart[];
}

export const meanLoss = ({ negativeLogLikelihood, tokens }: Evaluation): number =>
  negativeLogLikelihood / tokens;

/** exp(mean negative log-likelihood per token) */
export const perplexity = (evaluation: Evaluation): number => Math.exp(meanLoss(evaluation));

/** Of the text alone: bytes are counted without ends of text, so their loss is left out too. */
export const bitsPerByte = (evaluation: Evaluation): number | undefined => {
  const { negativeLogLikelihood, endOfTextLogLikelihood, bytes } = evaluation;
  return bytes === undefined
    ? undefined
    : (negativeLogLikelihood - endOfTextLogLikelihood) / Math.LN2 / bytes;
};

/** Batch inputs `ids`, `targets`; metric `losses`: nats for each token of the batch. */
export function evaluationProgram(size: ModelSize, weights: Parameterization, batch: BatchShape): Program {
  const count = batch.rows * batch.length;
  const ids = input('ids', [count], 'batch', 'int32');
  const targets = input('targets', [count], 'batch', 'int32');
  const losses = tokenLosses(size, weights, { ids, targets, batch });
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
    return (await this.evaluateParts(state, batches, signal)).total;
  }

  /**
   * As `evaluate`, with the part of each document and of each window, in the order of the windows. `onTokens` is told of
   * the tokens of each batch that is evaluated.
   */
  async evaluateParts(
    state: State,
    batches: EvaluationBatches,
    signal?: AbortSignal,
    onTokens?: (tokens: number) => void,
  ): Promise<EvaluationParts> {
    const { windows, tokens, bytes } = batches;
    const losses = new Float64Array(windows.count);
    const ends = new Float64Array(windows.count);
    let first = 0;
    for (const batch of batches) {
      throwIfStopped(signal);
      const { inputs, targets, weights } = batch;
      const step = await this.#executable.step(state, { ids: inputs, targets });
      for (let i = 0; i < step.losses.length; i++) {
        if (weights[i] === 0) continue;
        const window = first + Math.floor(i / windows.context);
        losses[window] += step.losses[i];
        if (targets[i] === windows.endOfText) ends[window] += step.losses[i];
      }
      first += batches.rows;
      onTokens?.(batch.tokens);
      await letSignalsIn();
    }
    const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
    return {
      total: { tokens, bytes, negativeLogLikelihood: sum(losses), endOfTextLogLikelihood: sum(ends) },
      documents: documentLosses(windows, losses, ends),
      windows: Array.from(losses, (loss, i) => ({ tokens: windows.length(i), negativeLogLikelihood: loss })),
    };
  }

  async dispose(): Promise<void> {
    await this.#executable.dispose();
  }
}

/** Windows of one document follow each other. */
function documentLosses(windows: EvaluatedWindows, losses: Float64Array, ends: Float64Array): DocumentLoss[] {
  type Writable = { -readonly [Key in keyof DocumentLoss]: DocumentLoss[Key] };
  const documents: Writable[] = [];
  for (let window = 0; window < windows.count; window++) {
    const document = windows.document(window);
    let last = documents.at(-1);
    if (last?.document !== document) {
      last = { document, tokens: 0, negativeLogLikelihood: 0, endOfTextLogLikelihood: 0 };
      documents.push(last);
    }
    last.tokens += windows.length(window);
    last.negativeLogLikelihood += losses[window];
    last.endOfTextLogLikelihood += ends[window];
  }
  return documents;
}

/**
 * Of each document (its index in the store) the window with the highest loss a token. A last window that is short says
 * little: where there are others, one of less than half of the context does not count.
 */
export function worstWindows(
  windows: EvaluatedWindows,
  losses: readonly LossPart[],
): ReadonlyMap<number, WindowLoss> {
  const worst = new Map<number, WindowLoss>();
  let from = 0;
  for (const [window, { tokens, negativeLogLikelihood }] of losses.entries()) {
    const document = windows.document(window);
    if (window > 0 && windows.document(window - 1) !== document) from = 0;
    const known = worst.get(document);
    const isTelling = known === undefined || tokens >= windows.context / 2;
    if (isTelling && negativeLogLikelihood / tokens > meanOf(known))
      worst.set(document, { from, tokens, negativeLogLikelihood });
    from += tokens;
  }
  return worst;
}

const meanOf = (loss: LossPart | undefined): number =>
  loss === undefined ? Number.NEGATIVE_INFINITY : loss.negativeLogLikelihood / loss.tokens;
