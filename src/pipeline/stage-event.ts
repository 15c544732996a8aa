/** What the runner tells while stages run; plain JSON, so that the event log keeps it as it is. */
import * as z from 'zod';
import { costSchema } from './cost.ts';

const stageName = { fingerprint: z.string(), kind: z.string(), label: z.string() };

export const stageEventSchema = z.discriminatedUnion('state', [
  /** `resumed`: an earlier attempt left work that this one continues. */
  z.object({ ...stageName, state: z.literal('started'), resumed: z.boolean() }),
  z.object({
    ...stageName,
    state: z.literal('progress'),
    /** From 0 to 1. */
    fraction: z.number(),
    message: z.string(),
    metrics: z.record(z.string(), z.number()).optional(),
  }),
  /** Another process, or another task of this one, computes the same stage; its artifact will be used. */
  z.object({ ...stageName, state: z.literal('waiting'), pid: z.number(), host: z.string() }),
  z.object({ ...stageName, state: z.literal('reused') }),
  /** `cost` is that of all attempts. */
  z.object({ ...stageName, state: z.literal('finished'), cost: costSchema }),
  z.object({ ...stageName, state: z.literal('failed'), message: z.string(), hint: z.string() }),
  z.object({ ...stageName, state: z.literal('interrupted') }),
  /** A damaged artifact or unfinished work was moved to `movedTo`; it is computed anew. */
  z.object({ ...stageName, state: z.literal('quarantined'), message: z.string(), movedTo: z.string() }),
]);
export type StageEvent = z.infer<typeof stageEventSchema>;
