/**
 * Distillation of a large model into a small one (section 2.2, SLM-d): a mixture of the true token's loss and the
 * cross-entropy against the teacher's next-token distribution (Hinton et al. 2015). The paper states neither the
 * weight of the mixture nor the temperature: both are settings of ours.
 *
 * Weighed: computing the teacher's distributions once and storing them takes a vocabulary of numbers for each token;
 * here the frozen teacher is part of the step's graph and lies in the same state, its names prefixed.
 */
import type { ModelSize } from '../common/model-size.ts';
import { type Flops, flops } from '../common/units.ts';
import type { HostTensor } from '../engines/engine.ts';
import {
  add,
  gather,
  linearCrossEntropy,
  matmul,
  multiply,
  reduceSum,
  slice,
  softmax,
  subtract,
} from '../graph/build.ts';
import type { Tensor } from '../graph/tensor.ts';
import { frozenParameterization } from '../models/parameterization.ts';
import { inferenceFlopsPerToken, outputHead, trainingFlopsPerToken } from '../models/size.ts';
import { hiddenStates } from '../models/transformer.ts';
import type { Objective } from './step.ts';

export interface DistillationSettings {
  /** The share of the teacher's distribution in the loss, from 0 (the true token only) to 1. */
  readonly weight: number;
  /** Both distributions are softened to softmax(logits / temperature). */
  readonly temperature: number;
}

const TEACHER = 'teacher.';

/** A teacher's weights as the state of a distillation holds them, beside the student's. */
export const teacherState = (
  weights: Readonly<Record<string, HostTensor>>,
): Readonly<Record<string, HostTensor>> =>
  Object.fromEntries(Object.entries(weights).map(([name, tensor]) => [TEACHER + name, tensor]));

/**
 * (1 - weight) * l + weight * temperature^2 * c, in nats: l the next-token loss, c = -sum_v p_v log q_v with the
 * teacher's p and the student's q at the temperature. The factor temperature^2 keeps the size of the gradient.
 * Both have one tokenizer; rows of an embedding beyond those that both have are no tokens of it, and the teacher gives them
 * no probability.
 */
export function distillation(
  student: ModelSize,
  teacher: ModelSize,
  settings: DistillationSettings,
): Objective {
  const { weight, temperature } = settings;
  if (!(weight >= 0 && weight <= 1)) throw new RangeError(`A weight of ${weight} is not from 0 to 1.`);
  if (!(temperature > 0)) throw new RangeError(`A temperature of ${temperature} is not above 0.`);
  const teacherParameters = frozenParameterization(teacher, TEACHER);
  const rows = Math.min(student.vocabulary, teacher.vocabulary);
  const shared = (head: Tensor, { vocabulary }: ModelSize) =>
    vocabulary === rows ? head : slice(head, 0, 0, rows);
  return ({ size, weights, ids, targets, batch }) => {
    const hidden = hiddenStates(size, weights, ids, batch);
    const head = weights.weight(outputHead(size));
    const hard = linearCrossEntropy(hidden, head, targets);
    const teacherHidden = hiddenStates(teacher, teacherParameters, ids, batch);
    const distribution = softmax(
      matmul(teacherHidden, shared(teacherParameters.weight(outputHead(teacher)), teacher), {
        transposeB: true,
        scale: 1 / temperature,
      }),
    );
    const softened = temperature === 1 ? hidden : multiply(hidden, 1 / temperature);
    const nextToken = temperature === 1 ? hard : linearCrossEntropy(softened, head, targets);
    const away = subtract(gather(head, targets), matmul(distribution, shared(head, size)));
    const soft = crossEntropy(softened, away, nextToken);
    return add(multiply(hard, 1 - weight), multiply(soft, weight * temperature ** 2));
  };
}

/**
 * -sum_v p_v log softmax(z)_v = logsumexp(z) - sum_v p_v z_v for z = x H^T: [n]. No logits are needed: logsumexp(z) is
 * l_t + z_t for the loss l_t of any token t, and z_t - sum_v p_v z_v is the product of x with `away`, h_t - sum_v p_v h_v.
 */
function crossEntropy(x: Tensor, away: Tensor, losses: Tensor): Tensor {
  return add(losses, reduceSum(multiply(x, away), [1]));
}

/**
 * Training the student, running the teacher, and the products with the output head that the teacher's distribution
 * adds: one and its gradient, and at a temperature other than one a second softmax, forward and backward.
 */
export function distillationFlopsPerToken(
  student: ModelSize,
  teacher: ModelSize,
  { temperature }: DistillationSettings,
): Flops {
  const head = 2 * student.vocabulary * student.width;
  const products = temperature === 1 ? 2 : 5;
  return flops(trainingFlopsPerToken(student) + inferenceFlopsPerToken(teacher) + products * head);
}
