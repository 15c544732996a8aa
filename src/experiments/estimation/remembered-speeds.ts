/**
 * Speeds of training that were measured on this machine, kept with what belongs to its user and to no project: a time
 * is predicted in the next folder too. By what a speed depends on; a newer measurement takes an older one's place.
 */
import { mkdir } from 'node:fs/promises';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { readTextIfThere, writeFileAtomic } from '../../common/files.ts';
import { hashJson } from '../../common/hash.ts';
import { stateFolder } from '../../common/state-folder.ts';
import type { ExperimentPlan, ModelName } from '../../methods/experiment-plan.ts';
import type { Calibration } from './calibration.ts';

export type KnownSpeed = Omit<Calibration, 'steps'>;

export interface SpeedSubject {
  readonly plan: ExperimentPlan;
  readonly engineName: string;
  readonly threads: number;
}

const schema = z.record(
  z.string(),
  z.object({
    trainingTokensPerSecond: z.number(),
    flopsPerSecond: z.number(),
    compileSeconds: z.number(),
    standIn: z.object({ parameterCount: z.number() }).optional(),
    measured: z.string(),
  }),
);
type Remembered = z.infer<typeof schema>;

/** Raised when training becomes faster or slower by so much that what was measured before says little. */
const VERSION = 1;

export async function rememberedSpeeds(
  subject: SpeedSubject,
  models: readonly ModelName[],
): Promise<readonly KnownSpeed[]> {
  const all = await read();
  return models.flatMap((model): KnownSpeed[] => {
    const known = all[keyOf(subject, model)];
    if (known === undefined) return [];
    const { measured: _, ...speed } = known;
    return [{ model, ...speed }];
  });
}

/** What cannot be written is measured again. */
export async function rememberSpeeds(subject: SpeedSubject, speeds: readonly KnownSpeed[]): Promise<void> {
  if (speeds.length === 0) return;
  const all: Remembered = { ...(await read()) };
  const measured = new Date().toISOString();
  for (const { model, trainingTokensPerSecond, flopsPerSecond, compileSeconds, standIn } of speeds) {
    all[keyOf(subject, model)] = {
      trainingTokensPerSecond,
      flopsPerSecond,
      compileSeconds,
      standIn,
      measured,
    };
  }
  const write = async () => {
    await mkdir(dirname(file()), { recursive: true });
    await writeFileAtomic(file(), `${JSON.stringify(all, undefined, 2)}\n`);
  };
  await write().catch(() => undefined);
}

const file = (): string => join(stateFolder(), 'speeds.json');

async function read(): Promise<Remembered> {
  try {
    const text = await readTextIfThere(file());
    return text === undefined ? {} : schema.parse(JSON.parse(text));
  } catch {
    return {};
  }
}

function keyOf({ plan, engineName, threads }: SpeedSubject, model: ModelName): string {
  return hashJson({
    version: VERSION,
    processor: cpus()[0]?.model ?? '',
    engine: engineName,
    threads,
    model: { ...plan.models[model] },
    context: plan.context,
    vocabulary: plan.vocabulary,
    batchTokens: plan.pretraining.batchTokens,
    microBatchTokens: plan.microBatchTokens ?? null,
  });
}
