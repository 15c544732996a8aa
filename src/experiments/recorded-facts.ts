/** What runs and reports record of an experiment file, and where; follows from the file alone. */
import { dirname, join } from 'node:path';
import type { Json } from '../common/json.ts';
import type { Experiment } from './configuration.ts';

/** Where the reports of an experiment lie, a folder for each run. */
export const reportsFolder = ({ file }: Experiment): string => join(dirname(file), '.parlance', 'reports');

/** What was asked of the methods: all but the corpora, whose fingerprints are recorded apart. */
export function configurationJson({ name, methods, plan }: Experiment): Json {
  const value: Json = JSON.parse(
    JSON.stringify({ name, methods, ...plan, generic: undefined, domains: undefined }),
  );
  return value;
}
