/** What runs and reports record of an experiment file, and where; follows from the file alone. */
import { dirname, join } from 'node:path';
import { ResourceError, systemErrorCode } from '../../common/errors.ts';
import { requireWritable } from '../../common/files.ts';
import type { Json } from '../../common/json.ts';
import type { Experiment } from './experiment.ts';

/** Where the reports of an experiment lie, a folder for each run. */
export const reportsFolder = ({ file }: Experiment): string => join(dirname(file), '.parlance', 'reports');

/**
 * Where a run's report goes: beside the experiment file, or into the storage where that folder may not be written. Made if
 * need be. Throws `ResourceError` when neither can be.
 */
export async function writableReportsFolder(experiment: Experiment, storage: string): Promise<string> {
  const beside = reportsFolder(experiment);
  try {
    await requireWritable(beside);
    return beside;
  } catch (error) {
    if (!isRefused(error)) throw error;
    const inStorage = join(storage, 'reports');
    await requireWritable(inStorage);
    return inStorage;
  }
}

function isRefused(error: unknown): boolean {
  const code = error instanceof ResourceError ? systemErrorCode(error.cause) : undefined;
  return code === 'EACCES' || code === 'EPERM' || code === 'EROFS';
}

/** What was asked of the methods: all but the corpora, whose fingerprints are recorded apart, and where models lie. */
export function configurationJson({ name, methods, plan }: Experiment): Json {
  const given = Object.entries(plan.from).map(([model, { content, flops }]) => [model, { content, flops }]);
  const from = given.length > 0 ? Object.fromEntries(given) : undefined;
  const value: Json = JSON.parse(
    JSON.stringify({ name, methods, ...plan, from, generic: undefined, domains: undefined }),
  );
  return value;
}
