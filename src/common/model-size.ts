/** The size of a model, as every room of the house knows it. */
import * as z from 'zod';

const count = z.number();

/** What of a model's size an experiment sets for each model. */
export const modelShapeSchema = z.strictObject({
  layers: count,
  width: count,
  heads: count,
  feedForward: count,
});
export type ModelShape = Readonly<z.infer<typeof modelShapeSchema>>;

/** A Llama-style transformer with tied embeddings: the largest `context` is also the longest window. */
export interface ModelSize extends ModelShape {
  readonly context: number;
  readonly vocabulary: number;
}
