/** Commands that are to be copied into a shell, so quoted as one reads them; above all the one that runs an experiment again as it was run. */
import { resolve } from 'node:path';

export interface RunFlags {
  readonly preset?: string;
  readonly storage?: string;
  readonly threads?: number;
  readonly engine?: string;
  readonly python?: string;
  readonly on?: string;
  readonly ignoreLostLabels?: boolean;
}

/** `path` is an experiment file or its folder. Of the flags those that were given are repeated; paths are made absolute. */
export function runCommand(
  path: string,
  flags: RunFlags,
  platform: NodeJS.Platform = process.platform,
): string {
  const { preset, storage, threads, engine, python, on, ignoreLostLabels } = flags;
  const values = {
    preset,
    storage: storage === undefined ? undefined : resolve(storage),
    threads,
    engine,
    python,
    on,
  };
  const words = ['parlance', 'run', resolve(path)];
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined) words.push(`--${name}`, `${value}`);
  }
  if (ignoreLostLabels) words.push('--ignore-lost-labels');
  return shellCommand(words, platform);
}

export function shellCommand(words: readonly string[], platform: NodeJS.Platform = process.platform): string {
  return words.map((word) => quoted(word, platform)).join(' ');
}

/** Nothing is special in single quotes but the quote itself; cmd and PowerShell both take double ones, which no path holds. */
function quoted(word: string, platform: NodeJS.Platform): string {
  if (platform === 'win32') return /^[\w@%+=:,./\\-]+$/.test(word) ? word : `"${word}"`;
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
