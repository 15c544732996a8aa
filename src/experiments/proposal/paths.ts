/** Paths as an experiment file has them. */
import { isAbsolute, relative } from 'node:path';
import { slashed } from '../../common/slashes.ts';

/** Relative to the file's folder where there is such a path, with forward slashes; else absolute. */
export function pathFrom(folder: string, chosen: string): string {
  const path = relative(folder, chosen);
  return path === '' ? '.' : isAbsolute(path) ? chosen : slashed(path);
}
