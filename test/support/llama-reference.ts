/** The tiny Llama model that PyTorch computed in float64 (bench/peers/fixture.py): weights, loss, logits, gradients. */
import { readFileSync } from 'node:fs';
import * as z from 'zod';

const tensor = z.object({ shape: z.array(z.number()), values: z.array(z.number()) });

const schema = z.object({
  config: z.object({
    vocabulary: z.number(),
    width: z.number(),
    layers: z.number(),
    heads: z.number(),
    feedForward: z.number(),
    context: z.number(),
  }),
  tokens: z.array(z.array(z.number())),
  targets: z.array(z.array(z.number())),
  loss: z.number(),
  logits: tensor,
  weights: z.record(z.string(), tensor),
  gradients: z.record(z.string(), tensor),
});

const file = new URL('../fixtures/llama-reference.json', import.meta.url);
const { config, ...reference } = schema.parse(JSON.parse(readFileSync(file, 'utf8')));
const { feedForward, layers, width, heads, context, vocabulary } = config;

export const llamaReference = {
  ...reference,
  size: { layers, width, heads, feedForward, context, vocabulary },
  batch: { rows: reference.tokens.length, length: context },
};
