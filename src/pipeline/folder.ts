/** Whole folders: what is in them, how large they are, their checksums, and making sure that they are on the disk. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { basename, dirname, join, posix, resolve } from 'node:path';
import { GraphError, InputError, ResourceError, systemErrorCode } from '../common/errors.ts';
import { explainWriteError } from '../common/files.ts';
import { answers } from './owner.ts';

export interface FolderContents {
  /** Relative, with `/`, sorted. */
  readonly files: readonly string[];
  readonly folders: readonly string[];
}

/** All files and folders below a folder. Throws GraphError for links and devices: an artifact holds its own bytes. */
export async function listFolder(folder: string): Promise<FolderContents> {
  const files: string[] = [];
  const folders: string[] = [];
  const visit = async (relative: string): Promise<void> => {
    for (const entry of await readdir(join(folder, relative), { withFileTypes: true })) {
      const path = posix.join(relative, entry.name);
      if (entry.isDirectory()) {
        folders.push(path);
        await visit(path);
      } else if (entry.isFile()) {
        files.push(path);
      } else {
        throw new GraphError(`${join(folder, path)} is a link or a device.`, 'A stage may leave only files.');
      }
    }
  };
  await visit('');
  return { files: files.sort(), folders };
}

/** Names of the entries of a folder; none when there is no such folder. */
export async function entriesIfThere(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

/** Bytes in all files below a path; 0 when it is gone, as another process may remove while this one counts. */
export async function measureBytes(path: string): Promise<number> {
  try {
    const facts = await stat(path);
    if (!facts.isDirectory()) return facts.size;
    let total = 0;
    for (const name of await readdir(path)) total += await measureBytes(join(path, name));
    return total;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return 0;
    throw error;
  }
}

/** SHA-256 of a file of any size, read in pieces. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(piece);
  return hash.digest('hex');
}

/** Flushes a file to the disk. */
export async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Flushes the entries of a folder to the disk; Windows has no such call and does it by itself. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/**
 * Makes a folder whole or not at all: `fill` writes into one beside it, which then takes its place. Throws InputError when
 * something is there already, an empty folder excepted, ResourceError when the disk refuses.
 */
export async function makeFolder(target: string, fill: (folder: string) => Promise<void>): Promise<void> {
  const place = resolve(target);
  if (!(await isFree(place))) throw new InputError(`${target} is there already.`, 'Choose another name.');
  const temporary = join(dirname(place), `.${basename(place)}.${process.pid}.tmp`);
  try {
    await removeUnfinished(place);
    await mkdir(temporary, { recursive: true });
    await fill(temporary);
    const { files, folders } = await listFolder(temporary);
    for (const file of files) await syncFile(join(temporary, file));
    for (const folder of ['', ...folders]) await syncFolder(join(temporary, folder));
    await rmdir(place).catch(() => undefined);
    await rename(temporary, place);
    await syncFolder(dirname(place));
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    // A file's own refusal names a file that nobody asked for.
    const isOfFile = error instanceof ResourceError && error.cause !== undefined;
    throw explainWriteError(isOfFile ? error.cause : error, target);
  }
}

/** What processes left that were killed while they made a folder here. */
async function removeUnfinished(place: string): Promise<void> {
  const [parent, prefix] = [dirname(place), `.${basename(place)}.`];
  for (const name of await entriesIfThere(parent)) {
    const pid = name.startsWith(prefix) && /^(\d+)\.tmp$/.exec(name.slice(prefix.length))?.[1];
    if (!pid || (Number(pid) !== process.pid && answers(Number(pid)))) continue;
    await rm(join(parent, name), { recursive: true, force: true });
  }
}

async function isFree(path: string): Promise<boolean> {
  try {
    return (await readdir(path)).length === 0;
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'ENOTDIR') return false;
    if (code === 'ENOENT') return true;
    throw explainWriteError(error, path);
  }
}
