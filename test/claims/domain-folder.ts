/**
 * The text of a domain as an experiment file names it. A folder with `train` and `test` inside holds out the files of
 * `test` and nothing else; any other path is divided as an experiment does it. Training and evaluating are repeated for
 * every point of the grid, so a sample of the files of each is used, the same for all methods. It is spread over the names:
 * those that follow each other are often of one site, author or month, and a domain is more than that.
 */
import { readdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { InputError, systemErrorCode } from '../../src/common/errors.ts';

const HELDOUT_BYTES = 250_000;
/** Nearly every experiment trains on all of the sample too. */
const TRAINING_BYTES = 500_000;
const VALIDATION_SHARE = 0.1;
/** For the document. */
export const SAMPLE_IN_WORDS = `of a domain with \`train\` and \`test\` inside, files spread over the names: ${TRAINING_BYTES / 1000} kB of the one and ${HELDOUT_BYTES / 1000} kB of the other, or little more`;
/** Multiples of it, less their whole parts, are spread evenly however many are taken. */
const GOLDEN_RATIO = (1 + Math.sqrt(5)) / 2;

/** A domain as it stands in an experiment file. */
export interface DomainText {
  readonly name: string;
  readonly sources: readonly object[];
  readonly split?: { readonly validation: number; readonly heldout: number };
}

export interface DomainFolder {
  readonly name: string;
  /** What nearly all experiments train on. */
  readonly sample: DomainText;
  /** All files of `train`; validated and held-out text is as much as with the sample. */
  readonly whole: DomainText;
}

/** Throws `InputError` when the path is not there. */
export async function domainFolder(path: string): Promise<DomainFolder> {
  const root = resolve(path);
  const name = basename(root);
  const inside = await foldersIn(root);
  if (!inside.includes('train') || !inside.includes('test')) {
    const text = { name, sources: [{ path: root }] };
    return { name, sample: text, whole: text };
  }
  const [train, test] = [join(root, 'train'), join(root, 'test')];
  const heldout = {
    path: test,
    label: 'held-out',
    include: patterns(spread(await filesIn(test), HELDOUT_BYTES)),
  };
  const all = await filesIn(train);
  if (all.length === 0) throw new InputError(`There is no file in ${train}.`, 'Put the training text there.');
  const sampled = spread(all, TRAINING_BYTES);
  const validation = (VALIDATION_SHARE * bytesOf(sampled)) / bytesOf(all);
  return {
    name,
    sample: {
      name,
      sources: [{ path: train, include: patterns(sampled) }, heldout],
      split: { validation: VALIDATION_SHARE, heldout: 0 },
    },
    whole: {
      name,
      sources: [{ path: train, include: patterns(all) }, heldout],
      split: { validation, heldout: 0 },
    },
  };
}

async function foldersIn(path: string): Promise<string[]> {
  try {
    const facts = await stat(path);
    if (!facts.isDirectory()) return [];
    const entries = await readdir(path, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw error;
    throw new InputError(`There is no ${path}.`, 'Give the path of a folder or file of text.', error);
  }
}

export interface SizedFile {
  readonly name: string;
  readonly bytes: number;
}

/** Sorted by name. */
async function filesIn(folder: string): Promise<readonly SizedFile[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => ({ name, bytes: (await stat(join(folder, name))).size })),
  );
}

/** Files from everywhere in the list that together have so many bytes, or all there are; in the list's order. */
export function spread(files: readonly SizedFile[], bytes: number): readonly SizedFile[] {
  const place = (i: number): number => (i * GOLDEN_RATIO) % 1;
  const order = files.map((_, i) => i).sort((a, b) => place(a) - place(b));
  const taken = new Set<SizedFile>();
  for (const i of order) {
    if (bytesOf([...taken]) >= bytes) break;
    taken.add(files[i]);
  }
  return files.filter((file) => taken.has(file));
}

function bytesOf(files: readonly SizedFile[]): number {
  return files.reduce((sum, file) => sum + file.bytes, 0);
}

function patterns(files: readonly SizedFile[]): readonly string[] {
  return files.map(({ name }) => `/${name.replace(/[\\*?[\]{}!# ]/g, '\\$&')}`);
}
