/**
 * What a host and its computation, a process of its own, say to each other. Two processes: the host answers at once
 * whatever the engine is doing, and memory that a pause should free is free for certain when the process is gone.
 * Checked on both sides.
 */
import * as z from 'zod';
import { runEventSchema } from '../experiments/runs/events.ts';

/** What a host is started with, on its command line. */
export const hostStartSchema = z.object({
  storage: z.string(),
  run: z.string(),
  /** What is asked; absent when the run has a record already. */
  request: z
    .object({
      experimentFile: z.string(),
      methods: z.array(z.string()).min(1),
      engine: z.string(),
      ignoreLostLabels: z.boolean().optional(),
      on: z.enum(['slurm']).optional(),
    })
    .optional(),
  queueFolder: z.string(),
  /** How many runs compute at once on this machine. */
  parallel: z.int().min(1),
  /** Ends an interrupted run with what it has, instead of going on. */
  keepBest: z.boolean(),
});
export type HostStart = z.infer<typeof hostStartSchema>;

/** The host's first and only words to the process that starts it. */
export const hostReplySchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('started') }),
  z.object({ type: z.literal('refused'), message: z.string(), hint: z.string() }),
]);
export type HostReply = z.infer<typeof hostReplySchema>;

/** What a computation is started with. `keep-best` leaves what an interrupted training has reached as a model. */
export const computationStartSchema = z.object({
  task: z.enum(['compute', 'keep-best']),
  storage: z.string(),
  run: z.string(),
  threads: z.int().min(1),
});
export type ComputationStart = z.infer<typeof computationStartSchema>;

/** The host asks the computation to save a checkpoint and end. */
export const stopSchema = z.object({ type: z.literal('stop') });

export const computationMessageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('event'), event: runEventSchema }),
  z.object({
    type: z.literal('progress'),
    fraction: z.number().optional(),
    secondsLeft: z.number().optional(),
    residentBytes: z.number(),
  }),
  /** What a cluster does with the run's jobs, for people. */
  z.object({ type: z.literal('note'), text: z.string() }),
  /** Why no job of the run is at work; without a reason one is. */
  z.object({ type: z.literal('standstill'), why: z.string().optional() }),
  /** The last words. `peakBytes` is what all the work took, where no part of it was reused. */
  z.object({
    type: z.literal('end'),
    state: z.enum(['finished', 'failed', 'interrupted']),
    message: z.string(),
    hint: z.string(),
    peakBytes: z.number().optional(),
  }),
]);
export type ComputationMessage = z.infer<typeof computationMessageSchema>;
export type ComputationEnd = Extract<ComputationMessage, { type: 'end' }>;

/** Resolves when the process that started this one has it, or is gone. */
export function tellParent(news: HostReply | ComputationMessage): Promise<void> {
  return new Promise((done) => {
    if (process.send === undefined || !process.connected) return done();
    process.send(news, undefined, undefined, () => done());
  });
}
