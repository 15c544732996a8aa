/**
 * What a folder holds in the way of text: by folder and by kind of file, with counts and sizes; from file names alone,
 * nothing is read. Bounded, so that a folder of millions of files is looked at in a few seconds too.
 */
import { existsSync } from 'node:fs';
import { dirname, extname, join, resolve } from 'node:path';
import { limits } from '../../corpus/reading/cleaning.ts';
import type { FoundFile } from '../../corpus/sources/found-file.ts';
import { listFiles } from '../../corpus/sources/sources.ts';
import { WEIGHTS_FILE, WEIGHTS_INDEX_FILE } from '../../formats/model-folder.ts';
import type { ExperimentFile } from '../config/experiment-file.ts';

export type FileSource = ExperimentFile['domains'][number]['sources'][number];

/** Files that could be a corpus: a source of an experiment file. */
export interface TextPlace {
  /** Relative to the folder looked at, with forward slashes; `.` for itself. */
  readonly path: string;
  readonly include?: readonly string[];
  /** What an experiment file says where no place of the folder is just that; `path` is the first of them. */
  readonly sources?: readonly FileSource[];
  readonly files: number;
  readonly bytes: number;
  /** Fewer documents than a domain needs, as far as names tell: a file of records may hold any number. */
  readonly isTooFew?: true;
}

/** A place in the words of an experiment file. */
export function sourcesOf({ path, include, sources }: TextPlace): FileSource[] {
  return sources === undefined ? [{ path, ...(include && { include: [...include] }) }] : [...sources];
}

/** One to train on, one for validation, one held out. */
export const FEWEST_DOCUMENTS = 3;

export interface WorkspaceFacts {
  /** Absolute. */
  readonly root: string;
  /** The whole, folders and kinds of files, the likeliest first. */
  readonly places: readonly TextPlace[];
  readonly files: number;
  readonly bytes: number;
  /** False when there were more files than were looked at. */
  readonly complete: boolean;
}

export const FILE_LIMIT = 100_000;
/** A kind of file is offered by itself from so many files on. */
const KIND_FILES = 3;

/** Throws InputError when the folder is not there. */
export async function workspaceFacts(
  root: string,
  signal?: AbortSignal,
  limit = FILE_LIMIT,
): Promise<WorkspaceFacts> {
  const { files } = await listFiles([{ path: root }], signal, limit);
  const text = textAmong(files, root);
  return {
    root,
    places: placesOf(text),
    files: text.length,
    bytes: bytesOf(text),
    complete: files.length < limit,
  };
}

/** The text of these sources of an experiment file in `root`. Throws InputError when one is not there. */
export async function textOf(
  root: string,
  sources: readonly FileSource[],
  signal?: AbortSignal,
): Promise<Pick<TextPlace, 'files' | 'bytes' | 'isTooFew'>> {
  const resolved = sources.map((source) => ({ ...source, path: resolve(root, source.path) }));
  const { files } = await listFiles(resolved, signal, FILE_LIMIT);
  return amountOf(textAmong(files, root));
}

function textAmong(files: readonly FoundFile[], root: string): readonly FoundFile[] {
  const isOfModel = besideWeights(root);
  return files.filter(
    ({ absolute, size }) =>
      size > 0 && absolute !== join(root, 'parlance.json') && !isOfModel(dirname(absolute)),
  );
}

/** Whether a folder is a model's, but for the root: a text in it is its card, or a part of its tokenizer. */
function besideWeights(root: string): (folder: string) => boolean {
  const known = new Map([[root, false]]);
  return (folder) => {
    const names = [WEIGHTS_FILE, WEIGHTS_INDEX_FILE];
    const isModel = known.get(folder) ?? names.some((name) => existsSync(join(folder, name)));
    known.set(folder, isModel);
    return isModel;
  };
}

function placesOf(files: readonly FoundFile[]): readonly TextPlace[] {
  if (files.length === 0) return [];
  const folders = grouped(files, ({ path }) => parentsOf(path));
  const kinds = grouped(files, ({ path }) => [extname(path).toLowerCase()].filter((kind) => kind !== ''));
  const whole: TextPlace = { path: '.', ...amountOf(files) };
  const byFolder = [...folders].map(([path, own]) => ({ path, ...amountOf(own) }));
  const byKind = [...kinds]
    .filter(([, own]) => own.length >= KIND_FILES && own.length < files.length)
    .map(([, own]) => ({ path: '.', include: patternsOf(own), ...amountOf(own) }));
  const bySize = (a: TextPlace, b: TextPlace): number => b.bytes - a.bytes;
  return [...byFolder.sort(bySize), ...byKind.sort(bySize), whole];
}

/** `*.txt` and `*.TXT`, as the files have it: patterns tell large letters from small ones. */
function patternsOf(files: readonly FoundFile[]): readonly string[] {
  return [...new Set(files.map(({ path }) => `*${extname(path)}`))].sort();
}

/** The folder at the top that a file lies in, and the one in it. */
function parentsOf(path: string): readonly string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.slice(0, 2).map((_, i) => parts.slice(0, i + 1).join('/'));
}

function grouped(
  files: readonly FoundFile[],
  keysOf: (file: FoundFile) => readonly string[],
): Map<string, FoundFile[]> {
  const groups = new Map<string, FoundFile[]>();
  for (const file of files) {
    for (const key of keysOf(file)) {
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [file]);
      else group.push(file);
    }
  }
  return groups;
}

function amountOf(files: readonly FoundFile[]): Pick<TextPlace, 'files' | 'bytes' | 'isTooFew'> {
  const holdRecords = files.some(({ format }) => /^(jsonl|parquet)/.test(format));
  const isTooFew = !holdRecords && documentsIn(files) < FEWEST_DOCUMENTS;
  return { files: files.length, bytes: bytesOf(files), ...(isTooFew && { isTooFew }) };
}

/** A large text is cut into several documents; a page is not. */
function documentsIn(files: readonly FoundFile[]): number {
  return files.reduce((sum, { format, size }) => {
    const parts = format === 'html' ? 1 : Math.ceil(size / limits.documentBytes);
    return sum + Math.max(1, parts);
  }, 0);
}

const bytesOf = (files: readonly FoundFile[]): number => files.reduce((sum, { size }) => sum + size, 0);
