/**
 * What ONNX Runtime's profiler tells: it writes one JSON file of trace events when profiling ends and chooses part
 * of the file's name itself, which is why each profiled session gets a folder of its own.
 */
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { OperationTime } from '../engine.ts';

/** A trace event; durations are in microseconds. */
const traceEvent = z.object({
  cat: z.string().optional(),
  name: z.string().optional(),
  dur: z.number().optional(),
  args: z.object({ op_name: z.string().optional(), provider: z.string().optional() }).optional(),
});

/** The time of each kind of kernel, longest first; removes the folder. */
export async function takeProfile(folder: string): Promise<OperationTime[]> {
  const times = new Map<
    string,
    { operation: string; provider: string; calls: number; microseconds: number }
  >();
  for (const file of await readdir(folder)) {
    const events = z.array(traceEvent).parse(JSON.parse(await readFile(join(folder, file), 'utf8')));
    for (const { cat, name, dur = 0, args } of events) {
      if (cat !== 'Node' || args?.op_name === undefined || !name?.endsWith('_kernel_time')) continue;
      const { op_name: operation, provider = '' } = args;
      const key = `${operation} ${provider}`;
      const { calls, microseconds } = times.get(key) ?? { calls: 0, microseconds: 0 };
      times.set(key, { operation, provider, calls: calls + 1, microseconds: microseconds + dur });
    }
  }
  await rm(folder, { recursive: true, force: true });
  return [...times.values()]
    .map(({ microseconds, ...rest }) => ({ ...rest, milliseconds: microseconds / 1000 }))
    .sort((a, b) => b.milliseconds - a.milliseconds);
}
