/** The labels file as it is now: read again when it changed; while it cannot be read, the labels before hold. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../common/errors.ts';
import { type LabelEntry, readLabels } from '../corpus/labels/labels.ts';

/** The absolute paths whose labels may differ, or all files. */
export type LabelChange = ReadonlySet<string> | 'all files';

export class LabelsWatch {
  readonly file: string;
  readonly #root: string;
  #entries: readonly LabelEntry[] = [];
  #problem: InputError | undefined;
  #signature = '';

  constructor(root: string) {
    this.#root = root;
    this.file = join(root, '.parlance', 'labels.json');
  }

  get entries(): readonly LabelEntry[] {
    return this.#entries;
  }

  /** Why the file cannot be read at present. */
  get problem(): InputError | undefined {
    return this.#problem;
  }

  /** Reads the file if it changed; tells whose labels may differ, and `undefined` when nothing changed at all. */
  async refresh(): Promise<LabelChange | undefined> {
    const signature = await fileSignature(this.file);
    if (signature === this.#signature) return undefined;
    this.#signature = signature;
    const before = this.#entries;
    try {
      this.#entries = await readLabels(this.file);
      this.#problem = undefined;
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      this.#problem = error;
    }
    return this.#difference(before, this.#entries);
  }

  #difference(before: readonly LabelEntry[], after: readonly LabelEntry[]): LabelChange {
    const globs = (entries: readonly LabelEntry[]) =>
      JSON.stringify(entries.filter(({ glob }) => glob !== undefined));
    if (globs(before) !== globs(after)) return 'all files';
    const [old, now] = [byPath(before), byPath(after)];
    const changed = [...old.keys(), ...now.keys()].filter((path) => old.get(path) !== now.get(path));
    return new Set(changed.map((path) => join(this.#root, path)));
  }
}

/** Changes whenever a file's content may have; empty when there is none. */
export async function fileSignature(file: string): Promise<string> {
  return stat(file).then(
    ({ mtimeMs, ctimeMs, size, ino }) => `${mtimeMs} ${ctimeMs} ${size} ${ino}`,
    () => '',
  );
}

/** What the entries of each path say, as text. */
function byPath(entries: readonly LabelEntry[]): Map<string, string> {
  const texts = new Map<string, string>();
  for (const entry of entries) {
    if (entry.path !== undefined)
      texts.set(entry.path, (texts.get(entry.path) ?? '') + JSON.stringify(entry));
  }
  return texts;
}
