/**
 * What labelled files held when they were last seen, so that a file or folder that was renamed outside of the editor is
 * found by its content. It is kept in the storage for the next time the workspace is opened.
 */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import * as z from 'zod';
import { writeFileAtomic } from '../../common/files.ts';
import { pathMatcher } from '../sources/globs.ts';
import { markStorage } from '../sources/own-output.ts';
import { type LabelEntry, protectsText } from './labels.ts';
import { type LostLabel, shown } from './lost-labels.ts';

/** Files of patterns, all in all: of a folder some are enough to know it again. */
const mostOfPatterns = 1000;
/** Of a folder that is gone so many files are looked for. */
const mostOfFolder = 20;
/** Larger files are known by their names alone. */
const largestBytes = 64 * 1024 * 1024;

const seenSchema = z.object({
  bytes: z.number(),
  /** Milliseconds since 1970. */
  modified: z.number(),
  sha256: z.string(),
});
const memorySchema = z.record(z.string(), seenSchema);
type Seen = z.infer<typeof seenSchema>;
type Candidates = ReadonlyMap<number, readonly string[]>;

/** A file as it was found, by its absolute path. */
export interface ListedFile {
  readonly path: string;
  readonly bytes: number;
}

export class LabelledFiles {
  readonly #root: string;
  readonly #storage: string;
  readonly #file: string;
  readonly #mayKeep: () => boolean;
  #seen = new Map<string, Seen>();
  readonly #hashed = new Map<string, Seen>();
  #isRead = false;

  /** `root` is the folder that labels are relative to; `mayKeep` tells whether the storage may be read and written. */
  constructor(root: string, storage: string, mayKeep: () => boolean) {
    this.#root = root;
    this.#storage = storage;
    this.#file = join(storage, 'cache', 'labelled-files.json');
    this.#mayKeep = mayKeep;
  }

  /** Looks at the files that entries speak of; those that are gone stay known while an entry does. */
  async look(entries: readonly LabelEntry[], files: readonly ListedFile[]): Promise<void> {
    await this.#read();
    const before = JSON.stringify([...this.#seen]);
    const own = new Set(entries.flatMap(({ path }) => path ?? []));
    const globs = entries.filter(protectsText).flatMap(({ glob }) => glob ?? []);
    const keptOut = pathMatcher(globs);
    const known = [...this.#seen.keys()].filter((path) => own.has(path) || keptOut(path));
    // Without such a pattern the files, which may be many, need not be looked through.
    const ofPatterns = (globs.length === 0 ? [] : files)
      .flatMap(({ path }) => this.#keyOf(path) ?? [])
      .filter(keptOut)
      .slice(0, mostOfPatterns);
    const seen = new Map<string, Seen>();
    for (const path of new Set([...known, ...own, ...ofPatterns])) {
      const now = (await this.#look(path)) ?? this.#seen.get(path);
      if (now !== undefined) seen.set(path, now);
    }
    this.#seen = seen;
    if (JSON.stringify([...seen]) !== before) await this.#write();
  }

  /** The lost labels, with what holds the same text now as the likeliest names. */
  async findAgain(lost: readonly LostLabel[], files: readonly ListedFile[]): Promise<readonly LostLabel[]> {
    if (lost.length === 0) return lost;
    const candidates = this.#bySize(files);
    const found: LostLabel[] = [];
    for (const one of lost) {
      const { kind, name, likely } = one;
      const alike = kind === 'file' ? await this.#holdersOf(name, candidates) : [];
      const folders = kind === 'folder' ? await this.#foldersLike(name, candidates) : [];
      found.push({ ...one, likely: [...new Set([...alike, ...folders, ...likely])].slice(0, shown) });
    }
    return found;
  }

  /** Keys of the files without a label, by their size. */
  #bySize(files: readonly ListedFile[]): Candidates {
    const found = new Map<number, string[]>();
    for (const { path, bytes } of files) {
      const key = this.#keyOf(path);
      if (key === undefined || this.#seen.has(key)) continue;
      const same = found.get(bytes);
      if (same === undefined) found.set(bytes, [key]);
      else same.push(key);
    }
    return found;
  }

  async #holdersOf(path: string, candidates: Candidates): Promise<string[]> {
    const wanted = this.#seen.get(path);
    if (wanted === undefined) return [];
    const holders: string[] = [];
    for (const key of candidates.get(wanted.bytes) ?? []) {
      if ((await this.#look(key))?.sha256 === wanted.sha256) holders.push(key);
    }
    return holders;
  }

  /** Folders that hold half of a folder's files at least, at the same places in them. */
  async #foldersLike(folder: string, candidates: Candidates): Promise<string[]> {
    const inFolder = [...this.#seen.keys()]
      .filter((path) => path.startsWith(`${folder}/`))
      .slice(0, mostOfFolder);
    const votes = new Map<string, number>();
    for (const path of inFolder) {
      const rest = path.slice(folder.length);
      for (const holder of await this.#holdersOf(path, candidates)) {
        if (!holder.endsWith(rest)) continue;
        const at = holder.slice(0, -rest.length);
        votes.set(at, (votes.get(at) ?? 0) + 1);
      }
    }
    return [...votes].filter(([, count]) => 2 * count >= inFolder.length).map(([name]) => name);
  }

  /** What a file holds now; `undefined` when it is gone or too large. */
  async #look(path: string): Promise<Seen | undefined> {
    const absolute = join(this.#root, path);
    try {
      const { size, mtimeMs: modified } = await stat(absolute);
      if (size > largestBytes) return undefined;
      const known = this.#seen.get(path) ?? this.#hashed.get(path);
      if (known?.bytes === size && known.modified === modified) return known;
      const sha256 = createHash('sha256')
        .update(await readFile(absolute))
        .digest('hex');
      const seen = { bytes: size, modified, sha256 };
      this.#hashed.set(path, seen);
      return seen;
    } catch {
      return undefined;
    }
  }

  async #read(): Promise<void> {
    if (this.#isRead || !this.#mayKeep()) return;
    this.#isRead = true;
    try {
      const text = await readFile(this.#file, 'utf8');
      this.#seen = new Map(Object.entries(memorySchema.parse(JSON.parse(text))));
    } catch {
      // Nothing was kept yet, or it cannot be read: names alone are compared then.
    }
  }

  /** A storage is made for this: a file may be renamed before the first run, while no window is open. */
  async #write(): Promise<void> {
    if (!this.#mayKeep()) return;
    const text = `${JSON.stringify(Object.fromEntries(this.#seen), undefined, 1)}\n`;
    // Where nothing can be written names alone are compared next time.
    await markStorage(this.#storage)
      .then(() => writeFileAtomic(this.#file, text))
      .catch(() => undefined);
  }

  /** The path as labels give it; a file outside of the folder has none. */
  #keyOf(file: string): string | undefined {
    const key = relative(this.#root, file);
    return key === '' || key.startsWith('..') || isAbsolute(key) ? undefined : key.split(sep).join('/');
  }
}
