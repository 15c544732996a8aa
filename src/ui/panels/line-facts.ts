/** What lines of held-out perplexity over tokens need of what an experiment, or a recorded run, asks for. */
import * as z from 'zod';
import type { Json } from '../../common/json.ts';
import type { ToPanel } from '../../panel-protocol/messages.ts';

type LineFacts = Pick<Extract<ToPanel, { type: 'lines' }>, 'batchTokens' | 'given'>;

const lineFactsSchema = z.object({
  fineTuning: z.object({ batchTokens: z.number() }),
  from: z.object({ small: z.unknown(), large: z.unknown() }).partial().optional(),
});

export function lineFacts({ fineTuning, from = {} }: z.infer<typeof lineFactsSchema>): LineFacts {
  const given = (['small', 'large'] as const).filter((name) => from[name] !== undefined);
  return { batchTokens: fineTuning.batchTokens, given };
}

/** Every configuration that can be compared has them. */
export function recordedLineFacts(configuration: Json): LineFacts | undefined {
  const { success, data } = lineFactsSchema.safeParse(configuration);
  return success ? lineFacts(data) : undefined;
}
