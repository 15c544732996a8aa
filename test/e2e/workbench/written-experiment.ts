import { existsSync, readFileSync } from 'node:fs';
import { until } from '../../support/waiting.ts';

/** What the experiment file says once it is there whole: the editor makes a file before it writes into it. */
export async function writtenExperiment(file: string) {
  await until(file, () => existsSync(file) && readFileSync(file, 'utf8').endsWith('}\n'));
  return JSON.parse(readFileSync(file, 'utf8'));
}
