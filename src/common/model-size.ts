/** The size of a model, as every room of the house knows it. */
import * as z from 'zod';

const count = z.number();

/** How rotary frequencies are stretched for longer contexts; `transformers` names the kinds so. */
export const rotaryScalingSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('linear'), factor: z.number() }),
  z.strictObject({
    kind: z.literal('llama3'),
    factor: z.number(),
    lowFrequencyFactor: z.number(),
    highFrequencyFactor: z.number(),
    originalContext: count,
  }),
]);
export type RotaryScaling = Readonly<z.infer<typeof rotaryScalingSchema>>;

/** In what a Llama block differs from the one that is trained here from scratch. Models that came in have it. */
export const llamaVariantSchema = z.strictObject({
  /** Grouped-query attention: so many heads of keys and values, each shared by equally many heads of queries. */
  keyValueHeads: count,
  headSize: count,
  /** Whether the output head is the embedding. */
  tied: z.boolean(),
  normEpsilon: z.number(),
  rotaryBase: z.number(),
  rotaryScaling: rotaryScalingSchema.optional(),
  /** Rows of the embedding; its tokenizer may have fewer tokens. */
  vocabulary: count,
  /** The longest context that it was made for; it may be trained on shorter windows. */
  positions: count,
});
export type LlamaVariant = Readonly<z.infer<typeof llamaVariantSchema>>;

/** What of a model's size an experiment sets for each model. */
export const modelShapeSchema = z.strictObject({
  layers: count,
  width: count,
  heads: count,
  feedForward: count,
  variant: llamaVariantSchema.optional(),
});
export type ModelShape = Readonly<z.infer<typeof modelShapeSchema>>;

/** A Llama-style transformer: the largest `context` is also the longest window. */
export interface ModelSize extends ModelShape {
  readonly context: number;
  readonly vocabulary: number;
}

const NORM_EPSILON = 1e-5;
const ROTARY_BASE = 10_000;

/** The block of a model: its variant, or the one of models that are trained from scratch here. */
export function blockOf({
  width,
  heads,
  variant,
}: ModelShape): Omit<LlamaVariant, 'vocabulary' | 'positions'> {
  return (
    variant ?? {
      keyValueHeads: heads,
      headSize: width / heads,
      tied: true,
      normEpsilon: NORM_EPSILON,
      rotaryBase: ROTARY_BASE,
    }
  );
}

export function sameShape(a: ModelShape, b: ModelShape): boolean {
  const text = ({ layers, width, heads, feedForward, variant }: ModelShape): string =>
    JSON.stringify([layers, width, heads, feedForward, variant && llamaVariantSchema.parse(variant)]);
  return text(a) === text(b);
}
