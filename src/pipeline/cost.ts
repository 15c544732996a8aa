/** Sums of costs, and their form on disk. */
import * as z from 'zod';
import type { Cost } from '../budget/ledger.ts';
import { flops, seconds, tokens } from '../common/units.ts';

export const NO_COST: Cost = { flops: flops(0), seconds: seconds(0), tokens: tokens(0) };

export const costSchema = z.object({
  flops: z.number().transform(flops),
  seconds: z.number().transform(seconds),
  tokens: z.number().transform(tokens),
});

export function addCosts(a: Cost, b: Cost): Cost {
  return {
    flops: flops(a.flops + b.flops),
    seconds: seconds(a.seconds + b.seconds),
    tokens: tokens(a.tokens + b.tokens),
  };
}
