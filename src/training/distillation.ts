/**
 * Distillation of a large model into a small one (section 2.2, SLM-d): a mixture of the true token's loss and the
 * cross-entropy against the teacher's next-token distribution (Hinton et al. 2015). The paper states neither the
 * weight of the mixture nor the temperature: both are settings of ours.
 *
 * Weighed: computing the teacher's distributions once and storing them takes a vocabulary of numbers for each token;
 * here the frozen teacher is part of the step's graph and lies in the same state, its names prefixed.
 */
import { InputError } from '../common/errors.ts';
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
  softmax,
  subtract,
} from '../graph/build.ts';
import type { Tensor } from '../graph/tensor.ts';
import { frozenParameterization } from '../models/parameterization.ts';
import { inferenceFlopsPerToken, outputHead, trainingFlopsPerToken } from '../models/size.ts';
import { hiddenStates } from '../models/transformer.ts';
import type { MicroBatch, Objective } from './step.ts';

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
 * Throws an InputError for a teacher of another vocabulary.
 */
export function distillation(
  student: ModelSize,
  teacher: ModelSize,
  settings: DistillationSettings,
): Objective {
  requireOneVocabulary(student, teacher);
  const { weight, temperature } = settings;
  if (!(weight >= 0 && weight <= 1)) throw new RangeError(`A weight of ${weight} is not from 0 to 1.`);
  if (!(temperature > 0)) throw new RangeError(`A temperature of ${temperature} is not above 0.`);
  const teacherParameters = frozenParameterization(teacher, TEACHER);
  return ({ size, weights, ids, targets, batch }) => {
    const hidden = hiddenStates(size, weights, ids, batch);
    const head = weights.weight(outputHead(size));
    const hard = linearCrossEntropy(hidden, head, targets);
    const teacherHidden = hiddenStates(teacher, teacherParameters, ids, batch);
    const distribution = softmax(
      matmul(teacherHidden, teacherParameters.weight(outputHead(teacher)), {
        transposeB: true,
        scale: 1 / temperature,
      }),
    );
    const softened = temperature === 1 ? hidden : multiply(hidden, 1 / temperature);
    const nextToken = temperature === 1 ? hard : linearCrossEntropy(softened, head, targets);
    const soft = crossEntropy(softened, head, distribution, { targets, losses: nextToken });
    return add(multiply(hard, 1 - weight), multiply(soft, weight * temperature ** 2));
  };
}

/**
 * -sum_v p_v log softmax(z)_v = logsumexp(z) - sum_v p_v z_v for z = x H^T: [n]. No logits are needed: logsumexp(z) is
 * l_t + z_t for the loss l_t of any token t, and both sums over z are products with x.
 */
function crossEntropy(
  x: Tensor,
  head: Tensor,
  distribution: Tensor,
  { targets, losses }: { readonly targets: MicroBatch['targets']; readonly losses: Tensor },
): Tensor {
  const away = subtract(gather(head, targets), matmul(distribution, head));
  return add(losses, reduceSum(multiply(x, away), [1]));
}

function requireOneVocabulary(student: ModelSize, teacher: ModelSize): void {
  if (student.vocabulary === teacher.vocabulary) return;
  throw new InputError(
    `The teacher predicts ${teacher.vocabulary} tokens and the student ${student.vocabulary}.`,
    'Distil from a model of the same tokenizer.',
  );
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
