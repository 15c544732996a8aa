/** Paths as Parlance writes and compares them. */
import { sep } from 'node:path';

/** A path of this system with forward slashes. On POSIX a backslash is a sign of a file's name and stays. */
export function slashed(path: string): string {
  return sep === '/' ? path : path.split(sep).join('/');
}
