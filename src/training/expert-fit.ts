/**
 * An expert vector of the projected network fitted to a domain: the one with the lowest loss on its in-domain set, all else of
 * the network as it was trained. A vector is a few numbers (m), so that sets of some thousand tokens do not overfit it, where
 * the histogram over clusters only says how often each is met. Ours, not the paper's (docs/decisions/projected-network.md).
 */
import { letSignalsIn, throwIfStopped } from '../common/interruption.ts';
import { type Evaluated, minimize } from '../common/minimize.ts';
import type { ModelSize } from '../common/model-size.ts';
import type { EvaluationBatches } from '../corpus/windows/evaluation-batches.ts';
import type { Engine, HostTensor, Program, State } from '../engines/engine.ts';
import { input, multiply, reduceSum } from '../graph/build.ts';
import { differentiate } from '../graph/differentiate.ts';
import {
  expertParameterization,
  type ProjectionShape,
  projectedTrainingFlopsPerToken,
} from '../models/projected.ts';
import { type BatchShape, tokenLosses } from '../models/transformer.ts';

export interface FittedExpert {
  /** [expertWidth] */
  readonly vector: Float64Array;
  readonly flops: number;
}

/** Nats a token; what a step gains less than this is not worth its evaluation. */
const LEAST_GAIN = 1e-4;
export const MOST_EVALUATIONS = 30;

/** Batch inputs `ids`, `targets`, `weights` (1 for each target that counts) and `expert`; metrics: their loss and its gradient. */
export function expertProgram(size: ModelSize, shape: ProjectionShape, batch: BatchShape): Program {
  const count = batch.rows * batch.length;
  const [ids, targets] = ['ids', 'targets'].map((name) => input(name, [count], 'batch', 'int32'));
  const network = expertParameterization(size, shape);
  const losses = tokenLosses(size, network, { ids, targets, batch });
  const loss = reduceSum(multiply(losses, input('weights', [count], 'batch')));
  const [gradient] = differentiate(loss, [network.trainable[0].tensor]);
  return { name: 'expert fit', updates: {}, metrics: { loss, gradient } };
}

export interface ExpertFit {
  readonly size: ModelSize;
  readonly shape: ProjectionShape;
  /** The network's tensors. */
  readonly network: Readonly<Record<string, HostTensor>>;
  /** Where it begins, [expertWidth]. */
  readonly start: Float64Array;
  /** The in-domain set. */
  readonly batches: EvaluationBatches;
}

/** Of one pass: padding is not counted, as in evaluations. */
export function evaluationFlops(
  size: ModelSize,
  shape: ProjectionShape,
  { tokens, count }: Pick<EvaluationBatches, 'tokens' | 'count'>,
): number {
  const batch = { groups: 1, tokens: Math.max(1, tokens) / Math.max(1, count) };
  return tokens * projectedTrainingFlopsPerToken(size, shape, batch);
}

/** Throws `InterruptedError` when it is stopped; `onEvaluated` is told the share of the most that it may take. */
export async function fitExpert(
  { size, shape, network, start, batches }: ExpertFit,
  engine: Engine,
  { signal, onEvaluated }: { readonly signal: AbortSignal; onEvaluated(share: number): void },
): Promise<FittedExpert> {
  const { rows, tokens } = batches;
  const batch = { rows, length: size.context };
  const executable = await engine.compile(expertProgram(size, shape, batch));
  let state: State | undefined;
  try {
    const own = engine.createState(network);
    state = own;
    let evaluated = 0;
    const evaluate = async (vector: Float64Array): Promise<Evaluated> => {
      const expert = Float32Array.from(vector);
      const gradient = new Float64Array(vector.length);
      let value = 0;
      for (const { inputs, targets, weights } of batches) {
        throwIfStopped(signal);
        const found = await executable.step(own, { ids: inputs, targets, weights, expert });
        value += found.loss[0] / tokens;
        for (let i = 0; i < gradient.length; i++) gradient[i] += found.gradient[i] / tokens;
        await letSignalsIn();
      }
      onEvaluated(++evaluated / MOST_EVALUATIONS);
      return { value, gradient };
    };
    const stopping = { leastGain: LEAST_GAIN, mostEvaluations: MOST_EVALUATIONS };
    const { point, evaluations } = await minimize(start, evaluate, stopping);
    return { vector: point, flops: evaluations * evaluationFlops(size, shape, batches) };
  } finally {
    state?.dispose();
    await executable.dispose();
  }
}
