/** How the weights of an exported model are kept, and what became of them. Pure. */
import { InputError } from '../../common/errors.ts';
import type { FloatType } from '../../formats/float-types.ts';
import { type GgufTensorType, TENSOR_TYPES } from '../../formats/gguf/format.ts';
import { sizeOf } from '../../graph/tensor.ts';
import type { StoredWeight } from '../../models/checkpoint-folder.ts';
import type { WeightType } from './formats.ts';

export interface KeptWeights {
  /** Of most of them. */
  readonly type: WeightType;
  /** As they were read. */
  readonly stored: readonly FloatType[];
  /** The share of the weights of matrices that Q8_0 has no place for: they are kept as float16. */
  readonly halfShare: number;
}

const GGUF_TYPES = { f32: 'F32', f16: 'F16', q8_0: 'Q8_0' } as const;

/** Weights of one dimension stay float32 whatever the type, and rows that are no multiple of its block become float16. */
export function ggufType(shape: readonly number[], type: WeightType): GgufTensorType {
  if (shape.length === 1) return 'F32';
  const wanted = GGUF_TYPES[type];
  return shape[shape.length - 1] % TENSOR_TYPES[wanted].block === 0 ? wanted : 'F16';
}

/** Throws InputError where no weight at all can be kept in the type. */
export function keptWeights(
  weights: readonly Pick<StoredWeight, 'shape' | 'type'>[],
  type: WeightType,
): KeptWeights {
  const matrices = weights.filter(({ shape }) => shape.length > 1);
  const amount = (some: typeof matrices) => some.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const isHalved = ({ shape }: (typeof matrices)[number]) => ggufType(shape, type) !== GGUF_TYPES[type];
  const halfShare = amount(matrices.filter(isHalved)) / amount(matrices);
  if (halfShare === 1) {
    throw new InputError(
      `None of the weights of this model can be kept as ${type}: no row is a multiple of ${TENSOR_TYPES[GGUF_TYPES[type]].block} long.`,
      'Export it as f16.',
    );
  }
  return { type, stored: [...new Set(weights.map((one) => one.type))].sort(), halfShare };
}

const STORED_IN_WORDS: Readonly<Record<FloatType, string>> = {
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
};

export function keptInWords({ type, stored, halfShare }: KeptWeights): string {
  const before = stored.map((one) => STORED_IN_WORDS[one]).join(' and ');
  if (type === 'q8_0') {
    const percent = Number((100 * halfShare).toPrecision(2));
    const others =
      halfShare === 0 ? '' : `; ${percent} % of them, in rows that are no multiple of 32 long, as float16`;
    return `Q8_0, eight bits each with a scale for every 32, rounded from ${before}${others}`;
  }
  const name = type === 'f32' ? 'float32' : 'float16';
  if (before === name) return `${name}, as they were`;
  return type === 'f32' ? `float32, exactly as they were in ${before}` : `float16, rounded from ${before}`;
}
