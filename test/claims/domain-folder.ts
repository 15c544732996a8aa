/**
 * The text of a domain as an experiment file names it. A folder with `train` and `test` inside holds out the files of
 * `test` and nothing else; any other path is divided as an experiment does it. Training and evaluating are repeated for
 * every point of the grid, so only the first files of each are used: the same for all methods.
 */
import { readdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { InputError, systemErrorCode } from '../../src/common/errors.ts';

const HELDOUT_BYTES = 250_000;
/** Every experiment trains on all in-domain text too: about half a token a parameter, the most of the paper. */
const TRAINING_BYTES = 500_000;
const VALIDATION_SHARE = 0.1;

/** A domain as it stands in an experiment file. */
export interface DomainText {
  readonly name: string;
  readonly sources: readonly object[];
  readonly split?: { readonly validation: number; readonly heldout: number };
}

/** Throws `InputError` when the path is not there. */
export async function domainText(path: string): Promise<DomainText> {
  const root = resolve(path);
  const name = basename(root);
  const inside = await foldersIn(root);
  if (!inside.includes('train') || !inside.includes('test')) return { name, sources: [{ path: root }] };
  const [train, test] = [join(root, 'train'), join(root, 'test')];
  const include = await firstFiles(test, HELDOUT_BYTES);
  return {
    name,
    sources: [
      { path: train, include: await firstFiles(train, TRAINING_BYTES) },
      { path: test, label: 'held-out', include },
    ],
    split: { validation: VALIDATION_SHARE, heldout: 0 },
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

/** Patterns for the first files by name that together have so many bytes, or all there are. */
async function firstFiles(folder: string, bytes: number): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
  const patterns: string[] = [];
  let sum = 0;
  for (const name of names.sort()) {
    if (sum >= bytes) break;
    sum += (await stat(join(folder, name))).size;
    patterns.push(`/${name.replace(/[\\*?[\]!# ]/g, '\\$&')}`);
  }
  return patterns;
}
