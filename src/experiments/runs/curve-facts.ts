/** Curves of training as plain data, for who draws them. Pure. */
import * as z from 'zod';

const numbers = z.array(z.number());

/** One training as a curve; its points come by themselves. */
export const curveFactsSchema = z.object({
  /** Fingerprint of the stage. */
  id: z.string(),
  kind: z.enum(['pretraining', 'fine-tuning']),
  /** Ids; a shared pretraining has several. */
  methods: z.array(z.string()),
  seed: z.number().optional(),
  /** The stage's own name. */
  label: z.string(),
  state: z.enum(['training', 'finished', 'stopped']),
  /** Steps that it is planned for; of fine-tuning the most, because validation ends it. */
  steps: z.number().optional(),
});
export type CurveFacts = z.infer<typeof curveFactsSchema>;

/** Points of a curve; each list has one entry a point. Losses are nats a token; costs are those of this stage. */
export const curvePointsSchema = z.object({
  step: numbers,
  tokens: numbers,
  flops: numbers,
  seconds: numbers,
  loss: numbers,
});
export type CurvePoints = z.infer<typeof curvePointsSchema>;
