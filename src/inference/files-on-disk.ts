/** Whether the files that a model was read from are still what they were. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';

export type FilesOnDisk = 'same' | 'replaced' | 'gone';

/** Remembers the files as they are now; what it answers with looks at them again. */
export async function rememberFiles(
  folder: string,
  names: readonly string[],
): Promise<() => Promise<FilesOnDisk>> {
  const before = await marksOf(folder, names);
  return async () => {
    const now = await marksOf(folder, names);
    if (now === undefined) return 'gone';
    return now === before ? 'same' : 'replaced';
  };
}

/** Not by their inodes: some network file systems give new ones. `undefined` when a file cannot be reached. */
async function marksOf(folder: string, names: readonly string[]): Promise<string | undefined> {
  try {
    const found = await Promise.all(names.map((name) => stat(join(folder, name))));
    return found.map(({ size, mtimeMs }) => `${size} ${mtimeMs}`).join('\n');
  } catch {
    return undefined;
  }
}
